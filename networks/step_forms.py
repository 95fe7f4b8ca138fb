"""The steps in which HR designs a network, as forms. Each may be saved with gaps."""

from django import forms
from django.db.models import Min, Prefetch, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from members.danish import compact_date
from members.fields import DanishDateField, PlainCharField, PlainTextField, RowsField, WholeNumberField
from members.models import Leader, LeadershipLevel, OrgUnit, ProfessionalField, Role, User
from networks import exercises, types
from networks.conflicts import SeenMixin, says
from networks.forms import GainsField, people_with_roles, text_lines
from networks.models import GoalHierarchy, Network, PersonalOutcome, StrategicDirection, Term

MOST_GOALS = 6


class StepForm(SeenMixin, forms.ModelForm):
    """One step of a draft. Gaps may be saved; what is needed before approval is still not called optional."""

    seen = WholeNumberField(widget=forms.HiddenInput, required=False)
    optional = ()
    always_required = ()
    use_required_attribute = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = self.instance.version
        for name in self._meta.fields:
            self.fields[name].required = name not in self.optional

    def full_clean(self):
        gaps = [name for name in self._meta.fields if name not in self.always_required]
        for name in gaps:
            self.fields[name].required = False
        super().full_clean()
        for name in gaps:
            self.fields[name].required = name not in self.optional

    def own_columns(self) -> list[str]:
        many_to_many = {field.name for field in Network._meta.many_to_many}
        return [name for name in self._meta.fields if name not in many_to_many]

    def save_m2m(self):
        self._save_m2m()

    def stands_in(self, stored: Network) -> bool:
        """Whether `stored` says just what has been answered here."""
        return says(stored, **{name: getattr(self.instance, name) for name in self.own_columns()}) and all(
            set(getattr(stored, name).all()) == set(self.cleaned_data[name])
            for name in self._meta.fields
            if name not in self.own_columns()
        )

    def differences(self, stored: Network) -> list[tuple[str, str]]:
        """Label and stored text of each answer that `stored` holds otherwise, for the second of two who save."""
        theirs = type(self)(instance=stored)
        return [
            (self.fields[name].label, stored_text(stored, name))
            for name in self._meta.fields
            if self.fields[name].has_changed(theirs[name].initial, self._typed(name))
        ]

    def _typed(self, name: str):
        is_many = getattr(self.fields[name].widget, "allow_multiple_selected", False)
        return self.data.getlist(name) if is_many else self.data.get(name)


def stored_text(network: Network, name: str) -> str:
    """One answer of the basis in words, as it stands in the database."""
    if name == "gains":
        return ", ".join(map(str, network.gain_labels))
    if name == "personal_outcomes":
        return ", ".join(map(str, network.personal_outcome_labels))
    if name == "exercises":
        return ", ".join(str(exercise.name) for exercise in exercises.chosen(network.exercises))
    if name == "fields":
        return ", ".join(field.name for field in network.fields.all())
    if name == "shows_member_list":
        return gettext("Ja") if network.shows_member_list else gettext("Nej")
    display = getattr(network, f"get_{name}_display", None)
    value = display() if display else getattr(network, name)
    if value in (None, ""):
        return gettext("(tomt)")
    return compact_date(value) if name in ("ends_on", "review_date") else str(value)


