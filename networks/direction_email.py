"""The mail about a kurs, built from what is true when it is sent."""

from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from members import outbox
from members.danish import today
from members.models import Message
from members.outbox import Mail, Suppress
from networks import subjects
from networks.models import StrategicDirection


def register() -> None:
    outbox.register(
        "direction_review",
        build=direction_review,
        label=_("Kurs, der skal tages op"),
        subjects=subjects.directions,
        may_wait=True,
    )


def direction_review(message: Message, now: datetime) -> Mail:
    direction = StrategicDirection.objects.filter(pk=message.subject_id).first()
    if direction is None or not direction.is_current(today(now)):
        raise Suppress("not in force")
    if direction.owner_id != message.recipient_id and not message.recipient.is_hr:
        raise Suppress("not the owner")
    context = {
        "direction": direction,
        "networks": direction.networks.exclude(state="closed").count(),
        "button_url": settings.SITE_URL + direction.get_absolute_url(),
    }
    return outbox.render_mail("networks/email/direction_review", context, recipient=message.recipient)
