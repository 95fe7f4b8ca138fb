"""Forms of a feedback round: planning one, and answering one."""

from datetime import datetime, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from meetings import questions
from members.danish import today
from members.fields import DanishDateField, PlainTextField


class PlanRoundForm(forms.Form):
    opens_on = DanishDateField(
        label=_("Åbner den"), help_text=_("Kl. 08.00. Vælger du i dag, åbner runden inden for et minut.")
    )
    closes_on = DanishDateField(label=_("Lukker den"), help_text=_("Kl. 16.00. En til to uger passer de fleste."))

    def __init__(self, *args, now: datetime, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["opens_on"].initial = today(now) + timedelta(days=1)
        self.fields["closes_on"].initial = today(now) + timedelta(days=11)


class AnswerForm(forms.Form):
    """One field per question. Everything may be left out, so that nobody has to make up an opinion."""

    def __init__(self, *args, sections: list[questions.Section], **kwargs):
        super().__init__(*args, **kwargs)
        self.asked = sections
        for section in sections:
            for question in section.questions:
                self.fields[question.key] = _field(question)

    def sections(self):
        """The questions with their fields, as the page lays them out."""
        return [(section, [(question, self[question.key]) for question in section.questions]) for section in self.asked]

    def clean(self):
        answers = super().clean()
        if not self.errors and not any(answers.values()):
            raise forms.ValidationError(_("Svar på mindst ét spørgsmål, før du sender."), code="empty")
        return answers


def _field(question: questions.Question) -> forms.Field:
    if question.is_open:
        return PlainTextField(
            label=question.text,
            required=False,
            max_length=questions.COMMENT_LENGTH,
            widget=forms.Textarea(attrs={"rows": 4}),
        )
    return forms.TypedChoiceField(
        label=question.text,
        required=False,
        choices=[*questions.SCALE.items(), (questions.NO_OPINION, _("Ved ikke"))],
        coerce=int,
        empty_value=None,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("Vælg et tal fra 1 til 5 eller Ved ikke.")},
    )
