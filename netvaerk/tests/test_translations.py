"""English is complete and compiled. `.ci/run`, which has gettext, checks that it follows the source texts."""

from pathlib import Path

import polib
import pytest
from django.conf import settings

CATALOGUE = Path(settings.LOCALE_PATHS[0]) / "en" / "LC_MESSAGES" / "django.po"


@pytest.fixture(scope="module")
def catalogue():
    return polib.pofile(str(CATALOGUE))


def test_no_text_lacks_its_english(catalogue):
    assert [entry.msgid for entry in catalogue.untranslated_entries()] == []


def test_no_translation_is_doubtful(catalogue):
    assert [entry.msgid for entry in catalogue.fuzzy_entries()] == []


def test_the_compiled_catalogue_says_the_same(catalogue):
    compiled = polib.mofile(str(CATALOGUE.with_suffix(".mo")))

    assert {(e.msgctxt, e.msgid, e.msgstr, tuple(e.msgstr_plural.items())) for e in compiled} == {
        (e.msgctxt, e.msgid, e.msgstr, tuple(e.msgstr_plural.items())) for e in catalogue if not e.obsolete
    }


def test_translations_keep_the_named_places(catalogue):
    import re

    places = re.compile(r"%\((\w+)\)")
    wrong = []
    for entry in catalogue:
        texts = list(entry.msgstr_plural.values()) or [entry.msgstr]
        wanted = set(places.findall(entry.msgid)) | set(places.findall(entry.msgid_plural or ""))
        wrong += [entry.msgid for text in texts if not set(places.findall(text)) <= wanted]
        if not entry.msgid_plural and set(places.findall(entry.msgstr)) != wanted:
            wrong.append(entry.msgid)

    assert wrong == []