class DirectionStepForm(StepForm):
    name = PlainCharField(
        label=_("Netværkets navn"), max_length=120, widget=forms.TextInput(attrs={"class": "input-width-xl"})
    )
    direction = forms.ModelChoiceField(
        StrategicDirection.objects.exclude(state=StrategicDirection.State.EXPIRED),
        label=_("Kurs"),
        help_text=_("Netværket kan først sendes til godkendelse, når kursen er gældende."),
        empty_label=_("Vælg en kurs"),
    )
    purpose = PlainTextField(
        label=_("Formål"),
        help_text=_("Hvorfor findes netværket? Skriv én eller to sætninger. Alle, der kan se netværket, kan læse dem."),
        max_length=600,
        widget=text_lines(3),
    )
    personal_outcomes = forms.MultipleChoiceField(
        choices=PersonalOutcome.choices,
        label=_("Personligt udbytte"),
        help_text=_("Hvad kan en leder regne med at få ud af det? Vælg det vigtigste. Lederne ser det i kataloget."),
        widget=forms.CheckboxSelectMultiple,
    )
    personal_outcome_note = PlainTextField(
        label=_("Mere om udbyttet"),
        help_text=_("Med dine egne ord, til den leder, der overvejer at være med."),
        max_length=400,
        widget=text_lines(2),
    )
    gains = GainsField(help_text=_("Hvad skal kommunen få ud af netværket? Kursen siger, hvad topledelsen går efter."))
    always_required = ("name",)
    optional = ("personal_outcomes", "personal_outcome_note", "gains")

    class Meta:
        model = Network
        fields = ("name", "direction", "purpose", "personal_outcomes", "personal_outcome_note", "gains")


class TypeStepForm(StepForm):
    type_reason = PlainTextField(
        label=_("Hvorfor denne type?"),
        help_text=_("Skriv kort, hvad der afgjorde valget. Begrundelsen følger med til godkendelse."),
        max_length=1000,
        widget=text_lines(3),
    )

    class Meta:
        model = Network
        fields = ("type", "type_reason")
        widgets = {"type": forms.RadioSelect}

    def follow(self, suggestion: types.Suggestion) -> None:
        """Fill in what the answers point to, where nothing has been chosen yet. HR still decides."""
        if suggestion.type and not self.instance.type:
            self.initial["type"] = suggestion.type
            if not self.instance.type_reason:
                self.initial["type_reason"] = "\n".join(
                    f"{reason[:1].upper()}{reason[1:]}." for reason in suggestion.reasons
                )


class FrameStepForm(StepForm):
    size_min = WholeNumberField(
        label=_("Mindst"), min_value=3, max_value=60, widget=forms.NumberInput(attrs={"class": "input-width-xs"})
    )
    size_max = WholeNumberField(
        label=_("Højst"),
        help_text=_(
            "Op til 15 er bedst til fortroligt arbejde. Flere giver bredde og mange kontakter, men mindre fortrolighed."
        ),
        min_value=3,
        max_value=60,
        widget=forms.NumberInput(attrs={"class": "input-width-xs"}),
    )
    ends_on = DanishDateField(label=_("Slutter den"), help_text=_("Kun for et tidsbegrænset netværk. Fx 31.12.2027"))
    tags = PlainCharField(
        label=_("Stikord"),
        help_text=_("Andet, der kendetegner netværket, fx “natarbejde, nye ledere”. Man kan søge på dem i kataloget."),
        max_length=200,
        widget=forms.TextInput(attrs={"class": "input-width-xl"}),
    )
    always_required = ("reach", "access", "participation", "size_min", "size_max")
    optional = ("ends_on", "tags")

    class Meta:
        model = Network
        fields = ("reach", "access", "size_min", "size_max", "participation", "term", "ends_on", "meeting_form", "tags")
        widgets = {
            "reach": forms.RadioSelect,
            "access": forms.RadioSelect,
            "participation": forms.RadioSelect,
            "term": forms.RadioSelect,
            "meeting_form": forms.RadioSelect,
        }
        help_texts = {
            "reach": _(
                "Et lokalt netværk er for lederne i den enhed, det er forankret i. Et bredt er for hele kommunen."
            ),
            "access": _("I et åbent netværk tilmelder lederne sig selv. I et lukket er man med efter invitation."),
            "participation": _(
                "Frivilligt giver lyst. Obligatorisk giver alle med, men kræver, at nogen siger hvorfor."
            ),
            "term": _(
                "Et løbende netværk får ro til at blive trygt. Et tidsbegrænset passer til en opgave med en ende."
            ),
            "meeting_form": _("Fysiske møder bygger tillid. Online sparer vej. Begynd gerne fysisk."),
        }

    def clean(self):
        cleaned = super().clean()
        fewest, most = cleaned.get("size_min"), cleaned.get("size_max")
        if fewest and most and most < fewest:
            self.add_error("size_max", _("Skriv mindst lige så mange her som i “Mindst”."))
        for name in ("term", "meeting_form"):
            if name not in self.errors:
                cleaned[name] = cleaned.get(name) or getattr(self.instance, name)
        if cleaned.get("term") == Term.ONGOING:
            cleaned["ends_on"] = None
        elif cleaned.get("term") == Term.FIXED and not cleaned.get("ends_on") and "ends_on" not in self.errors:
            self.add_error("ends_on", _("Skriv, hvornår netværket slutter."))
        return cleaned


