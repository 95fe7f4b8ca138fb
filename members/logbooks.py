"""What is written down once and not changed: roles given and taken, and who has looked at whom."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class RoleChange(models.Model):
    """A role given or taken, or a person's access closed or opened, with the reason HR wrote."""

    class Act(models.TextChoices):
        GIVEN = "given", _("Fik rollen")
        TAKEN = "taken", _("Mistede rollen")
        CLOSED = "closed", _("Adgang lukket")
        OPENED = "opened", _("Adgang åbnet")
        RESET = "reset", _("Totrinslogin nulstillet")

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
