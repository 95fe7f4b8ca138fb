"""What HR writes about leaders and their import, and what each person chooses for themselves."""

import hashlib
from datetime import time

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from members import digest, posts
from members.danish import danish_key, time_range, today
from members.fields import DanishDateField, PersonEmailField, PlainCharField, has_cpr
from members.leader_import.columns import Column, Layout
from members.leader_import.planning import DEEPEST_RULE, RULE_DEPTH, rule_key
from members.leader_import.reading import Table, too_big
from members.leader_import.rows import RowReader
from members.models import Leader, LeadershipLevel, ProfessionalField, User
from members.organisation import PATH_SIGN, Organisation
from members.signals import choices_changed

SAMPLES = 3
SAMPLE_LENGTH = 40
MAX_RULE_UNITS = 300


def posted(request):
    """What was sent, also when it was nothing; None when the page was only asked for."""
    return request.POST if request.method == "POST" else None


# --- One leader ------------------------------------------------------------------------------------------------------


class LeaderForm(forms.Form):
    first_name = PlainCharField(label=gettext_lazy("Fornavn"), max_length=100)
    last_name = PlainCharField(label=gettext_lazy("Efternavn"), max_length=100)
    email = PersonEmailField(
        label=gettext_lazy("E-mail"),
        help_text=gettext_lazy("Adressen er også lederens brugernavn, når hun eller han logger ind."),
    )
    phone = PlainCharField(label=gettext_lazy("Telefon"), max_length=40, required=False)
    employee_number = PlainCharField(label=gettext_lazy("Medarbejdernr."), max_length=40, required=False)
    title = PlainCharField(label=gettext_lazy("Stilling"), max_length=200, required=False)
    unit = forms.TypedChoiceField(label=gettext_lazy("Enhed"))
    level = forms.ModelChoiceField(
        LeadershipLevel.objects.all(),
        label=gettext_lazy("Ledelsesniveau"),
        required=False,
        empty_label=gettext_lazy("Ikke valgt"),
    )
    field = forms.ModelChoiceField(
        ProfessionalField.objects.all(),
        label=gettext_lazy("Fagområde"),
        required=False,
        empty_label=gettext_lazy("Ikke valgt"),
    )
    line_manager = PlainCharField(
        label=gettext_lazy("Nærmeste leder"),
        required=False,
        max_length=254,
        help_text=gettext_lazy("Skriv navn, e-mail eller medarbejdernr."),
        widget=forms.TextInput(attrs={"list": "managers", "autocomplete": "off"}),
    )

    def __init__(self, *args, leader: Leader, organisation: Organisation, **kwargs):
        self.leader = leader
        manager = leader.line_manager
        kwargs["initial"] = {
            **{name: getattr(leader.user, name) for name in posts.PERSON_FIELDS},
            "employee_number": leader.employee_number,
            "title": leader.title,
            "unit": leader.unit_id,
            "level": leader.level_id,
            "field": leader.field_id,
            "line_manager": manager.user.email if manager else "",
        }
        super().__init__(*args, **kwargs)
        self.fields["unit"].choices = [(unit.pk, organisation.label(unit)) for unit in organisation.sorted()]
        self.fields["unit"].coerce = lambda pk: organisation.units[int(pk)]

    def clean_email(self) -> str:
        email = self.cleaned_data["email"]
        if User.objects.filter(email__iexact=email).exclude(pk=self.leader.user_id).exists():
            raise ValidationError(_("E-mailen tilhører en anden person."))
        return email

    def clean_employee_number(self) -> str:
        number = self.cleaned_data["employee_number"]
        others = Leader.objects.filter(valid_to__isnull=True, employee_number=number).exclude(pk=self.leader.pk)
        if number and others.exists():
            raise ValidationError(_("Medarbejdernummeret tilhører en anden leder."))
        return number

    def clean_line_manager(self) -> Leader | None:
        said = self.cleaned_data["line_manager"]
        if not said:
            return None
        manager = self._find_manager(said)
        if posts.is_managed_by(manager, self.leader):
            raise ValidationError(
                _("%(name)s kan ikke være nærmeste leder, for så ville rækken af ledere gå i ring."),
                params={"name": manager.user.get_full_name()},
            )
        return manager

    def _find_manager(self, said: str) -> Leader:
        current = Leader.objects.current().select_related("user")
        exact = current.filter(user__email__iexact=said) | current.filter(employee_number__iexact=said)
        found = list(exact[:2]) or list(current.matching(said)[:2])
        if not found and self.leader.line_manager and self.leader.line_manager.user.email == said.lower():
            return self.leader.line_manager  # whose own post has ended, and nobody has said otherwise
        if not found:
            raise ValidationError(_("Der er ingen leder med det navn, den e-mail eller det nummer."))
        if len(found) > 1:
            raise ValidationError(_("Flere ledere passer. Skriv e-mail eller medarbejdernr."))
        return found[0]

    @property
    def values(self) -> dict:
        return self.cleaned_data


