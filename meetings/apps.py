from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MeetingsConfig(AppConfig):
    name = "meetings"
    verbose_name = _("Møder")

    def ready(self):
        from meetings import email, listeners, reply_mailbox
        from members import watches

        email.register()
        listeners.connect()
        watches.register(reply_mailbox.watch)
