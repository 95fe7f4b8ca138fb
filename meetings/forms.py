"""What people type about plans and meetings."""

from datetime import datetime, timedelta

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Field, Fieldset, Layout
from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from meetings import planning, remarks
from meetings.days import Days
from meetings.models import Meeting, Rsvp
from members.danish import WallTimeError, compact_date, today, wall_to_utc
from members.fields import AskedField, DanishDateField, DanishTimeField, LinkField, PlainCharField, WholeNumberField
from networks.conflicts import SeenMixin
from networks.models import Network

WEEKDAYS = (_("Mandag"), _("Tirsdag"), _("Onsdag"), _("Torsdag"), _("Fredag"), _("Lørdag"), _("Søndag"))


def _layout(*parts) -> FormHelper:
    """How the fields stand within the template's own form."""
    helper = FormHelper()
    helper.form_tag, helper.disable_csrf = False, True
    helper.layout = Layout(*parts)
    return helper


DURATIONS = (
    (60, _("1 time")),
    (90, _("1½ time")),
    (120, _("2 timer")),
    (150, _("2½ time")),
    (180, _("3 timer")),
    (240, _("4 timer")),
    (420, _("7 timer")),
)


class WallTimeForm(forms.Form):
    """A day, from and to: times that a clock in Copenhagen shows exactly once, and that have not passed."""

    date_field = "date"

    def __init__(self, *args, now: datetime, **kwargs):
        self.now = now
        super().__init__(*args, **kwargs)

    def clean(self):
        cleaned = super().clean()
        day, start, end = (cleaned.get(name) for name in (self.date_field, "start_time", "end_time"))
        if start and end and end <= start:
            self.add_error("end_time", _("Mødet skal slutte, efter at det er begyndt."))
        if day:
            self._check_day(day)
            self._check_clock(day, start, end)
        return cleaned

    def _check_day(self, day):
        first = today(self.now)
        last = first.replace(year=first.year + planning.MAX_YEARS_AHEAD, day=min(first.day, 28))
        if day < first:
            self.add_error(self.date_field, _("Datoen er passeret. Vælg en dag fra i dag og frem."))
        elif day > last:
            self.add_error(self.date_field, _("Vælg en dato senest %(date)s.") % {"date": compact_date(last)})

    def _check_clock(self, day, start, end):
        for name, clock in (("start_time", start), ("end_time", end)):
            if clock is None:
                continue
            try:
                moment = wall_to_utc(day, clock)
            except WallTimeError as error:
                self.add_error(name, str(error))
            else:
                if name == "start_time" and day == today(self.now) and moment <= self.now:
                    self.add_error(name, _("Tidspunktet er passeret. Vælg et senere."))


# --- The plan --------------------------------------------------------------------------------------------------------


