"""What people type about a topic."""

from django import forms
from django.utils.translation import gettext_lazy as _

from meetings.models import Meeting, TopicKind
from members.danish import compact_date
from members.fields import PlainCharField, PlainTextField, WholeNumberField
from networks.conflicts import SeenMixin

KIND_HINTS = {
    TopicKind.EXPERIENCE: _("Erfaring: noget, du har prøvet eller står midt i"),
    TopicKind.VALUE: _("Værdi: noget, der er vigtigt for dig som leder"),
    TopicKind.OPINION: _("Holdning: noget, du mener og gerne vil have prøvet af"),
}


class TopicForm(SeenMixin, forms.Form):
    title = PlainCharField(label=_("Emne"), widget=forms.TextInput(attrs={"class": "input-width-xl"}))
    kind = forms.TypedChoiceField(
        label=_("Hvad er det?"),
        choices=list(KIND_HINTS.items()),
        coerce=TopicKind,
        widget=forms.RadioSelect,
        initial=TopicKind.EXPERIENCE,
    )
    text = PlainTextField(
        label=_("Hvad vil du gerne tale om?"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    seen = WholeNumberField(required=False, widget=forms.HiddenInput)


class NewTopicForm(TopicForm):
    """With the meeting it is meant for, or none yet."""

    meeting = forms.ModelChoiceField(
        label=_("Hvornår?"), queryset=None, required=False, empty_label=_("Når det passer: læg det i puljen")
    )

    field_order = ["title", "kind", "text", "meeting", "seen"]

    def __init__(self, *args, meetings, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["meeting"].queryset = meetings
        self.fields["meeting"].label_from_instance = _day_of


def _day_of(meeting: Meeting) -> str:
    return compact_date(meeting.date)