class ParticipantsStepForm(StepForm):
    participation_terms = PlainTextField(
        label=_("Deltagerforhold"),
        help_text=_(
            "Hvem kan være med, hvad forventes der af dem, og hvordan kommer man ind og ud? "
            "Lederne siger ja til det her, når de tilmelder sig."
        ),
        max_length=3000,
        widget=text_lines(5),
    )
    time_needed = PlainCharField(
        label=_("Tid"),
        help_text=_("Hvor meget tid tager det? Fx “8 møder om året à 2½ time og lidt forberedelse”."),
        widget=forms.TextInput(attrs={"class": "input-width-xl"}),
    )
    guests = PlainTextField(
        label=_("Gæster"),
        help_text=_("Må der komme gæster, hvor tit, og hvem siger ja? En fast gruppe har få gæster."),
        max_length=600,
        widget=text_lines(2),
    )
    shows_member_list = forms.BooleanField(label=_("Andre ledere må se, hvem der er med"))
    optional = ("shows_member_list", "level", "time_needed", "guests")

    class Meta:
        model = Network
        fields = ("fields", "level", "participation_terms", "time_needed", "guests", "shows_member_list")
        widgets = {"fields": forms.CheckboxSelectMultiple}
        field_classes = {"fields": RowsField}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["fields"].queryset = ProfessionalField.objects.all()
        self.fields["level"].queryset = LeadershipLevel.objects.all()
        self.fields["level"].empty_label = _("Alle niveauer")
        if self.instance.type == "tvaerfaglig":
            self.fields["fields"].help_text = _("Vælg mindst to fagområder, der skal mødes.")
            self.fields["level"].help_text = _("Medlemmerne er på samme niveau.")
            self.fields["level"].empty_label = _("Vælg et niveau")
            self.fields["level"].required = True
        else:
            self.fields["fields"].help_text = _(
                "Vælg det fagområde, lederne kommer fra, eller en samlet gruppe af dem."
            )
            self.fields["level"].help_text = _(
                "Hvem er netværket tænkt til? Vælg et niveau, hvis det fx er for mellemledere. "
                "Ellers er det for lederne i faget på alle niveauer."
            )

    def full_clean(self):
        level_is_needed = self.fields["level"].required
        super().full_clean()
        self.fields["level"].required = level_is_needed


class ThemesStepForm(StepForm):
    themes = PlainTextField(
        label=_("Temaer"), help_text=_("Ét tema på hver linje."), max_length=2000, widget=text_lines(4)
    )
    exercises = forms.MultipleChoiceField(label=_("Øvelser"), widget=forms.CheckboxSelectMultiple)
    activities = PlainTextField(
        label=_("Andre aktiviteter"),
        help_text=_("Én aktivitet på hver linje, fx studietur eller fælles læsning."),
        max_length=2000,
        widget=text_lines(4),
    )
    rhythm = PlainCharField(
        label=_("Mødernes rytme"),
        help_text=_("Fx “Hver sjette uge, to en halv time”. Medlemmerne lægger selv den endelige mødeplan."),
        widget=forms.TextInput(attrs={"class": "input-width-l"}),
    )
    optional = ("themes", "exercises", "activities", "rhythm")

    class Meta:
        model = Network
        fields = ("themes", "exercises", "activities", "rhythm")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["exercises"].choices = exercises.choices()
        suggested = [str(exercise.name) for exercise in exercises.suggested_for(self.instance.type)]
        self.fields["exercises"].help_text = (
            _("Til den valgte type foreslår vi især: %(names)s.") % {"names": ", ".join(suggested)}
            if suggested
            else _("Vælg de øvelser, netværket kan begynde med. Medlemmerne kan altid gøre andet.")
        )


