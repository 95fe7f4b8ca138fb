from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NetworksConfig(AppConfig):
    name = "networks"
    verbose_name = _("Netværk")

    def ready(self):
        from networks import (
            charter_email,
            consultation_email,
            direction_email,
            email,
            review_email,
            support_email,
            upward_email,
        )
        from networks import listeners as listeners

        email.register()
        consultation_email.register()
        direction_email.register()
        review_email.register()
        charter_email.register()
        support_email.register()
        upward_email.register()
