"""The ground: people, where they sit in the organisation, and how a message reaches them."""

from functools import cache, cached_property

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.danish import danish_key, fold

WEEKDAYS = [
    (0, _("Mandag")),
    (1, _("Tirsdag")),
    (2, _("Onsdag")),
    (3, _("Torsdag")),
    (4, _("Fredag")),
    (5, _("Lørdag")),
    (6, _("Søndag")),
]
DIGEST_HOURS = range(5, 22)  # never in the hour that is missing or doubled when the clocks change


ERASED_DOMAIN = "@slettet.invalid"


class UserManager(BaseUserManager):
    def create_user(self, email: str, password: str | None = None, **fields) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username):
        return self.get(email__iexact=username)

    def find_with_standing(self, pk: int) -> "User | None":
        """The person with what every request asks of them, in one query: a row for each role, or one without."""
        statement, values = _standing_statement()
        rows = list(self.raw(statement, [pk if value == _WHO else value for value in values]))
        if not rows:
            return None
        rows[0]._standing = [(row.standing_role, bool(row.standing_is_sponsor)) for row in rows]
        return rows[0]


class User(AbstractBaseUser):
    """A person who can sign in with an e-mail address. What they may do follows from roles and memberships."""

    class Language(models.TextChoices):
        DANISH = "da", _("Dansk")
        ENGLISH = "en", _("Engelsk")

    class Reminders(models.TextChoices):
        FEWER = "fewer", _("Færre: kun den sidste før mødet")
        USUAL = "usual", _("Som netværket har valgt")
        MORE = "more", _("Flere: også en uge og en dag før mødet")

    email = models.EmailField(_("E-mail"), max_length=254, unique=True)
    first_name = models.CharField(_("Fornavn"), max_length=100)
    last_name = models.CharField(_("Efternavn"), max_length=100)
    search_text = models.CharField(max_length=400, editable=False, default="")
    sort_text = models.CharField(max_length=400, editable=False, default="", db_index=True)
    phone = models.CharField(_("Telefon"), max_length=40, blank=True)
    language = models.CharField(_("Sprog"), max_length=2, choices=Language, default=Language.DANISH)
    wants_reminders = models.BooleanField(_("Send mig påmindelser om møder"), default=True)
    reminder_amount = models.CharField(
        _("Hvor mange påmindelser"), max_length=6, choices=Reminders, default=Reminders.USUAL
    )
    wants_digest = models.BooleanField(_("Saml nyheder i én ugentlig mail"), default=False)
    digest_weekday = models.PositiveSmallIntegerField(_("Ugedag"), choices=WEEKDAYS, default=0)
    digest_hour = models.PositiveSmallIntegerField(
        _("Tidspunkt"), choices=[(hour, f"kl. {hour}.00") for hour in DIGEST_HOURS], default=8
    )
    messages_read_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Messages after this are marked as new."
    )
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["first_name", "last_name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("personer")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_user_per_address"),
        ]

    def __str__(self):
        return self.get_full_name()

    def save(self, *args, **kwargs):
        self.fill_texts()
        if kwargs.get("update_fields"):
            kwargs["update_fields"] = {*kwargs["update_fields"], "search_text", "sort_text"}
        super().save(*args, **kwargs)

    def fill_texts(self) -> None:
        """Set what the name is searched and sorted by; bulk operations, which pass `save` by, call it themselves."""
        self.search_text = fold(f"{self.first_name} {self.last_name} {self.email}")[:400]
        self.sort_text = sort_text(self.last_name, self.first_name)

    @property
    def is_erased(self) -> bool:
        """Whether the person behind is gone, and only “Tidligere medlem” is left."""
        return self.email.endswith(ERASED_DOMAIN)

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.email

    def get_short_name(self) -> str:
        return self.first_name or self.email

    @cached_property
    def _standing(self) -> list[tuple[str | None, bool]]:
        """Each municipal role, or None for no role, and whether any network names this person as its ansvarlig chef.

        One query, since every page asks for both; none for whoever came with it.
        """
        me = type(self)._base_manager.filter(pk=self.pk)
        return list(me.annotate(**_standing_of(self.pk)).values_list("standing_role", "standing_is_sponsor"))

    @cached_property
    def roles(self) -> frozenset[str]:
        """The municipal roles held now, read once per request."""
        if not self.is_active:
            return frozenset()
        return frozenset(role for role, _is_sponsor in self._standing if role)

    @property
    def is_hr(self) -> bool:
        return bool(self.roles & {Role.HR_CONSULTANT, Role.HR_ADMIN})

    @property
    def is_hr_admin(self) -> bool:
        return Role.HR_ADMIN in self.roles

    @property
    def is_executive_board(self) -> bool:
        return Role.EXECUTIVE_BOARD in self.roles

    @property
    def is_political(self) -> bool:
        return Role.POLITICAL in self.roles

    @property
    def is_top_management(self) -> bool:
        return self.is_executive_board or self.is_political

    @property
    def is_system_admin(self) -> bool:
        return Role.SYSTEM_ADMIN in self.roles

    @cached_property
    def is_sponsor(self) -> bool:
        """Whether any network names this person as its ansvarlig chef."""
        return any(is_sponsor for _role, is_sponsor in self._standing)

    @cached_property
    def post(self) -> "Leader | None":
        """The leader post held now, with its unit, field and level; None for someone who holds none."""
        return (
            self.posts.filter(valid_to__isnull=True)
            .select_related("unit__area", "field", "level", "line_manager__user")
            .first()
        )


