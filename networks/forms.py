"""What people type about kurs and networks. The steps of the strategic basis have step_forms.py."""

from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from members.danish import compact_date, today
from members.fields import DanishDateField, PlainCharField, PlainTextField, RowsField, WholeNumberField
from members.models import Role, User
from networks.conflicts import SeenMixin
from networks.directions import WRITTEN
from networks.models import Network, OrganisationalGain, StrategicDirection


def text_lines(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class GainsField(forms.MultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs):
        super().__init__(choices=OrganisationalGain.choices, label=_("Gevinster for kommunen"), **kwargs)


def people_with_roles(*roles):
    return User.objects.filter(is_active=True, role_assignments__role__in=roles).distinct().order_by("sort_text", "pk")


# --- Kurs ------------------------------------------------------------------------------------------------------------


class DirectionForm(SeenMixin, forms.ModelForm):
    seen = WholeNumberField(widget=forms.HiddenInput, required=False)
    title = PlainCharField(label=_("Titel"), widget=forms.TextInput(attrs={"class": "input-width-xl"}))
    solutions = PlainTextField(
        label=_("Løsninger"),
        help_text=_("Hvilke løsninger skal lederne være med til at finde og bære igennem?"),
        widget=text_lines(5),
    )
    development = PlainTextField(
        label=_("Udvikling"),
        help_text=_("Hvordan skal ledelse i kommunen udvikle sig i perioden?"),
        widget=text_lines(5),
    )
    gains = GainsField(help_text=_("Vælg de gevinster, topledelsen vil opnå med netværkene."))
    valid_from = DanishDateField(label=_("Gælder fra"), help_text=_("Fx 1.1.2027"))
    valid_to = DanishDateField(label=_("Gælder til og med"))
    review_date = DanishDateField(
        label=_("Tages op til fornyelse"), help_text=_("Vælg en dag i god tid, før kursen udløber.")
    )
    owner = forms.ModelChoiceField(
        people_with_roles(Role.EXECUTIVE_BOARD, Role.HR_CONSULTANT, Role.HR_ADMIN),
        label=_("Ansvarlig for at tage kursen op"),
    )

    class Meta:
        model = StrategicDirection
        fields = WRITTEN

    def clean(self):
        cleaned = super().clean()
        first, last, review = (cleaned.get(name) for name in ("valid_from", "valid_to", "review_date"))
        if first and last and last < first:
            self.add_error("valid_to", _("Kursen skal slutte efter den dag, den begynder."))
        elif first and last and review and not first <= review <= last:
            self.add_error("review_date", _("Vælg en dag i den periode, kursen gælder."))
        return cleaned

    def differences(self, stored: StrategicDirection) -> list[tuple[str, str]]:
        """Label and stored text of each answer that `stored` holds otherwise, for the second of two who save."""
        theirs = type(self)(instance=stored)
        found = []
        for name in self._meta.fields:
            typed = self.data.getlist(name) if name == "gains" else self.data.get(name)
            if self.fields[name].has_changed(theirs[name].initial, typed):
                value = getattr(stored, name)
                if name == "gains":
                    value = ", ".join(map(str, stored.gain_labels))
                elif isinstance(value, date):
                    value = compact_date(value)
                found.append((self.fields[name].label, str(value)))
        return found


class NewDirectionForm(forms.Form):
    """Which kurs networks are to build on from now on."""

    direction = forms.ModelChoiceField(
        StrategicDirection.objects.none(), label=_("Ny kurs"), empty_label=_("Vælg en kurs")
    )

    def __init__(self, *args, today: date, instead_of: StrategicDirection | None, **kwargs):
        super().__init__(*args, **kwargs)
        current = StrategicDirection.objects.current(today)
        self.fields["direction"].queryset = current.exclude(pk=instead_of.pk) if instead_of else current


class NewDirectionsForm(NewDirectionForm):
    networks = RowsField(
        Network.objects.none(), label=_("Netværk, der skal knyttes til den"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args, networks, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["networks"].queryset = networks
        self.fields["networks"].initial = networks


class DirectionApprovalForm(forms.Form):
    approver = PlainCharField(label=_("Godkendt af"), widget=forms.TextInput(attrs={"class": "input-width-l"}))
    approved_on = DanishDateField(label=_("Godkendt den"), help_text=_("Fx 5.3.2027"))


# --- Reasons and terms -----------------------------------------------------------------------------------------------


class ReasonForm(forms.Form):
    reason = PlainTextField(label=_("Begrundelse"), max_length=2000, widget=text_lines(4))


class ReviewForm(forms.Form):
    note = PlainTextField(
        label=_("Hvad kom der ud af det?"),
        help_text=_("Alle, der kan læse grundlaget, kan læse det. Skriv ikke navne på borgere eller medarbejdere."),
        required=False,
        max_length=1000,
        widget=text_lines(3),
    )
    review_date = DanishDateField(
        label=_("Tages op næste gang"), help_text=_("En dag efter i dag, fx om et år: 1.3.2028")
    )

    def clean_review_date(self):
        day = self.cleaned_data["review_date"]
        if day <= today():
            raise forms.ValidationError(_("Vælg en dag efter i dag."))
        return day


class TermsForm(forms.Form):
    accepts_terms = forms.BooleanField(
        label=_("Jeg har læst deltagerforholdene og går med til dem"),
        error_messages={"required": _("Sæt flueben, hvis du går med til deltagerforholdene.")},
    )
