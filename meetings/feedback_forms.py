"""Forms of a feedback round: planning one, and answering one."""

from datetime import datetime, timedelta

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from meetings import feedback, feedback_schedule, questions
from meetings.models import FeedbackRound, FeedbackSchedule, Meeting, TopicKind
from members.danish import full_date, today
from members.fields import DanishDateField, PlainCharField, PlainTextField, WholeNumberField


class PlanRoundForm(forms.Form):
    kind = forms.ChoiceField(
        label=_("Hvad vil I spørge om?"),
        choices=[
            (kind, FeedbackRound.Kind(kind).label)
            for kind in (FeedbackRound.Kind.NETWORK_PULSE, FeedbackRound.Kind.SEASON_REVIEW)
        ],
        initial=FeedbackRound.Kind.NETWORK_PULSE,
        help_text=_(
            "Netværkspulsen spørger, hvordan I har det sammen. "
            "Sæsonevalueringen ser på hele året: formål, mål og gevinster."
        ),
    )
    opens_on = DanishDateField(
        label=_("Åbner den"), help_text=_("Kl. 08.00. Vælger du i dag, åbner runden inden for et minut.")
    )
    closes_on = DanishDateField(label=_("Lukker den"), help_text=_("Kl. 16.00. En til to uger passer de fleste."))

    def __init__(self, *args, now: datetime, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["opens_on"].initial = today(now) + timedelta(days=1)
        self.fields["closes_on"].initial = today(now) + timedelta(days=11)


class ExtendRoundForm(forms.Form):
    closes_on = DanishDateField(label=_("Ny frist"), help_text=_("Kl. 16.00. Fristen kan kun blive længere."))


class ScheduleForm(forms.ModelForm):
    """How often the group asks itself, and what it asks besides the standard questions."""

    next_on = DanishDateField(
        label=_("Første runde åbner den"),
        required=False,
        help_text=_(
            "Når I har valgt hvert kvartal, hvert halve år eller hvert år. Derefter følger resten af sig selv."
        ),
    )
    every_nth = forms.TypedChoiceField(
        label=_("Efter hvor mange møder"),
        choices=[(1, _("Efter hvert møde"))]
        + [(number, format_lazy(_("Efter hvert {number}. møde"), number=number)) for number in range(2, 7)],
        coerce=int,
        help_text=_("Når I har valgt “Efter møder”. Mødepulsen er tre spørgsmål og lukker før næste møde."),
    )
    length_days = WholeNumberField(
        label=_("Antal dage, en runde er åben"),
        min_value=feedback.SHORTEST_DAYS,
        max_value=30,
        widget=forms.NumberInput(attrs={"class": "input-width-xs"}),
        help_text=_("Mellem 2 og 30 dage. En til to uger passer de fleste."),
    )
    opening_hour = forms.TypedChoiceField(
        label=_("Åbner kl."), choices=[(hour, f"{hour:02}.00") for hour in range(6, 21)], coerce=int
    )

    class Meta:
        model = FeedbackSchedule
        fields = ("cadence", "next_on", "every_nth", "length_days", "opening_hour", "pauses_in_holidays")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["next_on"].is_conditional = True  # needed, but by the calendar's cadences alone
        own = self.instance.own_questions or []
        for number in range(questions.MOST_OWN):
            self.fields[f"own_{number + 1}"] = PlainCharField(
                label=format_lazy(_("Jeres eget udsagn {number}"), number=number + 1),
                required=False,
                max_length=questions.OWN_LENGTH,
                initial=own[number] if number < len(own) else "",
                widget=forms.TextInput(attrs={"class": "input-width-xl"}),
            )

    def settings_fields(self):
        return [self[name] for name in self.Meta.fields]

    def own_fields(self):
        return [self[f"own_{number + 1}"] for number in range(questions.MOST_OWN)]

    def clean(self):
        values = super().clean()
        if values.get("cadence") in feedback_schedule.MONTHS and not values.get("next_on") and not self.errors:
            self.add_error("next_on", _("Skriv, hvornår den første runde skal åbne."))
        values["own_questions"] = [values.pop(f"own_{number + 1}", "") for number in range(questions.MOST_OWN)]
        return values


class SummaryForm(forms.Form):
    text = PlainTextField(
        label=_("Hvad er I kommet frem til?"), max_length=4000, widget=forms.Textarea(attrs={"rows": 10})
    )


class MeetingChoice(forms.ModelChoiceField):
    def label_from_instance(self, meeting):
        return full_date(meeting.starts_at)


class ThemeForm(forms.Form):
    meeting = MeetingChoice(label=_("Til hvilket møde?"), queryset=Meeting.objects.none(), empty_label=None)
    kind = forms.ChoiceField(
        label=_("Hvad bringer du?"),
        choices=TopicKind.choices,
        widget=forms.RadioSelect,
        initial=TopicKind.EXPERIENCE,
        help_text=_("En erfaring, du har gjort dig, en værdi, du står på, eller en holdning, du vil have prøvet af."),
    )
    theme = PlainTextField(
        label=_("Tema"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Fortæl det, de andre skal vide for at kunne svare."),
    )
    question = PlainTextField(
        label=_("Dit spørgsmål til de andre"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args, meetings, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["meeting"].queryset = meetings


class ThemeReplyForm(forms.Form):
    text = PlainTextField(
        label=_("Dit svar"), max_length=questions.COMMENT_LENGTH, widget=forms.Textarea(attrs={"rows": 6})
    )


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
