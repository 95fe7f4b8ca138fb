from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NetvaerkConfig(AppConfig):
    name = "netvaerk"
    verbose_name = _("Ledernetværk")

    def ready(self):
        from netvaerk import branding, followup_email, reports  # noqa: F401  (the first registers a system check)

        followup_email.register()
        reports.hush_uncaught()
