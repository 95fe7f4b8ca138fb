"""What people type about a meeting's agenda."""

from django import forms
from django.utils.translation import gettext_lazy as _

from meetings import agenda
from meetings.models import AgendaItem, Meeting
from members.fields import PlainCharField, WholeNumberField
from members.models import User
from networks import exercises
from networks.conflicts import SeenMixin


class AgendaItemForm(SeenMixin, forms.Form):
    """A point: what, how long, who, and perhaps an exercise."""

    title = PlainCharField(
        label=_("Hvad handler punktet om?"),
        required=False,
        widget=forms.TextInput(attrs={"class": "input-width-xl"}),
    )
    minutes = WholeNumberField(
        label=_("Minutter"),
        min_value=1,
        max_value=agenda.MOST_MINUTES,
        widget=forms.NumberInput(attrs={"class": "input-width-xs", "inputmode": "numeric"}),
    )
    responsible = forms.ModelChoiceField(
        label=_("Hvem tager sig af det?"), queryset=User.objects.none(), required=False, empty_label=_("Ingen bestemt")
    )
    exercise = forms.ChoiceField(label=_("Øvelse"), required=False)
    seen = WholeNumberField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, meeting: Meeting, item: AgendaItem | None = None, **kwargs):
        self.item = item
        if item is not None:
            kwargs["initial"] = {
                "title": item.heading,
                "minutes": item.minutes,
                "responsible": item.responsible_id,
                "exercise": item.exercise,
                "seen": item.version,
            }
        super().__init__(*args, **kwargs)
        members = meeting.network.memberships.active().values("leader__user")
        self.fields["responsible"].queryset = User.objects.filter(pk__in=members).order_by("sort_text", "pk")
        self.fields["responsible"].label_from_instance = User.get_full_name
        self.fields["exercise"].choices = [("", _("Ingen øvelse")), *exercises.choices()]
        if item is not None and item.topic is not None:
            del self.fields["title"]

    def clean(self):
        cleaned = super().clean()
        title = cleaned.get("title", "")
        if self.item is not None and title == self.item.usual_heading:
            title = ""
        is_nameless = self.item is None or self.item.kind == AgendaItem.Kind.OTHER
        if is_nameless and not title and "title" not in self.errors and not cleaned.get("exercise"):
            self.add_error("title", _("Skriv, hvad punktet handler om, eller vælg en øvelse."))
        cleaned["title"] = title
        return cleaned