class GovernanceStepForm(StepForm):
    governance = PlainTextField(
        label=_("Styring"),
        help_text=_("Hvad beder topledelsen om: hvad meldes tilbage, hvor ofte, og hvad kan netværket selv bestemme?"),
        max_length=3000,
        widget=text_lines(4),
    )
    support = PlainTextField(
        label=_("Støtte"),
        help_text=_("Hvad giver topledelsen: tid, penge, oplægsholder, konsulent?"),
        max_length=3000,
        widget=text_lines(4),
    )

    class Meta:
        model = Network
        fields = ("governance", "support")


class PersonChoiceField(forms.ModelChoiceField):
    """People by name, with title and unit, so that two of the same name can be told apart."""

    def label_from_instance(self, user):
        posts = getattr(user, "current_posts", None)
        if not posts:
            return str(user)
        return f"{user}, {posts[0].title or posts[0].unit}" if posts[0].title else f"{user}, {posts[0].unit}"


class UnitChoiceField(forms.ModelChoiceField):
    def label_from_instance(self, unit):
        return str(unit) if unit.area_id in (None, unit.pk) else f"{unit} ({unit.area})"


def possible_sponsors():
    """Managers of leaders and the executive board; never HR, who cannot approve."""
    placed = LeadershipLevel.objects.filter(rank__gt=0)  # a new one from an import has no place yet
    lowest = placed.aggregate(rank=Min("rank"))["rank"] or 0
    manages = Q(posts__valid_to__isnull=True) & (Q(posts__level__rank__gt=lowest) | Q(posts__reports__isnull=False))
    posts = Prefetch("posts", Leader.objects.current().select_related("unit"), to_attr="current_posts")
    chosen = User.objects.filter(manages | Q(role_assignments__role=Role.EXECUTIVE_BOARD), is_active=True)
    hr = User.objects.filter(role_assignments__role__in=[Role.HR_CONSULTANT, Role.HR_ADMIN])
    return (
        User.objects.filter(pk__in=chosen.values("pk")).exclude(pk__in=hr.values("pk")).order_by("sort_text", "pk")
    ).prefetch_related(posts)


class AnchoringStepForm(StepForm):
    unit = UnitChoiceField(
        OrgUnit.objects.select_related("area"),
        label=_("Forankret i"),
        help_text=_("Den enhed, netværket hører til."),
        empty_label=_("Vælg en enhed"),
    )
    sponsor = PersonChoiceField(
        User.objects.none(),
        label=_("Ansvarlig chef"),
        help_text=_("Godkender grundlaget og svarer for forankringen."),
        empty_label=_("Vælg en chef"),
    )
    hr_contact = forms.ModelChoiceField(
        people_with_roles(Role.HR_CONSULTANT, Role.HR_ADMIN),
        label=_("Kontakt i HR"),
        help_text=_("Får besked om tilmeldinger og svar på godkendelse."),
        empty_label=_("Vælg en kontakt"),
    )

    class Meta:
        model = Network
        fields = ("unit", "sponsor", "hr_contact")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["sponsor"].queryset = possible_sponsors()


