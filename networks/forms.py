"""What people type about kurs and networks."""

from django import forms
from django.db.models import Min, Prefetch, Q
from django.utils.translation import gettext_lazy as _

from members.fields import DanishDateField, PlainCharField, PlainTextField
from members.models import Leader, LeadershipLevel, OrgUnit, ProfessionalField, Role, User
from networks.models import Network, OrganisationalGain, StrategicDirection


def _lines(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class _GainsField(forms.MultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs):
        super().__init__(choices=OrganisationalGain.choices, label=_("Gevinster for kommunen"), **kwargs)


def people_with_roles(*roles):
    return User.objects.filter(is_active=True, role_assignments__role__in=roles).distinct().order_by("sort_text", "pk")


# --- Kurs ------------------------------------------------------------------------------------------------------------


class DirectionForm(forms.ModelForm):
    title = PlainCharField(label=_("Titel"), widget=forms.TextInput(attrs={"class": "input-width-xl"}))
    solutions = PlainTextField(
        label=_("Løsninger"),
        help_text=_("Hvilke løsninger skal lederne være med til at finde og bære igennem?"),
        widget=_lines(5),
    )
    development = PlainTextField(
        label=_("Udvikling"),
        help_text=_("Hvordan skal ledelse i kommunen udvikle sig i perioden?"),
        widget=_lines(5),
    )
    gains = _GainsField(help_text=_("Vælg de gevinster, topledelsen vil opnå med netværkene."))
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
        fields = (
            "title",
            "solutions",
            "development",
            "gains",
            "valid_from",
            "valid_to",
            "review_date",
            "owner",
        )

    def clean(self):
        cleaned = super().clean()
        first, last, review = (cleaned.get(name) for name in ("valid_from", "valid_to", "review_date"))
        if first and last and last < first:
            self.add_error("valid_to", _("Kursen skal slutte efter den dag, den begynder."))
        elif first and last and review and not first <= review <= last:
            self.add_error("review_date", _("Vælg en dag i den periode, kursen gælder."))
        return cleaned


class DirectionApprovalForm(forms.Form):
    approver = PlainCharField(label=_("Godkendt af"), widget=forms.TextInput(attrs={"class": "input-width-l"}))
    approved_on = DanishDateField(label=_("Godkendt den"), help_text=_("Fx 5.3.2027"))


# --- Strategic basis, step by step -----------------------------------------------------------------------------------


class StepForm(forms.ModelForm):
    """One step of a draft. Gaps may be saved; what is needed before approval is still not called optional."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    optional = ()
    always_required = ()
    use_required_attribute = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = self.instance.version
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
        widget=_lines(3),
    )
    gains = _GainsField(help_text=_("Hvad skal kommunen få ud af netværket?"))
    always_required = ("name",)
    optional = ("gains",)

    class Meta:
        model = Network
        fields = ("name", "direction", "purpose", "gains")


class TypeStepForm(StepForm):
    type_reason = PlainTextField(
        label=_("Hvorfor denne type?"),
        help_text=_("Skriv kort, hvad der afgjorde valget. Begrundelsen følger med til godkendelse."),
        max_length=1000,
        widget=_lines(3),
    )

    class Meta:
        model = Network
        fields = ("type", "type_reason")
        widgets = {"type": forms.RadioSelect}


class FrameStepForm(StepForm):
    size_min = forms.IntegerField(
        label=_("Mindst"), min_value=3, max_value=60, widget=forms.NumberInput(attrs={"class": "input-width-xs"})
    )
    size_max = forms.IntegerField(
        label=_("Højst"),
        help_text=_(
            "Op til 15 er bedst til fortroligt arbejde. Flere giver bredde og mange kontakter, men mindre fortrolighed."
        ),
        min_value=3,
        max_value=60,
        widget=forms.NumberInput(attrs={"class": "input-width-xs"}),
    )
    always_required = ("reach", "access", "participation", "size_min", "size_max")

    class Meta:
        model = Network
        fields = ("reach", "access", "participation", "size_min", "size_max")
        widgets = {"reach": forms.RadioSelect, "access": forms.RadioSelect, "participation": forms.RadioSelect}
        help_texts = {
            "reach": _(
                "Et lokalt netværk er for lederne i den enhed, det er forankret i. Et bredt er for hele kommunen."
            ),
            "access": _("I et åbent netværk tilmelder lederne sig selv. I et lukket er man med efter invitation."),
        }

    def clean(self):
        cleaned = super().clean()
        fewest, most = cleaned.get("size_min"), cleaned.get("size_max")
        if fewest and most and most < fewest:
            self.add_error("size_max", _("Skriv mindst lige så mange her som i “Mindst”."))
        return cleaned


class ParticipantsStepForm(StepForm):
    participation_terms = PlainTextField(
        label=_("Deltagerforhold"),
        help_text=_(
            "Hvem kan være med, hvad forventes der af dem, og hvor meget tid tager det? "
            "Lederne siger ja til det her, når de tilmelder sig."
        ),
        max_length=3000,
        widget=_lines(5),
    )
    shows_member_list = forms.BooleanField(label=_("Andre ledere må se, hvem der er med"))
    optional = ("shows_member_list", "level")

    class Meta:
        model = Network
        fields = ("fields", "level", "participation_terms", "shows_member_list")
        widgets = {"fields": forms.CheckboxSelectMultiple}

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

    def full_clean(self):
        level_is_needed = self.fields["level"].required
        super().full_clean()
        self.fields["level"].required = level_is_needed


class ThemesStepForm(StepForm):
    themes = PlainTextField(label=_("Temaer"), help_text=_("Ét tema på hver linje."), max_length=2000, widget=_lines(4))
    activities = PlainTextField(
        label=_("Aktiviteter"),
        help_text=_("Én aktivitet på hver linje, fx her og nu-runde, kollegial sparring eller reflekterende team."),
        max_length=2000,
        widget=_lines(4),
    )
    rhythm = PlainCharField(
        label=_("Mødernes rytme"),
        help_text=_("Fx “Hver sjette uge, to en halv time”. Medlemmerne lægger selv den endelige mødeplan."),
        widget=forms.TextInput(attrs={"class": "input-width-l"}),
    )
    optional = ("themes", "activities", "rhythm")

    class Meta:
        model = Network
        fields = ("themes", "activities", "rhythm")


class GovernanceStepForm(StepForm):
    governance = PlainTextField(
        label=_("Styring"),
        help_text=_("Hvad beder topledelsen om: hvad meldes tilbage, hvor ofte, og hvad kan netværket selv bestemme?"),
        max_length=3000,
        widget=_lines(4),
    )
    support = PlainTextField(
        label=_("Støtte"),
        help_text=_("Hvad giver topledelsen: tid, penge, oplægsholder, konsulent?"),
        max_length=3000,
        widget=_lines(4),
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
    lowest = LeadershipLevel.objects.aggregate(rank=Min("rank"))["rank"] or 0
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


STEP_FORMS = {
    "kurs": DirectionStepForm,
    "type": TypeStepForm,
    "ramme": FrameStepForm,
    "deltagere": ParticipantsStepForm,
    "temaer": ThemesStepForm,
    "styring": GovernanceStepForm,
    "forankring": AnchoringStepForm,
}


# --- Reasons and terms -----------------------------------------------------------------------------------------------


class ReasonForm(forms.Form):
    reason = PlainTextField(label=_("Begrundelse"), max_length=2000, widget=_lines(4))


class TermsForm(forms.Form):
    accepts_terms = forms.BooleanField(
        label=_("Jeg har læst deltagerforholdene og går med til dem"),
        error_messages={"required": _("Sæt flueben, hvis du går med til deltagerforholdene.")},
    )