class EndPostForm(forms.Form):
    """When a leader left the post."""

    on = DanishDateField(label=gettext_lazy("Sidste dag i stillingen"))

    def __init__(self, *args, leader: Leader, now, **kwargs):
        self.leader, self.today = leader, today(now)
        super().__init__(*args, initial={"on": self.today}, **kwargs)

    def clean_on(self):
        on = self.cleaned_data["on"]
        if on > self.today:
            raise ValidationError(_("Datoen ligger fremme i tiden. Afslut stillingen, når lederen er fratrådt."))
        if on < self.leader.valid_from:
            raise ValidationError(_("Datoen ligger før den dag, stillingen begyndte."))
        return on


# --- Import ----------------------------------------------------------------------------------------------------------


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Fil med ledere"),
        help_text=gettext_lazy("Et Excel-ark (.xlsx) eller en CSV-fil på højst 10 MB."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv,.txt,.tsv"}),
        allow_empty_file=True,
        max_length=None,
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > settings.IMPORT_MAX_BYTES:
            raise ValidationError(too_big())
        if has_cpr(file.name):  # it is kept beside the import
            raise ValidationError(_("Filens navn ser ud til at indeholde et cpr-nummer. Giv filen et andet navn."))
        return file


class ColumnsForm(forms.Form):
    """One choice per column of the file: what it holds."""

    def __init__(self, *args, table: Table, layout: Layout, **kwargs):
        super().__init__(*args, **kwargs)
        self.table = table
        for place, column in enumerate(layout.columns):
            self.fields[f"column_{place}"] = forms.ChoiceField(
                label=table.headings[place] or layout.name_of(place),
                choices=Column.choices,
                widget=forms.Select(attrs={"class": "form-select"}),
                required=False,
                initial=column.value,
            )

    def rows(self):
        """Each column's field with the first values that stand in it."""
        for place, field in enumerate(self):
            yield field, self._samples(place)

    def _samples(self, place: int) -> list[str]:
        cells = (line.cells[place].strip() for line in self.table.lines if place < len(line.cells))
        samples = dict.fromkeys(cell for cell in cells if cell)
        return [
            sample if len(sample) <= SAMPLE_LENGTH else f"{sample[:SAMPLE_LENGTH]}…"
            for sample, _number in zip(samples, range(SAMPLES), strict=False)
        ]

    def clean(self):
        super().clean()
        values = [self.cleaned_data.get(f"column_{place}", "") for place in range(len(self.table.headings))]
        self.layout = Layout.from_values(self.table.headings, values)
        if problems := self.layout.problems():
            raise ValidationError(problems)


class RulesForm(forms.Form):
    """What the file lacks, filled by rule: a level by how high the unit is, a field by which unit it is."""

    def __init__(self, *args, table: Table, layout: Layout, rules: dict, **kwargs):
        super().__init__(*args, **kwargs)
        self.level_names: dict[str, str] = {}
        self.unit_names: dict[str, str] = {}
        rows = [row for row in RowReader(table, layout).rows() if row.path and not row.is_vacant]
        if not layout.has(Column.LEVEL):
            self._add_levels(rows, rules.get("levels", {}))
        if not layout.has(Column.FIELD):
            self._add_fields(rows, rules.get("fields", {}))

    def _add_levels(self, rows, chosen: dict) -> None:
        choices = [
            ("", _("Udfyldes i hånden bagefter")),
            *((level.name,) * 2 for level in LeadershipLevel.objects.all()),
        ]
        leaders: dict[int, list] = {}
        for row in rows:
            leaders.setdefault(min(len(row.path), DEEPEST_RULE), []).append(row)
        for depth, those in sorted(leaders.items()):
            name = f"level_{depth}"
            self.level_names[name] = str(depth)
            count = ngettext("%(count)d leder, fx %(unit)s", "%(count)d ledere, fx %(unit)s", len(those))
            self.fields[name] = forms.ChoiceField(
                label=DEPTHS[depth],
                choices=choices,
                required=False,
                initial=chosen.get(str(depth), ""),
                help_text=count % {"count": len(those), "unit": PATH_SIGN.join(those[0].path)},
            )

    def _add_fields(self, rows, chosen: dict) -> None:
        names = [field.name for field in ProfessionalField.objects.all()]
        paths = {rule_key(row.path[:depth]): row.path[:depth] for row in rows for depth in range(1, RULE_DEPTH + 1)}
        ordered = sorted(paths.items(), key=lambda item: tuple(map(danish_key, item[1])))
        if len(ordered) > MAX_RULE_UNITS:
            ordered = [item for item in ordered if len(item[1]) == 1][:MAX_RULE_UNITS]
        for key, path in ordered:
            name = f"field_{hashlib.sha256(key.encode()).hexdigest()[:16]}"
            self.unit_names[name] = key
            unset = _("Udfyldes i hånden bagefter") if len(path) == 1 else _("Som enheden over")
            self.fields[name] = forms.ChoiceField(
                label=PATH_SIGN.join(path),
                choices=[("", unset), *((field, field) for field in names)],
                required=False,
                initial=chosen.get(key, ""),
            )

    def areas(self):
        """Each top unit's field, with those of the units just below it."""
        areas: list[tuple] = []
        for name, key in self.unit_names.items():
            if PATH_SIGN in key and areas:
                areas[-1][1].append(self[name])
            else:
                areas.append((self[name], []))
        return areas

    def levels(self):
        return [self[name] for name in self.level_names]

    @property
    def rules(self) -> dict:
        return {
            "levels": {key: value for name, key in self.level_names.items() if (value := self.cleaned_data[name])},
            "fields": {key: value for name, key in self.unit_names.items() if (value := self.cleaned_data[name])},
        }


DEPTHS = {
    1: gettext_lazy("Ledere af øverste enheder"),
    2: gettext_lazy("Ledere på 2. niveau"),
    3: gettext_lazy("Ledere på 3. niveau"),
    4: gettext_lazy("Ledere på 4. niveau og længere nede"),
}


# --- Myself ----------------------------------------------------------------------------------------------------------


class ProfileForm(forms.ModelForm):
    class Meta:
        model = User
        fields = [
            "language",
            "wants_reminders",
            "reminder_amount",
            "wants_digest",
            "digest_weekday",
            "digest_hour",
        ]
        help_texts = {
            "wants_reminders": gettext_lazy(
                "Du får altid besked, når et møde bliver indkaldt, flyttet eller aflyst, også uden påmindelser. "
                "Netværket kan have besluttet, at alle får påmindelser."
            ),
            "wants_digest": gettext_lazy(
                "Aflysninger, ændringer af møder, der er nær, og påmindelser får du stadig med det samme."
            ),
        }

    def __init__(self, data=None, **kwargs):
        if data is not None:
            # What a shorter form did not ask for stays as it is.
            data = data.copy()
            for name in ("reminder_amount", "digest_weekday", "digest_hour"):
                data.setdefault(name, str(getattr(kwargs["instance"], name)))
        super().__init__(data, **kwargs)
        hours = self.fields["digest_hour"]
        hours.choices = [(hour, time_range(time(hour))) for hour, _label in hours.choices]  # in the reader's way

    @transaction.atomic
    def save(self, *, now) -> User:
        """What already waits follows the new choice in the same moment."""
        user = super().save()
        if {"wants_reminders", "reminder_amount"} & set(self.changed_data):
            choices_changed.send(sender=User, user=user, now=now)
        digest.rearrange(user, now=now)
        return user
