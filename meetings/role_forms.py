"""Who gets which role."""

from django import forms
from django.utils.translation import gettext_lazy as _

from meetings.models import Meeting, MeetingRole
from meetings.rotation import Turn
from members.danish import compact_date
from members.fields import WholeNumberField
from members.models import User
from networks.models import Network


def _choices(network: Network) -> tuple[list, dict[int, User]]:
    members = network.memberships.active().filter(leader__user__is_active=True).values("leader__user")
    users = {user.pk: user for user in User.objects.filter(pk__in=members).order_by("sort_text", "pk")}
    return [("", _("Ingen endnu")), *((pk, user.get_full_name()) for pk, user in users.items())], users


class _MembersForm(forms.Form):
    def _add(self, name: str, label: str, choices, chosen: User | None, spoken: str = "") -> None:
        self.fields[name] = forms.TypedChoiceField(
            label=label,
            choices=choices,
            coerce=lambda pk: self.users[int(pk)],
            empty_value=None,
            required=False,
            initial=chosen.pk if chosen else "",
            widget=forms.Select(attrs={"class": "form-select", **({"aria-label": spoken} if spoken else {})}),
        )


class AssignRolesForm(_MembersForm):
    """The roles of one meeting, each with the holder its reader saw."""

    def __init__(self, *args, meeting: Meeting, seats, **kwargs):
        super().__init__(*args, **kwargs)
        choices, self.users = _choices(meeting.network)
        for seat in seats:
            is_here = seat.user is None or seat.user.pk in self.users
            self._add(seat.role, seat.role.label, choices, seat.user if is_here else None)
            self.fields[f"seen_{seat.role}"] = WholeNumberField(
                required=False, widget=forms.HiddenInput, initial=seat.user.pk if seat.user else None
            )

    def rows(self):
        for role in MeetingRole.Role:
            yield role, self.cleaned_data[role], self.cleaned_data[f"seen_{role}"]

    def clean(self):
        cleaned = super().clean()
        focus, sparring = cleaned.get(MeetingRole.Role.FOCUS), cleaned.get(MeetingRole.Role.SPARRING)
        if focus is not None and focus == sparring:
            self.add_error(MeetingRole.Role.SPARRING, _("Fokusperson og sparringspartner skal være to forskellige."))
        return cleaned


class RotationForm(_MembersForm):
    """The free roles of the coming meetings, with the proposal filled in."""

    def __init__(self, *args, network: Network, rows: list[list[Turn]], **kwargs):
        super().__init__(*args, **kwargs)
        choices, self.users = _choices(network)
        self.keys = {}
        for turns in rows:
            for turn in turns:
                if turn.user is None or turn.is_proposed:
                    name = f"{turn.meeting.pk}-{turn.role}"
                    self.keys[name] = (turn.meeting.pk, turn.role)
                    self._add(
                        name,
                        turn.role.label,
                        choices,
                        turn.user,
                        spoken=f"{turn.role.label}, {compact_date(turn.meeting.date)}",
                    )
                    turn.box = name

    @property
    def chosen(self) -> dict:
        return {key: self.cleaned_data[name] for name, key in self.keys.items() if self.cleaned_data[name]}
