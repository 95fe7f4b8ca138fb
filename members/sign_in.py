"""How people sign in: with the address HR has on file. Nobody signs up or changes it by themselves."""

from datetime import timedelta

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members import kinds, mail, outbox, second_factor
from members.models import Message

RESET_KIND = "password_reset"
RESET_LIFETIME = timedelta(hours=1)


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request):
        return False

    def get_logout_redirect_url(self, request):
        """Who came by single sign-on is told that they may still be signed in there."""
        return reverse("sso_signed_out" if second_factor.came_by_single_sign_on(request) else "account_login")

    def _get_login_attempts_cache_key(self, request, **credentials):
        """Failures count per address and place, so that nobody elsewhere can keep a person out by guessing."""
        return f"{super()._get_login_attempts_cache_key(request, **credentials)}:{self.get_client_ip(request)}"

    def send_password_reset_mail(self, user, email, context):
        """Queue the mail. The key is made when it is sent, so neither the outbox nor a backup of it holds one."""
        now = timezone.now()
        earlier = Message.objects.filter(kind=RESET_KIND, subject_id=user.pk).aggregate(last=Max("sequence"))["last"]
        outbox.enqueue(
            RESET_KIND,
            subject_id=user.pk,
            recipients=[user],
            sequence=(earlier or 0) + 1,
            now=now,
            priority=Message.Priority.URGENT,
            useless_after=now + RESET_LIFETIME,
        )


def build_reset(message: Message, now) -> mail.Mail:
    user = message.recipient
    key = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    url = reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})
    return mail.render_mail("members/email/password_reset", {"button_url": settings.SITE_URL + url}, recipient=user)


def register() -> None:
    kinds.register(RESET_KIND, build=build_reset, label=_("Ny adgangskode"))