class SeasonForm(WallTimeForm):
    """The rhythm of a season; cleaned into the dates it gives."""

    date_field = "first_date"

    name = PlainCharField(
        label=_("Sæsonens navn"),
        max_length=100,
        help_text=_("Fx Forår 2027"),
        widget=forms.TextInput(attrs={"class": "input-width-l"}),
    )
    first_date = DanishDateField(label=_("Første møde"), help_text=_("Fx 4.3.2027"))
    start_time = DanishTimeField(label=_("Fra kl."), help_text=_("Fx 13.00"))
    end_time = DanishTimeField(label=_("Til kl."), required=False, help_text=_("Fx 15.00"))
    duration = forms.TypedChoiceField(
        label=_("Eller varighed"),
        help_text=_("I stedet for sluttid"),
        choices=[("", _("Vælg")), *DURATIONS],
        coerce=int,
        empty_value=None,
        required=False,
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Ugedage"),
        choices=list(enumerate(WEEKDAYS)),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Vælger du ingen, bliver det samme ugedag som det første møde."),
    )
    interval_weeks = WholeNumberField(
        label=_("Antal uger mellem møderne"),
        min_value=1,
        max_value=planning.MAX_INTERVAL,
        initial=4,
        help_text=_("1 er hver uge, 4 er hver fjerde uge."),
    )
    number_of_meetings = WholeNumberField(
        label=_("Antal møder"),
        required=False,
        min_value=1,
        max_value=planning.MAX_MEETINGS,
    )
    last_date = DanishDateField(label=_("Eller slutdato"), required=False)
    place = PlainCharField(
        label=_("Sted"),
        required=False,
        help_text=_("Du kan give hvert møde sit eget sted bagefter."),
        widget=forms.TextInput(attrs={"class": "input-width-xl"}),
    )
    link = LinkField(
        label=_("Link til onlinemøde"),
        required=False,
        max_length=500,
        help_text=_("Kun netværkets medlemmer kan se linket."),
        widget=forms.URLInput(attrs={"class": "input-width-xl"}),
    )

    def __init__(self, *args, network: Network | None = None, **kwargs):
        super().__init__(*args, **kwargs)
        self.network = network
        self.helper = _layout(
            "name",
            Fieldset(
                _("Hvornår"),
                Div("first_date", "start_time", "end_time", "duration", css_class="field-row"),
                Field("weekdays", wrapper_class="choices-in-row"),
                "interval_weeks",
            ),
            Fieldset(
                _("Hvor længe"),
                HTML('<p class="form-hint">{}</p>'.format(_("Udfyld det ene af de to felter."))),
                Div("number_of_meetings", "last_date", css_class="field-row"),
            ),
            Fieldset(_("Hvor"), "place", "link"),
        )

    def clean(self):
        self._settle_end()
        cleaned = super().clean()
        first, last, number = (cleaned.get(name) for name in ("first_date", "last_date", "number_of_meetings"))
        if "number_of_meetings" in self.errors or "last_date" in self.errors:
            return cleaned
        if bool(number) == bool(last):
            self.add_error(
                "number_of_meetings",
                _("Udfyld enten antal møder eller slutdato, ikke begge dele.")
                if number
                else _("Skriv, hvor mange møder I skal holde, eller vælg en slutdato."),
            )
        if not self.errors:
            self._propose(first, last, number)
        return cleaned

    def _settle_end(self):
        """From how long it lasts to when it ends."""
        start, end, minutes = (self.cleaned_data.get(name) for name in ("start_time", "end_time", "duration"))
        if "end_time" in self.errors or "duration" in self.errors:
            return
        if not (end or minutes):
            self.add_error("end_time", _("Skriv, hvornår mødet slutter, eller vælg en varighed."))
        elif minutes and start:
            ends = datetime.combine(datetime.min, start) + timedelta(minutes=minutes)
            if end and end != ends.time():
                self.add_error("end_time", _("Sluttidspunkt og varighed passer ikke sammen. Udfyld kun det ene."))
            elif ends.date() != datetime.min.date():
                self.add_error("duration", _("Mødet skal slutte samme dag, som det begynder."))
            else:
                self.cleaned_data["end_time"] = ends.time()

    def _propose(self, first, last, number):
        self.cleaned_data["weekdays"] = sorted(self.cleaned_data["weekdays"]) or [first.weekday()]
        dates = planning.kept(
            planning.propose(
                first,
                self.cleaned_data["weekdays"],
                self.cleaned_data["interval_weeks"],
                number_of_meetings=number,
                last_date=last,
                days=Days(first, last, network=self.network),
            )
        )
        if not dates:
            self.add_error("last_date", _("Der er ingen møder før slutdatoen. Vælg en senere dato."))
        elif len(dates) > planning.MAX_MEETINGS:
            self.add_error(
                "last_date",
                _("Det giver over %(limit)d møder. Vælg en tidligere slutdato.") % {"limit": planning.MAX_MEETINGS},
            )
        self._check_all(dates)
        self.cleaned_data["dates"] = dates

    def _check_all(self, dates):
        for day in dates:
            for name in ("start_time", "end_time"):
                try:
                    wall_to_utc(day, self.cleaned_data[name])
                except WallTimeError as error:
                    self.add_error(name, str(error))
                    return

    @property
    def season(self) -> dict:
        """What `planning.create_draft` and `planning.redraw` take."""
        names = (
            "name",
            "first_date",
            "weekdays",
            "interval_weeks",
            "start_time",
            "end_time",
            "place",
            "link",
            "last_date",
            "dates",
        )
        return {name: self.cleaned_data[name] for name in names}


class DraftRowForm(WallTimeForm):
    """One date of a draft. The last row is empty: given a date, it is one more meeting as the plan has it."""

    meeting = WholeNumberField(required=False, widget=forms.HiddenInput)
    date = DanishDateField(label=_("Dato"))
    start_time = DanishTimeField(label=_("Fra kl."), required=False)
    end_time = DanishTimeField(label=_("Til kl."), required=False)
    place = PlainCharField(label=_("Sted"), required=False)
    remove = forms.BooleanField(label=_("Fjern"), required=False)

    def __init__(self, *args, plan, days, clashes, **kwargs):
        super().__init__(*args, **kwargs)
        self.plan = plan
        for name, width in (("date", "s"), ("start_time", "xs"), ("end_time", "xs"), ("place", "l")):
            self.fields[name].widget.attrs["class"] = f"form-input input-width-{width}"
        self.fields["remove"].widget.attrs["class"] = "form-checkbox"
        day = self.initial.get("date")
        self.marks = days.marks(day) if day else []
        self.clashes = self._busy(clashes, day) if day else []
        for bound in self.visible_fields():
            bound.field.widget.attrs["aria-label"] = self._spoken(bound.label, day)

    def _busy(self, clashes, day):
        return clashes.busy(day, self.initial.get("start_time"), self.initial.get("end_time")).words

    def _spoken(self, label, day):
        """What a field is called when it is heard without its row."""
        if day is None:
            return _("%(field)s, ny dato") % {"field": label}
        return _("%(field)s, mødet %(date)s") % {"field": label, "date": compact_date(day)}

    def clean(self):
        if self.cleaned_data.get("remove"):
            self._errors.clear()
            return {**dict.fromkeys(self.fields), **self.cleaned_data}
        names = ("start_time", "end_time") if self.initial else ("start_time", "end_time", "place")
        for name in names:
            if name not in self.errors and not self.cleaned_data[name]:
                self.cleaned_data[name] = getattr(self.plan, name)
        return super().clean()


