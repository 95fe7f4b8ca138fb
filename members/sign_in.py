"""How people sign in: with the address HR has on file. Nobody signs up or changes it by themselves."""

from datetime import timedelta

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.signals import password_reset
from allauth.account.utils import user_pk_to_url_str
from allauth.core.internal import ratelimit
from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members import address_change, kinds, known_devices, mail, outbox, second_factor
from members.models import Message, User

RESET_KIND = "password_reset"
RESET_LIFETIME = timedelta(hours=1)
NOBODY = 0  # no person's key


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request):
        return False

    def get_logout_redirect_url(self, request):
        """Who came by single sign-on is told that they may still be signed in there."""
        return reverse("sso_signed_out" if second_factor.came_by_single_sign_on(request) else "account_login")

    def _get_login_attempts_cache_key(self, request, **credentials):
        """Failures count per address and place, so that nobody elsewhere can keep a person out by guessing."""
        return f"{super()._get_login_attempts_cache_key(request, **credentials)}:{self.get_client_ip(request)}"

    def pre_authenticate(self, request, **credentials):
        """A browser the person has signed in from has tries of its own, which no guesses of others use up."""
        device = known_devices.recognise(request, credentials.get("email", ""))
        if not device:
            return super().pre_authenticate(request, **credentials)
        self._login_failed_rl_usage = ratelimit.consume(
            request, app="allauth.account", action="login_failed_known", key=device
        )
        if not self._login_failed_rl_usage:
            raise self.validation_error("too_many_login_attempts")


class Backend(AuthenticationBackend):
    """Reads who asks together with their roles, anew for each request: nothing of it is kept for the next."""

    def get_user(self, user_id):
        user = User.objects.find_with_standing(user_id)
        return user if user and self.user_can_authenticate(user) else None


def queue_reset(user: User | None, now) -> None:
    """Queue the mail. Its key is made when it is sent, so neither the outbox nor a backup of it holds one.

    For nobody, and while a new address waits, the same work is done and undone: how long the answer takes does not
    tell whether an address is known.
    """
    key = user.pk if user else NOBODY
    with transaction.atomic():
        earlier = Message.objects.filter(kind=RESET_KIND, subject_id=key).aggregate(last=Max("sequence"))["last"]
        outbox.enqueue(
            RESET_KIND,
            subject_id=key,
            recipients=[key],
            sequence=(earlier or 0) + 1,
            now=now,
            priority=Message.Priority.URGENT,
            useless_after=now + RESET_LIFETIME,
        )
        is_undone = address_change.is_waiting(key, now) or user is None
        transaction.set_rollback(is_undone)
    if is_undone:
        outbox.nudge()


def forgive(sender, request, user, **_kwargs) -> None:
    """Who has proved to be the owner by a new password starts with all tries left."""
    AccountAdapter(request)._delete_login_attempts_cached_email(request, email=user.email)


password_reset.connect(forgive, dispatch_uid="members.sign_in.forgive")


def build_reset(message: Message, now) -> mail.Mail:
    user = message.recipient
    if address_change.is_waiting(user.pk, now):  # asked for at the old address, which it would not be sent to
        raise kinds.Suppress("address just changed")
    key = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    url = reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})
    return mail.render_mail("members/email/password_reset", {"button_url": settings.SITE_URL + url}, recipient=user)


def register() -> None:
    kinds.register(RESET_KIND, build=build_reset, label=_("Ny adgangskode"))
    kinds.explain({"address just changed": _("E-mailen er lige ændret")})
