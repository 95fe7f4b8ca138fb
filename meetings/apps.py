from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MeetingsConfig(AppConfig):
    name = "meetings"
    verbose_name = _("Møder")

    def ready(self):
        from meetings import agenda, date_poll_email, email, listeners, reply_mailbox
        from members import watches
        from networks import readiness

        email.register()
        date_poll_email.register()
        listeners.connect()
        watches.register(reply_mailbox.watch)
        readiness.OPENINGS.append(agenda.opening_of)