def _standing_of(pk: int) -> dict[str, models.expressions.Combinable]:
    sponsored = User(pk=pk).sponsored_networks.order_by()
    return {"standing_role": F("role_assignments__role"), "standing_is_sponsor": models.Exists(sponsored)}


_WHO = -1  # nobody's key


@cache
def _standing_statement() -> tuple[str, tuple]:
    """Composed once: every request asks it, and composing takes five times as long as the rest."""
    return User.objects.filter(pk=_WHO).annotate(**_standing_of(_WHO)).query.sql_with_params()


_SORTED_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyzæøå"
# Digits alone, since their order is one all databases and collations agree on: a space is 01, the letters 02 to 40.
_SORT_DIGITS = {" ": "01"} | {letter: f"{place:02}" for place, letter in enumerate(_SORTED_LETTERS, start=2)}
_SORT_DIGITS |= {sign: _SORT_DIGITS[letter] for sign, letter in zip("{|}", "æøå", strict=True)}


def sort_text(*parts: str) -> str:
    """The parts as digits that any database sorts in Danish order; letters of other alphabets follow å.

    A part that ends comes before one that goes on: Dam, Zita before Dam Holm, Anne.
    """
    return "00".join(map(_sort_digits, parts))[:400]


def _sort_digits(text: str) -> str:
    digits = (_SORT_DIGITS.get(sign) or (f"9{ord(sign):07}" if sign.isalnum() else "") for sign in danish_key(text))
    return "".join(digits)


class Role(models.TextChoices):
    """Roles across the municipality; tovholder and ansvarlig chef are roles in one network."""

    HR_CONSULTANT = "hr_consultant", _("HR-konsulent")
    HR_ADMIN = "hr_admin", _("HR-administrator")
    EXECUTIVE_BOARD = "executive_board", _("Direktion")
    POLITICAL = "political", _("Politisk topledelse")
    SYSTEM_ADMIN = "system_admin", _("Systemadministrator")


class RoleAssignment(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="role_assignments")
    role = models.CharField(_("Rolle"), max_length=20, choices=Role)
    given_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    given_at = models.DateTimeField(auto_now_add=True)
    is_from_groups = models.BooleanField(
        default=False,
        help_text="Given by the groups of the municipality's own sign-in, and taken when they no longer do.",
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "role"], name="one_assignment_per_role")]

    def __str__(self):
        return f"{self.user}: {self.get_role_display()}"


