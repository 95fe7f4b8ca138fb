"""Forms of the charter. Suggestions are boxes to tick; what is ticked joins the group's own lines."""

from django import forms
from django.utils.translation import gettext_lazy as _

from members.danish import today
from members.fields import DanishDateField, PlainTextField, WholeNumberField
from networks import charter as room
from networks import suggestions
from networks.charter import Text
from networks.conflicts import SeenMixin

RULES_LENGTH, VALUES_LENGTH, NOTE_LENGTH = 4000, 2000, 1000


class CharterTextForm(SeenMixin, forms.Form):
    """The text alone, a line for each rule and each value."""

    ground_rules = PlainTextField(
        label=_("Spilleregler"),
        help_text=_("Én regel på hver linje."),
        max_length=RULES_LENGTH,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    values = PlainTextField(
        label=_("Værdisæt"),
        help_text=_("Tre til fem værdier, én på hver linje, med jeres egne ord."),
        max_length=VALUES_LENGTH,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    opens_with_here_and_now = forms.BooleanField(
        label=_("Vi begynder hvert møde med en her og nu-runde"),
        help_text=_("Alle siger kort, hvad der fylder lige nu. Ingen kommenterer."),
        required=False,
        initial=True,
    )
    seen = WholeNumberField(required=False, widget=forms.HiddenInput)

    def clean_ground_rules(self):
        return _tidy(self.cleaned_data["ground_rules"])

    def clean_values(self):
        return _tidy(self.cleaned_data["values"])

    def clean(self):
        cleaned = super().clean()
        if "ground_rules" in cleaned and not cleaned["ground_rules"]:
            self.add_error("ground_rules", _("Skriv eller vælg mindst én spilleregel."))
        count = len(cleaned.get("values", "").splitlines())
        if "values" in cleaned and not room.FEWEST_VALUES <= count <= room.MOST_VALUES:
            self.add_error("values", _("Vælg tre til fem værdier. Flere er svære at huske, når det gælder."))
        return cleaned

    def text(self) -> Text:
        data = self.cleaned_data
        return Text(data["ground_rules"], data["values"], data["opens_with_here_and_now"])


class ProposeCharterForm(CharterTextForm):
    note = PlainTextField(
        label=_("Hvorfor foreslår du det?"),
        required=False,
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    deadline = DanishDateField(
        label=_("Svarfrist"),
        help_text=_(
            "Aftalen gælder, når alle har sagt ja. Ved fristen er to tredjedele nok, hvis ingen har en indvending."
        ),
    )

    field_order = ["ground_rules", "values", "opens_with_here_and_now", "note", "deadline", "seen"]

    def __init__(self, *args, now, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["deadline"].initial = today(now) + room.USUAL
        self.now = now
        for principle in suggestions.FOUR_FS:
            self.fields[principle.key] = _picks(principle.label, principle.question, principle.rules)
        self.fields["value_picks"] = _picks(_("Forslag til værdier"), "", suggestions.VALUES)

    def full_clean(self):
        """What is ticked may be all there is, so an empty box is judged with it, in `clean`."""
        text = [self.fields["ground_rules"], self.fields["values"]]
        for field in text:
            field.required = False
        super().full_clean()
        for field in text:
            field.required = True

    def rule_picks(self):
        return [self[principle.key] for principle in suggestions.FOUR_FS]

    def clean_deadline(self):
        deadline = self.cleaned_data["deadline"]
        if not today(self.now) + room.SHORTEST <= deadline <= today(self.now) + room.LONGEST:
            raise forms.ValidationError(_("Vælg en dag mellem to dage og to måneder fra i dag."), code="range")
        return deadline

    def clean(self):
        data = self.cleaned_data
        picked = [
            str(principle.rules[int(number)])
            for principle in suggestions.FOUR_FS
            for number in data.get(principle.key, [])
        ]
        if "ground_rules" in data:
            data["ground_rules"] = _tidy("\n".join([data["ground_rules"], *picked]))
        if "values" in data:
            picked = [str(suggestions.VALUES[int(number)]) for number in data.get("value_picks", [])]
            data["values"] = _tidy("\n".join([data["values"], *picked]))
        return super().clean()


class ChangeCharterForm(CharterTextForm):
    """Mending the wording keeps what all have said; changing the substance asks everyone again."""

    WORDING, SUBSTANCE = "wording", "substance"

    kind = forms.ChoiceField(
        label=_("Hvad har du ændret?"),
        choices=[
            (WORDING, _("Ordlyden. Meningen er den samme, og alle svar står ved magt.")),
            (SUBSTANCE, _("Indholdet. Alle bliver spurgt igen, og svarene indtil nu bortfalder.")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Vælg, om du har ændret ordlyden eller indholdet.")},
    )

    field_order = ["ground_rules", "values", "opens_with_here_and_now", "kind", "seen"]

    def __init__(self, *args, charter, **kwargs):
        super().__init__(*args, **kwargs)
        self.charter = charter
        if charter.is_in_effect:
            del self.fields["kind"], self.fields["opens_with_here_and_now"]

    def text(self) -> Text:
        data = self.cleaned_data
        opens = data.get("opens_with_here_and_now", self.charter.opens_with_here_and_now)
        return Text(data["ground_rules"], data["values"], opens)

    @property
    def is_substance(self) -> bool:
        return self.cleaned_data.get("kind") == self.SUBSTANCE


class ObjectionForm(forms.Form):
    reason = PlainTextField(
        label=_("Hvad skal der til, for at du kan sige ja?"),
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    seen = WholeNumberField(widget=forms.HiddenInput)


def _picks(label, question, texts) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        help_text=question,
        required=False,
        choices=[(str(number), text) for number, text in enumerate(texts)],
        widget=forms.CheckboxSelectMultiple,
    )


def _tidy(text: str) -> str:
    """Each line once, without the dash or number it may have been written with."""
    lines = (line.strip().lstrip("-–•*").strip() for line in text.splitlines())
    return "\n".join(dict.fromkeys(line for line in lines if line))
