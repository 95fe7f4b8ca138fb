from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NetvaerkConfig(AppConfig):
    name = "netvaerk"
    verbose_name = _("Ledernetværk")

    def ready(self):
        from netvaerk import branding, checks, followup_email, reports  # noqa: F401  (the first two register checks)

        followup_email.register()
        reports.hush_uncaught()