# --- The organisation ------------------------------------------------------------------------------------------------


class OrgUnitType(models.Model):
    """What this municipality calls a kind of unit: forvaltning, center, afdeling, institution."""

    name = models.CharField(_("Betegnelse"), max_length=100, unique=True)
    rank = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["rank", "name"]

    def __str__(self):
        return self.name


class OrgUnit(models.Model):
    """A node in the organisation. `area` is its topmost unit (itself for a top one), kept for counting."""

    name = models.CharField(_("Navn"), max_length=200)
    type = models.ForeignKey(OrgUnitType, on_delete=models.PROTECT, related_name="units")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    area = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["parent", "name"], name="one_unit_per_name_and_parent"),
            models.UniqueConstraint(fields=["name"], condition=Q(parent__isnull=True), name="one_top_unit_per_name"),
        ]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        if self.parent_id:
            self.area_id = self.parent.area_id or self.parent_id
            super().save(*args, **kwargs)
        else:
            super().save(*args, **kwargs)
            if self.area_id != self.pk:
                self.area_id = self.pk
                super().save(update_fields=["area"])


class ProfessionalField(models.Model):
    name = models.CharField(_("Navn"), max_length=100, unique=True)
    rank = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["rank", "name"]
        verbose_name = _("fagområde")
        verbose_name_plural = _("fagområder")

    def __str__(self):
        return self.name


class LeadershipLevel(models.Model):
    """Ordered from the one closest to the staff upwards."""

    name = models.CharField(_("Navn"), max_length=100, unique=True)
    rank = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["rank", "name"]
        verbose_name = _("ledelsesniveau")
        verbose_name_plural = _("ledelsesniveauer")

    def __str__(self):
        return self.name


class LeaderQuerySet(models.QuerySet):
    def current(self):
        """Posts held now."""
        return self.filter(valid_to__isnull=True, user__is_active=True)

    def for_lists(self):
        """With all a list shows, in Danish order of names."""
        return self.select_related("user", "unit__area", "unit__type", "field", "level", "line_manager__user").order_by(
            "user__sort_text", "pk"
        )

    def matching(self, text: str):
        """Whose name, address or title contains every word of `text`; æ/ae, ø/oe, å/aa are found alike."""
        leaders = self
        for word in fold(text).split():
            leaders = leaders.filter(Q(user__search_text__contains=word) | Q(search_text__contains=word))
        return leaders


