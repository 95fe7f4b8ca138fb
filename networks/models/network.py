"""A network, its frame and its approval."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from members.danish import fold
from members.models import LeadershipLevel, OrgUnit, ProfessionalField, sort_text
from networks.models.belonging import Application, Membership
from networks.models.direction import OrganisationalGain, StrategicDirection


class NetworkType(models.TextChoices):
    FAGLIG = "faglig", _("Fagligt netværk")
    TVAERFAGLIG = "tvaerfaglig", _("Tværfagligt netværk")


class Reach(models.TextChoices):
    LOCAL = "local", _("Lokalt")
    BROAD = "broad", _("Bredt")


class Access(models.TextChoices):
    OPEN = "open", _("Åbent")
    CLOSED = "closed", _("Lukket")


class Participation(models.TextChoices):
    VOLUNTARY = "voluntary", _("Frivillig")
    MANDATORY = "mandatory", _("Obligatorisk")


class Term(models.TextChoices):
    ONGOING = "ongoing", _("Løbende")
    FIXED = "fixed", _("Tidsbegrænset")


class MeetingForm(models.TextChoices):
    PHYSICAL = "physical", _("Fysisk")
    ONLINE = "online", _("Online")
    BOTH = "both", _("Skiftevis fysisk og online")


class PersonalOutcome(models.TextChoices):
    """What a leader can expect of taking part. No commas: chosen ones are written after each other."""

    MIRRORING = "mirroring", _("Spejling af dine erfaringer")
    INSPIRATION = "inspiration", _("Ny inspiration")
    SPARRING = "sparring", _("Sparring på konkrete udfordringer")
    COLLEAGUES = "colleagues", _("Kolleger at trække på")
    TESTING = "testing", _("Plads til at prøve dine holdninger af")
    SELF_INSIGHT = "self_insight", _("Et klarere blik på dig selv som leder")


class SizeClass(models.TextChoices):
    SMALL = "small", _("Lille")
    MEDIUM = "medium", _("Mellemstort")
    LARGE = "large", _("Stort")

    @classmethod
    def of(cls, members: int) -> "SizeClass":
        if members <= 8:
            return cls.SMALL
        return cls.MEDIUM if members <= 15 else cls.LARGE


class NetworkQuerySet(models.QuerySet):
    def visible_to(self, user):
        """What the catalogue holds for `user`: design §4, row one.

        Members, HR, sponsor and board see a network in every state they have a part in; any other leader sees open
        networks from the moment sign-up has opened, and closed ones they are invited to.
        """
        if user.is_hr:
            return self
        mine = Q(memberships__leader__user=user, memberships__state__in=Membership.STATES_INSIDE)
        invited = Q(applications__leader__user=user, applications__state=Application.State.INVITED)
        open_to_all = Q(access=Access.OPEN, state__in=Network.STATES_IN_CATALOGUE)
        # Those who were with it to the end may read the farewell.
        mine |= Q(
            state=Network.State.CLOSED,
            memberships__leader__user=user,
            memberships__state=Membership.State.ENDED,
            memberships__left_on__gte=F("closed_at__date"),
        )
        part = mine | invited | open_to_all | Q(sponsor=user)
        if user.is_executive_board:
            part |= Q(state=Network.State.SUBMITTED)
        if user.is_top_management:
            part |= ~Q(state__in=Network.STATES_IN_DESIGN)
        return self.filter(pk__in=Network.objects.filter(part).values("pk"))

    def with_places(self):
        """Annotate `member_count` and `seats_taken`: members, and members and invited."""
        members = Membership.objects.filter(network=OuterRef("pk")).inside()
        invited = Application.objects.filter(network=OuterRef("pk"), state=Application.State.INVITED)
        return self.annotate(member_count=_count_of(members), seats_taken=F("member_count") + _count_of(invited))

    def with_free_places(self):
        """Those that take applications and have a place for one more."""
        return self.with_places().filter(
            state__in=Network.STATES_TAKING_MEMBERS,
            access=Access.OPEN,
            enrolment_closed_at__isnull=True,
            seats_taken__lt=F("size_max"),
        )

    def matching(self, text: str):
        """Whose name, purpose, themes or tags contain every word of `text`; æ/ae, ø/oe, å/aa are found alike."""
        networks = self
        for word in text.split():
            networks = networks.filter(search_text__contains=fold(word))
        return networks

    def lock(self, pk: int) -> "Network":
        """The row, read again and held until the transaction ends: whoever fills or frees a seat waits in line here."""
        return self.select_for_update().get(pk=pk)

    def for_lists(self):
        return self.select_related("unit", "level", "direction", "sponsor").prefetch_related("fields")


def _count_of(rows):
    """How many of `rows`, as a subquery that costs no join."""
    counted = rows.order_by().values("network").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=models.IntegerField()), 0)


class Network(models.Model):
    """A lasting, self-governing group of leaders with a purpose and an anchor in the municipality."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Kladde")
        IN_CONSULTATION = "in_consultation", _("I høring")
        SUBMITTED = "submitted", _("Til godkendelse")
        RETURNED = "returned", _("Sendt retur")
        REJECTED = "rejected", _("Afvist")
        APPROVED = "approved", _("Godkendt")
        ENROLLING = "enrolling", _("Åbent for tilmelding")
        ACTIVE = "active", _("Aktivt")
        PAUSED = "paused", _("På pause")
        CLOSED = "closed", _("Afsluttet")

    # Named groups of states: what can be asked of a network in one of them is the same.
    STATES_IN_DESIGN = (State.DRAFT, State.IN_CONSULTATION, State.SUBMITTED, State.RETURNED, State.REJECTED)
    STATES_EDITABLE = (State.DRAFT, State.IN_CONSULTATION, State.RETURNED)
    STATES_APPROVED = (State.APPROVED, State.ENROLLING, State.ACTIVE)
    STATES_IN_CATALOGUE = (State.ENROLLING, State.ACTIVE, State.PAUSED)
    STATES_TAKING_MEMBERS = (State.ENROLLING, State.ACTIVE)
    STATES_STARTED = (State.ACTIVE, State.PAUSED, State.CLOSED)
    STATES_CLOSABLE = (State.APPROVED, State.ENROLLING, State.ACTIVE, State.PAUSED)

    name = models.CharField(_("Navn"), max_length=120)
    slug = models.SlugField(max_length=140, unique=True)
    search_text = models.TextField(editable=False, default="")
    sort_text = models.CharField(max_length=240, editable=False, default="", db_index=True)
    state = models.CharField(max_length=16, choices=State, default=State.DRAFT, db_index=True)

    # 1 kurs and purpose
    direction = models.ForeignKey(
        StrategicDirection,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="networks",
        verbose_name=_("Kurs"),
    )
    purpose = models.TextField(_("Formål"), blank=True)
    personal_outcomes = models.JSONField(_("Personligt udbytte"), default=list, blank=True)
    personal_outcome_note = models.TextField(_("Mere om udbyttet"), blank=True)
    gains = models.JSONField(_("Gevinster"), default=list, blank=True)
    # 2 type
    type = models.CharField(_("Netværkstype"), max_length=12, choices=NetworkType, blank=True)
    type_reason = models.TextField(_("Hvorfor denne type?"), blank=True)
    # 3 frame
    reach = models.CharField(_("Rækkevidde"), max_length=8, choices=Reach, default=Reach.BROAD)
    access = models.CharField(_("Adgang"), max_length=8, choices=Access, default=Access.OPEN)
    participation = models.CharField(
        _("Deltagelse"), max_length=10, choices=Participation, default=Participation.VOLUNTARY
    )
    size_min = models.PositiveSmallIntegerField(_("Mindst"), default=6, validators=[MinValueValidator(3)])
    size_max = models.PositiveSmallIntegerField(
        _("Højst"), default=12, validators=[MinValueValidator(3), MaxValueValidator(60)]
    )
    term = models.CharField(_("Varighed"), max_length=8, choices=Term, default=Term.ONGOING)
    ends_on = models.DateField(_("Slutter den"), null=True, blank=True)
    meeting_form = models.CharField(_("Mødeform"), max_length=8, choices=MeetingForm, default=MeetingForm.PHYSICAL)
    tags = models.CharField(_("Stikord"), max_length=200, blank=True)
    # 4 participants
    fields = models.ManyToManyField(
        ProfessionalField, blank=True, related_name="networks", verbose_name=_("Fagområder")
    )
    level = models.ForeignKey(
        LeadershipLevel,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="networks",
        verbose_name=_("Ledelsesniveau"),
    )
    participation_terms = models.TextField(_("Deltagerforhold"), blank=True)
    time_needed = models.CharField(_("Tid"), max_length=200, blank=True)
    guests = models.TextField(_("Gæster"), blank=True)
    shows_member_list = models.BooleanField(_("Vis medlemslisten for andre ledere"), default=False)
    # 5 themes and activities
    themes = models.TextField(_("Temaer"), blank=True)
    exercises = models.JSONField(_("Øvelser"), default=list, blank=True)
    activities = models.TextField(_("Aktiviteter"), blank=True)
    rhythm = models.CharField(_("Mødernes rytme"), max_length=200, blank=True)
    # 6 styring og støtte
    governance = models.TextField(_("Styring"), blank=True)
    support = models.TextField(_("Støtte"), blank=True)
    # 7 anchoring
    unit = models.ForeignKey(
        OrgUnit, on_delete=models.PROTECT, null=True, blank=True, related_name="networks", verbose_name=_("Forankret i")
    )
    sponsor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="sponsored_networks",
        verbose_name=_("Ansvarlig chef"),
    )
    hr_contact = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="networks_in_care",
        verbose_name=_("Kontakt i HR"),
    )
    # 8 målhierarki (rows of GoalHierarchy) and review
    review_date = models.DateField(_("Grundlaget tages op igen"), null=True, blank=True)

    version = models.PositiveIntegerField(
        default=1, help_text="Raised by every save of the design: tells of a second editor."
    )
    continues = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="next_seasons",
        help_text="The season before this one; its members may be invited when this one opens.",
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    enrolment_closed_at = models.DateTimeField(
        null=True, blank=True, help_text="Set while nobody can sign up; HR may still invite."
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    farewell = models.TextField(_("Afskedshilsen"), blank=True)

    objects = NetworkQuerySet.as_manager()

    class Meta:
        ordering = ["sort_text", "pk"]
        verbose_name = _("netværk")
        verbose_name_plural = _("netværk")
        constraints = [
            models.CheckConstraint(
                condition=Q(size_max__gte=F("size_min")), name="a_network_holds_at_least_its_fewest"
            ),
        ]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        self.search_text = fold(f"{self.name} {self.purpose} {self.themes} {self.tags}")
        self.sort_text = sort_text(self.name)
        if kwargs.get("update_fields"):
            kwargs["update_fields"] = {*kwargs["update_fields"], "search_text", "sort_text"}
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        return reverse("networks:network", args=[self.slug])

    @property
    def size_class(self) -> SizeClass:
        return SizeClass.of(self.size_max)

    @property
    def is_in_design(self) -> bool:
        return self.state in self.STATES_IN_DESIGN

    @property
    def is_editable(self) -> bool:
        """Whether HR may still change the frame: until the sponsor has it before them, and never after start."""
        return self.state in self.STATES_EDITABLE

    @property
    def takes_members(self) -> bool:
        return self.state in self.STATES_TAKING_MEMBERS

    @property
    def takes_applications(self) -> bool:
        return self.takes_members and self.access == Access.OPEN and self.enrolment_closed_at is None

    @cached_property
    def seats_taken(self) -> int:
        """Members and invited. A list has it of all at once, `with_places()`."""
        return type(self).objects.with_places().values_list("seats_taken", flat=True).get(pk=self.pk)

    @property
    def free_places(self) -> int:
        return max(self.size_max - self.seats_taken, 0)

    @property
    def theme_list(self) -> list[str]:
        return [line.strip() for line in self.themes.splitlines() if line.strip()]

    @property
    def activity_list(self) -> list[str]:
        return [line.strip() for line in self.activities.splitlines() if line.strip()]

    @property
    def personal_outcome_labels(self) -> list[str]:
        return [outcome.label for outcome in PersonalOutcome if outcome in self.personal_outcomes]

    @property
    def gain_labels(self) -> list[str]:
        return [OrganisationalGain(gain).label for gain in self.gains if gain in OrganisationalGain.values]


class Decision(models.Model):
    """What the sponsor decided about a network's strategic basis, and why. Every one is kept."""

    class Verdict(models.TextChoices):
        SUBMITTED = "submitted", _("Sendt til godkendelse")
        APPROVED = "approved", _("Godkendt")
        RETURNED = "returned", _("Sendt retur")
        REJECTED = "rejected", _("Afvist")

    network = models.ForeignKey(Network, on_delete=models.CASCADE, related_name="decisions")
    verdict = models.CharField(max_length=10, choices=Verdict)
    reason = models.TextField(_("Begrundelse"), blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ["-decided_at", "-pk"]

    def __str__(self):
        return f"{self.network}: {self.get_verdict_display()}"
