"""Mails of every kind, as a phone shows them."""

import pytest
from django.db.models import F, Value
from django.db.models.functions import Concat

from members import kinds
from members.models import User
from netvaerk.tests.browser.chromium import NARROW, PHONE
from netvaerk.tests.browser.soundness import broken_words_of, overflow_of
from netvaerk.tests.letters import mails
from networks.models import Network

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("names", ["usual", "long"])
@pytest.mark.parametrize("language", User.Language.values)
def test_every_mail_fits_a_phone_and_breaks_no_word(sit_down, language, names):
    User.objects.update(language=language)
    if names == "long":
        User.objects.update(last_name="Kristoffersen-Vestergaard-Højmark")
        Network.objects.update(name=Concat(Value("Institutionslederforsamlingssamarbejdet for "), F("name")))
    page = sit_down(screen=PHONE)

    faults, built = [], set()
    for message, mail in mails():
        built.add(message.kind)
        page.set_content(mail.html)
        for screen in (PHONE, NARROW):
            page.set_viewport_size(screen)
            wrong = overflow_of(page) + broken_words_of(page)
            faults += [f"{message.kind} at {screen['width']}: {fault}" for fault in wrong]

    assert faults == []
    assert built == set(kinds._kinds)