class Leader(models.Model):
    """A leader post and the person who holds it, from a date and, once it has ended, to a date (inclusive)."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="posts")
    employee_number = models.CharField(_("Medarbejdernr."), max_length=40, blank=True)
    title = models.CharField(_("Stilling"), max_length=200, blank=True)
    search_text = models.CharField(max_length=400, editable=False, default="")
    unit = models.ForeignKey(OrgUnit, on_delete=models.PROTECT, related_name="leaders")
    field = models.ForeignKey(
        ProfessionalField, on_delete=models.PROTECT, null=True, blank=True, related_name="leaders"
    )
    level = models.ForeignKey(LeadershipLevel, on_delete=models.PROTECT, null=True, blank=True, related_name="leaders")
    line_manager = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="reports")
    deputy = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="stands_in_for")
    valid_from = models.DateField(_("Fra"))
    valid_to = models.DateField(_("Til"), null=True, blank=True)

    objects = LeaderQuerySet.as_manager()

    class Meta:
        verbose_name = _("leder")
        verbose_name_plural = _("ledere")
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(valid_to__isnull=True), name="one_current_post_per_person"
            ),
            models.UniqueConstraint(
                fields=["employee_number"],
                condition=Q(valid_to__isnull=True) & ~Q(employee_number=""),
                name="one_current_post_per_employee_number",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=models.F("valid_from")),
                name="a_post_ends_after_it_begins",
            ),
        ]

    def __str__(self):
        return f"{self.user}, {self.title}" if self.title else str(self.user)

    def get_absolute_url(self):
        return reverse("members:leader", args=[self.pk])

    def save(self, *args, **kwargs):
        self.fill_texts()
        if kwargs.get("update_fields"):
            kwargs["update_fields"] = {*kwargs["update_fields"], "search_text"}
        super().save(*args, **kwargs)

    def fill_texts(self) -> None:
        """Set what the title is searched by; bulk operations, which pass `save` by, call it themselves."""
        self.search_text = fold(self.title)[:400]

    @property
    def area(self) -> OrgUnit:
        return self.unit.area or self.unit

    @property
    def title_and_unit(self) -> str:
        """The unit is said once: many titles name it, as “Skoleleder, Østre Skole”."""
        if fold(self.unit.name) in fold(self.title):
            return self.title
        return ", ".join(filter(None, [self.title, self.unit.name]))


# --- Import of leaders -----------------------------------------------------------------------------------------------


class ColumnMapping(models.Model):
    """How HR has said a layout's columns are to be read; found again by the layout's headings."""

    fingerprint = models.CharField(max_length=64, unique=True)
    columns = models.JSONField()
    rules = models.JSONField(default=dict)
    updated_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self):
        return self.fingerprint


class LeaderImport(models.Model):
    """A file between upload and decision. The bytes are dropped when it is decided or a day old."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("Afventer")
        APPLIED = "applied", _("Gennemført")
        DISMISSED = "dismissed", _("Annulleret")

    file_name = models.CharField(max_length=200)
    content = models.BinaryField(null=True)
    columns = models.JSONField(default=dict)
    rules = models.JSONField(default=dict)
    is_remembered = models.BooleanField(default=False, help_text="Whether the columns are read as HR has said.")
    state = models.CharField(max_length=10, choices=State, default=State.UPLOADED)
    uploaded_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", help_text="Empty for the import_leaders command."
    )
    uploaded_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True, blank=True)
    summary = models.JSONField(default=dict)

    class Meta:
        ordering = ["-uploaded_at"]

    def __str__(self):
        return self.file_name

    def get_absolute_url(self):
        return reverse("members:import_preview", args=[self.pk])


# --- Messages --------------------------------------------------------------------------------------------------------