class _DraftFormSet(forms.BaseFormSet):
    def clean(self):
        seen = set()
        for form in self.forms:
            row = form.cleaned_data if form.is_valid() else {}
            if not row or row["remove"]:
                continue
            start = (row["date"], row["start_time"])
            if start in seen:
                form.add_error("date", _("Der er allerede et møde på det tidspunkt."))
            seen.add(start)

    @property
    def rows(self) -> list[dict]:
        """What `planning.adjust` takes; an empty last row is not a row."""
        return [form.cleaned_data for form in self.forms if form.cleaned_data]


DraftFormSet = forms.formset_factory(
    DraftRowForm,
    formset=_DraftFormSet,
    extra=1,
    max_num=planning.MAX_MEETINGS + 1,
    absolute_max=planning.MAX_MEETINGS + 1,
    validate_max=True,
)


# --- One meeting -----------------------------------------------------------------------------------------------------


class ReplyForm(forms.Form):
    """The two buttons."""

    answer = forms.TypedChoiceField(
        choices=[(answer, answer.label) for answer in (Rsvp.Answer.ACCEPTED, Rsvp.Answer.DECLINED)], coerce=Rsvp.Answer
    )
    seen_sequence = WholeNumberField(required=False)


def _reason(*, required=False):
    return PlainCharField(
        label=_("Begrundelse"),
        required=required,
        help_text=_("Står i mødets historik. Den bliver ikke sendt med mailen."),
        widget=forms.TextInput(attrs={"class": "input-width-xl"}),
    )


class MoveForm(WallTimeForm):
    date = DanishDateField(label=_("Ny dato"))
    start_time = DanishTimeField(label=_("Fra kl."))
    end_time = DanishTimeField(label=_("Til kl."))
    reason = _reason(required=True)
    seen_sequence = WholeNumberField(widget=forms.HiddenInput)

    def __init__(self, *args, meeting: Meeting, **kwargs):
        super().__init__(*args, **kwargs)
        self.meeting = meeting
        self.helper = _layout(Div("date", "start_time", "end_time", css_class="field-row"), "reason", "seen_sequence")

    @cached_property
    def unheard(self) -> remarks.Remarked | None:
        """What speaks against a time that has been typed whole, unless its reader knows and chose it all the same."""
        if not self.is_valid():
            return None
        typed = tuple(self.cleaned_data[name] for name in ("date", "start_time", "end_time"))
        said = next(iter(remarks.found(self.meeting.network, [typed], apart_from=self.meeting)), None)
        return said if said and self.data.get("despite") != said.key else None


class PlaceForm(forms.Form):
    place = PlainCharField(label=_("Sted"), required=False, widget=forms.TextInput(attrs={"class": "input-width-xl"}))
    link = LinkField(
        label=_("Link til onlinemøde"),
        required=False,
        max_length=500,
        help_text=_("Kun netværkets medlemmer kan se linket."),
        widget=forms.URLInput(attrs={"class": "input-width-xl"}),
    )
    reason = _reason()
    seen_sequence = WholeNumberField(widget=forms.HiddenInput)


class PostponeForm(forms.Form):
    reason = _reason(required=True)
    seen_sequence = WholeNumberField(widget=forms.HiddenInput)


class CancelForm(forms.Form):
    reason = _reason()


class ThemeForm(SeenMixin, forms.Form):
    """The theme, with the one its reader had before them: it has no version of its own."""

    theme = PlainCharField(
        label=_("Mødetema"),
        required=False,
        help_text=_("Hvad vil I bruge mødet på?"),
        widget=forms.TextInput(attrs={"class": "input-width-xl"}),
    )
    seen = AskedField(required=False, widget=forms.HiddenInput)


class AttendanceForm(forms.Form):
    """One tick per person who was expected."""

    present = forms.TypedMultipleChoiceField(
        label=_("Hvem deltog?"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Vælg mindst én. Blev mødet ikke holdt, så aflys det i stedet.")},
    )

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["present"].choices = [(person.pk, person.get_full_name()) for person in people]
