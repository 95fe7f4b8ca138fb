"""Forms of what follows a meeting."""

import uuid
from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from meetings import agreements
from members.fields import DanishDateField, PlainCharField, PlainTextField, WholeNumberField
from members.models import User
from networks.conflicts import SeenMixin
from networks.models import Network

EVERYONE = "alle"


def who_choices(network: Network) -> list[tuple[str, str]]:
    """The whole group, then each member."""
    members = [(str(user.pk), user.get_full_name()) for user in agreements.members_of(network)]
    return [("", _("Vælg")), (EVERYONE, _("Hele gruppen")), *members]


class _WhoWhatWhen(forms.Form):
    text = PlainTextField(
        label=_("Hvad er aftalt?"), max_length=500, widget=forms.Textarea(attrs={"rows": 2, "class": "form-input"})
    )
    who = forms.ChoiceField(label=_("Hvem gør det?"), error_messages={"required": _("Vælg, hvem der gør det.")})
    due_on = DanishDateField(label=_("Senest"), required=False)

    def __init__(self, *args, choices, today: date, **kwargs):
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["who"].choices = choices

    def clean_due_on(self):
        due_on = self.cleaned_data["due_on"]
        if due_on and due_on < self.today and due_on != self.initial.get("due_on"):
            raise forms.ValidationError(_("Vælg en dato, der ikke er passeret."))
        return due_on

    @property
    def terms(self) -> dict:
        """What the acts take."""
        who = self.cleaned_data["who"]
        owner = None
        if who != EVERYONE:
            owner = User.objects.get(pk=int(who))
        terms = {"owner": owner, "is_everyones": who == EVERYONE, "due_on": self.cleaned_data["due_on"]}
        return terms | ({"text": self.cleaned_data["text"]} if "text" in self.fields else {})


class AgreementForm(SeenMixin, _WhoWhatWhen):
    """One agreement. Without its words once the meeting is closed."""

    seen = WholeNumberField(required=False, widget=forms.HiddenInput)
    form_key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, text_stands: bool = False, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["form_key"].initial = uuid.uuid4
        if text_stands:
            del self.fields["text"]


class AgreementRowForm(_WhoWhatWhen):
    """One of the empty rows on the closing page; left empty it is nothing."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["who"].widget.attrs["class"] = "form-select"


class _AgreementRows(forms.BaseFormSet):
    @property
    def rows(self) -> list[dict]:
        return [form.terms for form in self.forms if form.has_changed()]


AgreementRows = forms.formset_factory(AgreementRowForm, formset=_AgreementRows, extra=3, max_num=12)


class CloseForm(SeenMixin, forms.Form):
    was_held = forms.TypedChoiceField(
        label=_("Blev mødet holdt?"),
        choices=[("ja", _("Ja")), ("nej", _("Nej"))],
        coerce=lambda value: value == "ja",
        widget=forms.RadioSelect,
        initial="ja",
        error_messages={"required": _("Vælg, om mødet blev holdt.")},
    )
    reason = PlainCharField(
        label=_("Hvorfor blev mødet ikke holdt?"),
        help_text=_("Kun hvis det ikke blev holdt. Står i mødets historik."),
        required=False,
        widget=forms.TextInput(attrs={"class": "input-width-xl"}),
    )
    present = forms.TypedMultipleChoiceField(
        label=_("Hvem deltog?"),
        help_text=_("De, der har sagt ja, er valgt på forhånd."),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Vælg mindst én, der deltog.")},
    )
    carried_over = PlainTextField(
        label=_("Hvad tager I med til næste gang?"),
        help_text=_("Et par stikord er nok. De står øverst på næste mødes side."),
        max_length=1500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    seen = WholeNumberField(widget=forms.HiddenInput)

    def __init__(self, *args, people, asks_if_held: bool, is_closing: bool = True, **kwargs):
        super().__init__(*args, **kwargs)
        self.is_closing = is_closing
        self.fields["present"].required = is_closing and self._says_held()
        self.fields["present"].choices = [(person.pk, person.get_full_name()) for person in people]
        if not self.fields["present"].choices:  # nobody who was invited is here any more
            del self.fields["present"]
        self.fields["reason"].is_conditional = True
        if not asks_if_held:
            del self.fields["was_held"], self.fields["reason"]

    def _says_held(self) -> bool:
        return self.data.get(self.add_prefix("was_held"), "ja") != "nej"

    @property
    def is_not_held(self) -> bool:
        return self.cleaned_data.get("was_held") is False

    def clean(self):
        cleaned = super().clean()
        is_not_held = self.is_closing and cleaned.get("was_held") is False
        if is_not_held and "reason" not in self.errors and not cleaned.get("reason"):
            self.add_error("reason", _("Skriv kort, hvorfor mødet ikke blev holdt."))
        return cleaned


class ReopenForm(forms.Form):
    reason = PlainCharField(
        label=_("Hvad skal rettes?"),
        help_text=_("Står på mødets side, så alle kan se, hvorfor det blev genåbnet."),
        widget=forms.TextInput(attrs={"class": "input-width-xl"}),
    )