class Message(models.Model):
    """One mail to one person that is due, under way or done. It holds no text: that is built at sending.

    The unique key is what makes a message one and the same through every retry: kind, what it is about, that
    thing's calendar sequence, who, and how long before.
    """

    class State(models.TextChoices):
        DUE = "due", _("Venter")
        CLAIMED = "claimed", _("Sendes")
        DATA_SENT = "data_sent", _("Overdrages")
        SENT = "sent", _("Sendt")
        RETRY = "retry", _("Prøver igen")
        IN_DOUBT = "in_doubt", _("Måske sendt")
        SUPPRESSED = "suppressed", _("Ikke længere aktuel")
        SUPERSEDED = "superseded", _("Erstattet")
        FAILED = "failed", _("Fejlet")

    OPEN_STATES = (State.DUE, State.RETRY)
    UNDER_WAY_STATES = (State.CLAIMED, State.DATA_SENT)

    class Priority(models.IntegerChoices):
        URGENT = 0, _("Straks")
        NORMAL = 5, _("Almindelig")
        LOW = 9, _("Kan vente")

    kind = models.CharField(max_length=40)
    about = models.CharField(max_length=40, blank=True, help_text="Kinds with the same word here share their subjects.")
    subject_id = models.BigIntegerField(
        help_text="Primary key of what the message is about; its kind says of which model."
    )
    sequence = models.PositiveIntegerField(default=0)
    offset_minutes = models.PositiveIntegerField(default=0, help_text="How long before the start a reminder is for.")
    # No index of its own: those below that begin with the recipient serve.
    recipient = models.ForeignKey(User, on_delete=models.CASCADE, related_name="messages_received", db_index=False)
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.NORMAL)

    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    useless_after = models.DateTimeField(null=True, blank=True, help_text="Not sent, and not retried, after this.")

    is_held = models.BooleanField(default=False, help_text="Waits to be gathered in its receiver's weekly mail.")
    digest = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="gathered",
        editable=False,
        db_index=False,
        help_text="The weekly mail it went with.",
    )

    state = models.CharField(max_length=12, choices=State, default=State.DUE)
    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    copies = models.PositiveSmallIntegerField(default=0, help_text="How many the mail server may have accepted.")
    dated_at = models.DateTimeField(null=True, blank=True, help_text="The first try: the Date of every copy.")
    sent_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(
        null=True, blank=True, help_text="Sent, dropped or given up: nothing more happens."
    )
    sent_to = models.CharField(max_length=254, blank=True)
    last_code = models.PositiveSmallIntegerField(null=True, blank=True)
    last_error = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("besked")
        verbose_name_plural = _("beskeder")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_id", "sequence", "recipient", "offset_minutes"], name="one_message_per_key"
            ),
        ]
        indexes = [
            models.Index(
                fields=["priority", "due_at", "id"],
                condition=Q(state__in=["due", "retry"]),
                name="messages_waiting",
            ),
            models.Index(
                fields=["lease_until"], condition=Q(state__in=["claimed", "data_sent"]), name="messages_under_way"
            ),
            models.Index(
                fields=["recipient", "subject_id", "sequence"],
                condition=Q(state__in=["due", "retry", "claimed", "data_sent"]),
                name="messages_unfinished",
            ),
            models.Index(fields=["recipient", "-due_at"], name="messages_of_a_person"),
            models.Index(fields=["digest"], condition=Q(digest__isnull=False), name="messages_gathered"),
            models.Index(fields=["recipient", "due_at"], condition=Q(state="due", is_held=True), name="messages_held"),
            models.Index(fields=["-due_at", "-id"], name="messages_by_time"),
            models.Index(fields=["state"], condition=Q(state__in=["failed", "in_doubt"]), name="messages_in_trouble"),
        ]

    def __str__(self):
        return f"{self.kind} {self.pk}"

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.subject_id}:{self.sequence}:{self.recipient_id}:{self.offset_minutes}"


class Heartbeat(models.Model):
    """When a part of the machinery was last alive: tick, worker, sender. `trouble` stands while no mail is taken."""

    name = models.CharField(max_length=40, primary_key=True)
    beaten_at = models.DateTimeField()
    note = models.CharField(max_length=500, blank=True, help_text="The mail server's answer.")

    def __str__(self):
        return f"{self.name} {self.beaten_at:%Y-%m-%d %H:%M:%S}"


# --- Who did what ----------------------------------------------------------------------------------------------------


class AuditEvent(models.Model):
    """Who did which act on what, and when. Ids and verbs only: never a value, never a text someone wrote."""

    actor = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    actor_role = models.CharField(
        max_length=20, blank=True, help_text="What the actor was, when their name has been erased."
    )
    verb = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField(null=True, blank=True)
    network_id = models.BigIntegerField(null=True, blank=True)
    happened_at = models.DateTimeField()

    class Meta:
        ordering = ["-happened_at", "-pk"]
        indexes = [
            models.Index(fields=["subject_type", "subject_id"], name="audit_of_a_thing"),
            models.Index(fields=["network_id", "-happened_at"], name="audit_of_a_network"),
        ]

    def __str__(self):
        return f"{self.verb} {self.subject_type} {self.subject_id}"


from members.logbooks import (  # noqa: E402, F401  (their tables belong to this app)
    Disposal,
    ListRead,
    ListSighting,
    PersonalDataRead,
    RoleChange,
)
