"""What is written down once and not changed: roles given and taken, and who has looked at whom."""

import json
from collections.abc import Iterable

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from members.danish import today


class RoleChange(models.Model):
    """A role given or taken, or a person's access closed or opened, with the reason HR wrote."""

    class Act(models.TextChoices):
        GIVEN = "given", _("Fik rollen")
        TAKEN = "taken", _("Mistede rollen")
        CLOSED = "closed", _("Adgang lukket")
        OPENED = "opened", _("Adgang åbnet")
        RESET = "reset", _("Totrinslogin nulstillet")
        ADDRESS = "address", _("Ny e-mail i stedet for:")
        NUMBER = "number", _("Nyt medarbejdernummer i stedet for:")

    KNOWN_BY = (Act.ADDRESS, Act.NUMBER)  # an import may change everyone's: they stand on each person's own page

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="role_changes")
    act = models.CharField(max_length=10, choices=Act)
    role = models.CharField(max_length=20, blank=True, help_text="Empty when the whole access is meant.")
    reason = models.CharField(_("Begrundelse"), max_length=300)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["-changed_at", "-pk"]
        indexes = [models.Index(fields=["-changed_at", "-id"], name="role_changes_by_time")]

    def __str__(self):
        return f"{self.act} {self.role}"

    @property
    def label(self) -> str:
        """“Fik rollen HR-konsulent”, “Adgang lukket”."""
        from members.models import Role

        if not self.role:
            return self.get_act_display()
        role = Role(self.role).label if self.role in Role.values else self.role
        given = self.act == self.Act.GIVEN
        return (_("Fik rollen %(role)s") if given else _("Mistede rollen %(role)s")) % {"role": role}


class PersonalDataRead(models.Model):
    """Somebody in HR, or an administrator, opened a page about one person. The person can see it."""

    class Page(models.TextChoices):
        LEADER = "leader", _("Din stilling og dine netværk")
        ROLES = "roles", _("Dine roller og din adgang")
        ERASURE = "erasure", _("Sletning af dine persondata")

    reader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="personal_data_reads")
    page = models.CharField(max_length=20, choices=Page)
    read_at = models.DateTimeField()

    class Meta:
        ordering = ["-read_at", "-pk"]
        indexes = [models.Index(fields=["person", "-read_at"], name="reads_of_a_person")]

    def __str__(self):
        return f"{self.reader_id} {self.page} {self.person_id}"


def note_read(person, page: str, *, reader, now) -> None:
    """Note that `reader` looks at `person`; looking at oneself is nobody's business."""
    if person.pk != reader.pk:
        PersonalDataRead.objects.create(reader=reader, person=person, page=page, read_at=now)


# --- Lists of people -------------------------------------------------------------------------------------------------


class ListRead(models.Model):
    """Somebody in HR read or fetched a list of people: one row for each reader, list, choice of filters and day."""

    class Kind(models.TextChoices):
        LEADERS = "leaders", _("Listen over ledere")
        OUTSIDE = "outside", _("Ledere uden netværk")
        SEARCH = "search", _("Resultat af en søgning")
        IMPORT = "import", _("Fil med ledere, før den blev indlæst")
        MEMBERS = "members", _("Medlemmer og tilmeldinger i et netværk")
        CANDIDATES = "candidates", _("Ledere, der kan inviteres til et netværk")
        CONSULTED = "consulted", _("Personer, der kan spørges i en høring")
        ROLES = "roles", _("Personer og roller")
        DELIVERIES = "deliveries", _("Mails, der er sendt eller venter")
        ERASURE = "erasure", _("Personer, hvis persondata kan slettes")

    reader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind)
    selection = models.TextField(blank=True, help_text="The filters, as JSON. Never a name searched for.")
    network_id = models.BigIntegerField(default=0, help_text="Zero for a list across networks.")
    is_export = models.BooleanField(_("Hentet som fil"), default=False)
    day = models.DateField(_("Dag"))

    class Meta:
        ordering = ["-day", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["reader", "kind", "selection", "network_id", "is_export", "day"],
                name="one_list_read_per_reader_and_day",
            )
        ]
        indexes = [models.Index(fields=["day"], name="lists_read_by_day")]

    def __str__(self):
        return f"{self.get_kind_display()}, {self.day:%d.%m.%Y}, {self.reader or '–'}"

    @property
    def chosen(self) -> list[tuple[str, str]]:
        """The filters in words: (label, value), the value empty for one that is on or off."""
        found = json.loads(self.selection or "{}")
        return [(str(SELECTIONS[name]), value) for name, value in found.items() if name in SELECTIONS]


SELECTIONS = {
    "name": _("Søgt på navn eller ord"),
    "unit": _("Enhed"),
    "area": _("Område"),
    "level": _("Ledelsesniveau"),
    "field": _("Fagområde"),
    "without_network": _("Uden netværk"),
    "lacking": _("Mangler niveau eller fagområde"),
}


class ListSighting(models.Model):
    """A person who stood on a list that was read."""

    # No index of its own for the list: the unique one begins with it.
    list_read = models.ForeignKey(
        ListRead, on_delete=models.CASCADE, related_name="sightings", verbose_name=_("Liste"), db_index=False
    )
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sightings")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list_read", "person"], name="one_sighting_per_list_and_person")]

    def __str__(self):
        return f"{self.list_read_id} {self.person_id}"


def note_list(
    kind: str,
    people: Iterable[int],
    *,
    reader,
    now,
    selection: dict | None = None,
    network_id: int = 0,
    is_export: bool = False,
) -> None:
    """Note that `reader` has these people before them on one list; the same list again that day adds only new faces.

    Of what was searched for no word is kept, only that something was.
    """
    seen = set(people) - {reader.pk, None}
    if not seen:
        return
    chosen = {name: "" if value is True else str(value) for name, value in (selection or {}).items() if value}
    if "name" in chosen:
        chosen["name"] = ""
    what = {
        "reader": reader,
        "kind": kind,
        "selection": json.dumps(chosen, ensure_ascii=False, sort_keys=True) if chosen else "",
        "network_id": network_id,
        "is_export": is_export,
        "day": today(now),
    }
    known = ListSighting.objects.filter(**{f"list_read__{name}": value for name, value in what.items()})
    new = seen - set(known.values_list("person", flat=True))
    if not new:
        return  # most often: a list read again writes nothing
    with transaction.atomic():
        read, _is_new = ListRead.objects.get_or_create(**what)
        sightings = [ListSighting(list_read=read, person_id=person) for person in sorted(new)]
        # Two tabs at once may add the same face; the constraint keeps one.
        ListSighting.objects.bulk_create(sightings, batch_size=500, ignore_conflicts=True)


# --- What was deleted ------------------------------------------------------------------------------------------------


class Disposal(models.Model):
    """A line of the kassationslog: what was deleted, by which rule, how much of it. Never whose, never what it said."""

    rule = models.CharField(max_length=30)
    reference = models.CharField(max_length=300)
    reason = models.CharField(_("Begrundelse"), max_length=300, blank=True)
    older_than = models.DateTimeField(null=True)
    count = models.PositiveIntegerField()
    disposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    disposed_at = models.DateTimeField()

    class Meta:
        ordering = ["-disposed_at", "-pk"]
        indexes = [models.Index(fields=["-disposed_at", "-id"], name="disposals_by_time")]

    def __str__(self):
        return f"{self.rule}: {self.count}"
