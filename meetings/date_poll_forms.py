"""What people type when a new date is to be found."""

from django import forms
from django.utils.translation import gettext_lazy as _

from meetings import date_poll
from meetings.date_poll import Time
from meetings.forms import WallTimeForm
from meetings.models import DateAnswer
from members.danish import compact_date, full_datetime_range, today
from members.fields import DanishDateField, DanishTimeField


class CandidateForm(WallTimeForm):
    """One time to ask about. Without a date the row is not there."""

    date = DanishDateField(label=_("Dato"), required=False)
    start_time = DanishTimeField(label=_("Fra kl."), required=False)
    end_time = DanishTimeField(label=_("Til kl."), required=False)

    def __init__(self, *args, meeting, number=0, **kwargs):
        super().__init__(*args, **kwargs)
        self.meeting = meeting
        for name, width in (("date", "s"), ("start_time", "xs"), ("end_time", "xs")):
            self.fields[name].widget.attrs["class"] = f"form-input input-width-{width}"
            label = self.fields[name].label
            self.fields[name].widget.attrs["aria-label"] = _("%(field)s, tidspunkt %(number)d") % {
                "field": label,
                "number": number,
            }

    def clean(self):
        if not self.cleaned_data.get("date") and "date" not in self.errors:
            self._errors.clear()
            return {}
        for name in ("start_time", "end_time"):
            if name not in self.errors and not self.cleaned_data[name]:
                self.cleaned_data[name] = getattr(self.meeting, name)
        return super().clean()


class _CandidateFormSet(forms.BaseFormSet):
    def get_form_kwargs(self, index):
        return {**super().get_form_kwargs(index), "number": (index or 0) + 1}

    @property
    def times(self) -> list[Time]:
        rows = [form.cleaned_data for form in self.forms if form.cleaned_data.get("date")]
        return sorted(Time(row["date"], row["start_time"], row["end_time"]) for row in rows)

    def clean(self):
        if any(self.errors):
            return
        times = self.times
        if len(times) < date_poll.FEWEST:
            raise forms.ValidationError(_("Vælg mindst to tidspunkter at spørge om."))
        if len({(at.date, at.start_time) for at in times}) < len(times):
            raise forms.ValidationError(_("Det samme tidspunkt står der to gange."))


CandidateFormSet = forms.formset_factory(
    CandidateForm,
    formset=_CandidateFormSet,
    extra=0,
    max_num=date_poll.MOST,
    absolute_max=date_poll.MOST,
    validate_max=True,
)


class DeadlineForm(forms.Form):
    deadline = DanishDateField(
        label=_("Svar senest"), help_text=_("Medlemmer, der ikke har svaret, får en påmindelse dagen før.")
    )

    def __init__(self, *args, now, **kwargs):
        self.now = now
        super().__init__(*args, **kwargs)

    def clean_deadline(self):
        deadline = self.cleaned_data["deadline"]
        if deadline < today(self.now):
            raise forms.ValidationError(_("Svarfristen er passeret. Vælg en dag fra i dag og frem."))
        return deadline

    def check_before(self, times: list[Time]) -> None:
        """The answers must be in before the first of the times."""
        deadline = self.cleaned_data.get("deadline")
        if deadline and times and deadline >= times[0].date:
            self.add_error(
                "deadline",
                _("Svarfristen skal ligge før det første tidspunkt, %(date)s.") % {"date": compact_date(times[0].date)},
            )


class DateAnswerForm(forms.Form):
    """One choice for each time."""

    def __init__(self, *args, columns, **kwargs):
        super().__init__(*args, **kwargs)
        self.columns = columns
        for column in columns:
            candidate = column.candidate
            when = full_datetime_range(candidate.starts_at, candidate.ends_at)
            self.fields[self._name(candidate)] = forms.ChoiceField(
                label=f"{when[0].upper()}{when[1:]}",
                choices=DateAnswer.Answer.choices,
                widget=forms.RadioSelect,
                initial=column.my_answer,
                error_messages={"required": _("Svar på dette tidspunkt.")},
            )

    @staticmethod
    def _name(candidate) -> str:
        return f"tid_{candidate.pk}"

    def rows(self):
        return [(column, self[self._name(column.candidate)]) for column in self.columns]

    @property
    def answers(self) -> dict[int, str]:
        return {column.candidate.pk: self.cleaned_data[self._name(column.candidate)] for column in self.columns}
