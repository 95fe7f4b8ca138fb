"""HR edits a set of standard questions."""

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from meetings.question_versions import MOST_ADDED, TEXT_LENGTH
from members.fields import AskedField, PlainCharField
from networks.conflicts import SeenMixin


class QuestionVersionForm(SeenMixin, forms.Form):
    """A wording and a tick per question, some lines for HR's own statements, and what kind of change it is."""

    seen = AskedField(widget=forms.HiddenInput, required=False)
    change = forms.ChoiceField(
        label=_("Hvad har du ændret?"),
        choices=[
            ("wording", _("Kun ordlyden. Resultater kan stadig sammenlignes med de tidligere.")),
            ("meaning", _("Meningen. De ændrede spørgsmål begynder forfra i sammenligningen over tid.")),
        ],
        initial="wording",
        widget=forms.RadioSelect,
    )

    def __init__(self, *args, shipped, current, before, **kwargs):
        super().__init__(*args, **kwargs)
        self.shipped = shipped
        now = {question.key: question.in_danish for question in current.questions}
        left_out = set(before.left_out) if before else set()
        texts = before.texts if before else {}
        self.fields["seen"].initial = current.version
        for question in shipped.questions:
            earlier = texts.get(question.key, {}).get("text", question.in_danish)
            self.fields[f"text_{question.key}"] = PlainCharField(
                label=question.name or _("Åbent spørgsmål"),
                max_length=TEXT_LENGTH,
                initial=now.get(question.key, earlier),
                widget=forms.Textarea(attrs={"rows": 2}),
            )
            self.fields[f"out_{question.key}"] = forms.BooleanField(
                label=_("Stil ikke dette spørgsmål"), required=False, initial=question.key in left_out
            )
        self.kept = [(one["key"], one["text"]) for one in (before.added if before else ())]
        self.kept += [("", "")] * (MOST_ADDED - len(self.kept))
        for number, (_key, text) in enumerate(self.kept, start=1):
            self.fields[f"added_{number}"] = PlainCharField(
                label=format_lazy(_("HR’s eget udsagn {number}"), number=number),
                required=False,
                max_length=TEXT_LENGTH,
                initial=text,
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    def sections(self):
        """For the page: each section with its questions' fields."""
        return [
            (section, [(question, self[f"text_{question.key}"], self[f"out_{question.key}"]) for question in asked])
            for section in self.shipped.sections
            for asked in [section.questions]
        ]

    def added_fields(self):
        return [self[f"added_{number}"] for number in range(1, MOST_ADDED + 1)]

    def answers(self) -> dict:
        said = self.cleaned_data
        return {
            "texts": {question.key: said[f"text_{question.key}"] for question in self.shipped.questions},
            "left_out": [question.key for question in self.shipped.questions if said[f"out_{question.key}"]],
            "added": [(key, said[f"added_{number}"]) for number, (key, _text) in enumerate(self.kept, start=1)],
            "is_rewording": said["change"] == "wording",
            "seen": said["seen"],
        }
