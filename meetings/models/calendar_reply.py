"""What became of each mail in the mailbox that calendars answer to."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CalendarReply(models.Model):
    """One mail, so that it is handled once however often it is read. Nothing of who wrote it, or what it said."""

    class Outcome(models.TextChoices):
        RECORDED = "recorded", _("Registreret som svar")
        OUTDATED = "outdated", _("Der er kommet et nyere svar")
        MOVED = "moved", _("Svar på et tidspunkt, mødet er flyttet fra")
        CANCELLED = "cancelled", _("Mødet er aflyst")
        BEGUN = "begun", _("Mødet er begyndt")
        NOT_INVITED = "not_invited", _("Afsenderen er ikke indkaldt")
        FORGED = "forged", _("Afsenderen er en anden end den, der svares for")
        UNKNOWN = "unknown", _("Ukendt møde")
        NOT_A_REPLY = "not_a_reply", _("Kalendermail, der ikke er et svar")
        NO_CALENDAR = "no_calendar", _("Mail uden kalendersvar")
        MALFORMED = "malformed", _("Kan ikke læses")
        TOO_BIG = "too_big", _("For stor")

    message_hash = models.CharField(max_length=64, unique=True, help_text="Keyed, of the mail's Message-ID.")
    outcome = models.CharField(max_length=12, choices=Outcome)
    handled_at = models.DateTimeField(db_index=True)

    def __str__(self):
        return f"{self.outcome} {self.handled_at:%Y-%m-%d}"
