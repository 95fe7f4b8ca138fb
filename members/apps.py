from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = _("Personer")

    def ready(self):
        from members import (  # noqa: F401  (two register system checks)
            address_change,
            checks,
            digest,
            encryption,
            roles,
            sign_in,
        )

        sign_in.register()
        address_change.register()
        digest.register()
        roles.register()
