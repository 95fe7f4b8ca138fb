from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = _("Personer")

    def ready(self):
        from members import checks, digest, encryption, roles, sign_in  # noqa: F401  (two register system checks)

        sign_in.register()
        digest.register()
        roles.register()
