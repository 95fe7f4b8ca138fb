"""What a coordinator chooses for the group: when its members are reminded."""

from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from meetings.models import ReminderChoice

DAYS = (28, 14, 10, 7, 3, 2, 1, 0)


def _before(days: int) -> str:
    if days and days % 7 == 0:
        return ngettext("%(number)d uge før", "%(number)d uger før", days // 7) % {"number": days // 7}
    return ngettext("%(number)d dag før", "%(number)d dage før", days) % {"number": days}


_lazily = lazy(_before, str)


class ReminderForm(forms.Form):
    days = forms.TypedMultipleChoiceField(
        label=_("Husk mødet"),
        help_text=_("Sendes til dem, der har sagt ja. De, der har meldt afbud, får intet."),
        coerce=int,
        required=False,
        choices=[(days, _lazily(days) if days else _("Om morgenen på dagen")) for days in DAYS],
        widget=forms.CheckboxSelectMultiple,
    )
    answer_days = forms.TypedMultipleChoiceField(
        label=_("Svar venligst"),
        help_text=_("Sendes kun til dem, der ikke har svaret på indkaldelsen."),
        coerce=int,
        required=False,
        choices=[(days, _lazily(days)) for days in DAYS if days],
        widget=forms.CheckboxSelectMultiple,
    )
    is_required = forms.BooleanField(
        label=ReminderChoice._meta.get_field("is_required").verbose_name,
        help_text=ReminderChoice._meta.get_field("is_required").help_text,
        required=False,
    )
