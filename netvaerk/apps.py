from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NetvaerkConfig(AppConfig):
    name = "netvaerk"
    verbose_name = _("Ledernetværk")

    def ready(self):
        from netvaerk import branding, checks, followup_email  # noqa: F401  (the first two register system checks)

        followup_email.register()
