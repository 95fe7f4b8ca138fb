"""The library's forms for a new password, with the two things they lack: equal work, and one use of a link."""

from allauth.account import forms
from allauth.account.utils import user_pk_to_url_str
from allauth.core.exceptions import ImmediateHttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from members import sign_in
from members.models import User


class ResetForm(forms.ResetPasswordForm):
    def save(self, request, **kwargs):
        for user in self.users or [None]:
            sign_in.queue_reset(user, timezone.now())
        return self.cleaned_data["email"]


class NewPasswordForm(forms.ResetPasswordKeyForm):
    def save(self):
        """Write it if the link's person still is as the link was made for; of many at once, one does."""
        before = self.user.password
        self.user.set_password(self.cleaned_data["password1"])
        unchanged = User.objects.filter(pk=self.user.pk, email=self.user.email, password=before, is_active=True)
        if not unchanged.update(password=self.user.password):
            used = redirect("account_reset_password_from_key", user_pk_to_url_str(self.user), "set-password")
            raise ImmediateHttpResponse(used)