class GoalsStepForm(StepForm):
    """The målhierarki: some rows of goal, why and how, the weightiest first, and when it is all looked at again."""

    review_date = DanishDateField(
        label=_("Grundlaget tages op igen"),
        help_text=_("Mål og ramme bliver aldrig helt færdige. Vælg en dag om et års tid."),
    )
    optional = ("review_date",)

    class Meta:
        model = Network
        fields = ("review_date",)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.stored = list(self.instance.goal_hierarchy.all()) if self.instance.pk else []
        for number in range(1, MOST_GOALS + 1):
            row = self.stored[number - 1] if number <= len(self.stored) else GoalHierarchy()
            self.fields |= {
                f"goal_{number}": PlainCharField(
                    label=_("Mål %(number)d") % {"number": number},
                    initial=row.goal,
                    required=False,
                    widget=forms.TextInput(attrs={"class": "input-width-xl"}),
                ),
                f"why_{number}": PlainTextField(
                    label=_("Hvorfor?"), initial=row.why, required=False, max_length=1000, widget=text_lines(2)
                ),
                f"how_{number}": PlainTextField(
                    label=_("Hvordan?"), initial=row.how, required=False, max_length=1000, widget=text_lines(2)
                ),
                f"rank_{number}": WholeNumberField(
                    label=_("Plads"),
                    initial=number,
                    required=False,
                    min_value=1,
                    max_value=MOST_GOALS,
                    widget=forms.NumberInput(attrs={"class": "input-width-xs"}),
                ),
            }

    @property
    def rows(self):
        """For the page: each goal's number, its fields, and whether there is anything in it."""
        for number in range(1, MOST_GOALS + 1):
            fields = [self[f"{name}_{number}"] for name in ("goal", "why", "how", "rank")]
            for field in fields:
                field.field.required = True  # only so that not every line of it is called optional
            yield {
                "number": number,
                "fields": fields,
                "is_open": number <= max(len(self.stored), 1) or any(field.errors for field in fields) or self.is_bound,
            }

    def clean(self):
        cleaned = super().clean()
        for number in range(1, MOST_GOALS + 1):
            answers = cleaned.get(f"why_{number}") or cleaned.get(f"how_{number}")
            if answers and not cleaned.get(f"goal_{number}") and f"goal_{number}" not in self.errors:
                self.add_error(f"goal_{number}", _("Skriv målet, eller tøm “Hvorfor?” og “Hvordan?”."))
        return cleaned

    def save_m2m(self):
        """Keep the rows that stand, so that what points to a goal still does; drop those emptied."""
        super().save_m2m()
        kept = []
        for number in range(1, MOST_GOALS + 1):
            row = self.stored[number - 1] if number <= len(self.stored) else GoalHierarchy(network=self.instance)
            row.goal, row.why, row.how = (self.cleaned_data[f"{name}_{number}"] for name in ("goal", "why", "how"))
            if row.goal:
                kept.append((self.cleaned_data[f"rank_{number}"] or number, number, row))
            elif row.pk:
                row.delete()
        for rank, (_place, _number, row) in enumerate(sorted(kept, key=lambda place: place[:2]), start=1):
            row.rank = rank
            row.save()

    def stands_in(self, stored):
        answered = []
        for number in range(1, MOST_GOALS + 1):
            row = tuple(self.cleaned_data[f"{name}_{number}"] for name in ("goal", "why", "how"))
            if row[0]:
                answered.append((self.cleaned_data[f"rank_{number}"] or number, number, row))
        ranked = [row for _place, _number, row in sorted(answered)]
        return super().stands_in(stored) and ranked == [
            (row.goal, row.why, row.how) for row in stored.goal_hierarchy.all()
        ]

    def differences(self, stored):
        theirs = [(row.goal, row.why, row.how) for row in stored.goal_hierarchy.all()]
        mine = [
            tuple((self.data.get(f"{name}_{number}") or "").strip() for name in ("goal", "why", "how"))
            for number in range(1, MOST_GOALS + 1)
        ]
        found = super().differences(stored)
        if theirs != [row for row in mine if any(row)]:
            found.append(
                (
                    gettext("Målhierarki"),
                    "\n".join(" – ".join(filter(None, row)) for row in theirs) or gettext("(tomt)"),
                )
            )
        return found


STEP_FORMS = {
    "kurs": DirectionStepForm,
    "type": TypeStepForm,
    "ramme": FrameStepForm,
    "deltagere": ParticipantsStepForm,
    "temaer": ThemesStepForm,
    "styring": GovernanceStepForm,
    "forankring": AnchoringStepForm,
    "maal": GoalsStepForm,
}
