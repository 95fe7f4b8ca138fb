from datetime import timedelta
from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from members.danish import today
from members.requests import number
from networks import directions as room
from networks import permissions
from networks.forms import DirectionApprovalForm, DirectionForm, NewDirectionForm, NewDirectionsForm
from networks.models import StrategicDirection
from networks.views.confirm import confirm, posted
from networks.views.saving import save_over


@require_safe
def directions(request):
    day = today()
    found = list(permissions.visible_directions(request.user))
    for direction in found:
        direction.shown_state = direction.state_on(day)
    context = {
        "current": [direction for direction in found if direction.is_current(day)],
        "others": [direction for direction in found if not direction.is_current(day)],
        "can_edit": permissions.can_edit_directions(request.user),
    }
    return render(request, "networks/directions.html", context)


@require_safe
def direction(request, pk):
    user, day = request.user, today()
    direction = permissions.get_direction(user, pk)
    is_waiting = direction.state == StrategicDirection.State.SUBMITTED
    can_write = permissions.can_edit_directions(user)
    is_current = direction.is_current(day)
    orphaned = room.without_current_kurs(direction, day).order_by("sort_text") if user.is_hr else []
    context = {
        "direction": direction,
        "state": direction.state_on(day),
        "networks": direction.networks.visible_to(user).order_by("sort_text"),
        "orphaned": orphaned,
        "can_renew": can_write and direction.is_in_force_or_was,
        "is_up_for_review": is_current
        and (can_write or direction.owner_id == user.pk)
        and direction.review_date <= day + room.REVIEWED_DAYS_AHEAD,
        "decisions": direction.decisions.select_related("recorded_by"),
        "can_edit": can_write and direction.is_editable,
        "can_submit": can_write and direction.state == StrategicDirection.State.DRAFT,
        "can_approve": permissions.can_approve_directions(user) and is_waiting,
        "is_waiting": is_waiting,
    }
    return render(request, "networks/direction.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new_direction(request):
    if not permissions.can_edit_directions(request.user):
        raise PermissionDenied
    earlier = _earlier(request)
    if earlier is None:
        return _write(request, StrategicDirection(owner=request.user))
    following = StrategicDirection(owner=earlier.owner)
    for name in ("title", "solutions", "development", "gains"):
        setattr(following, name, getattr(earlier, name))
    following.valid_from = max(earlier.valid_to + timedelta(days=1), today())
    return _write(request, following, earlier=earlier)


def _earlier(request) -> StrategicDirection | None:
    """The kurs a new one is begun from."""
    if not request.GET.get("fra"):
        return None
    chosen = number(request.GET["fra"])
    if chosen is None:
        raise Http404
    return permissions.get_direction(request.user, chosen)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_direction(request, pk):
    return _write(request, permissions.get_direction_to_edit(request.user, pk))


def _write(request, direction: StrategicDirection, *, earlier: StrategicDirection | None = None):
    form = DirectionForm(posted(request), instance=direction, initial={"seen": direction.version})

    def save(seen, **_fields):
        seen = seen if direction.pk else None
        return room.save_direction(form.instance, actor=request.user, now=timezone.now(), seen=seen)

    saving = save_over(form, save)
    if saving.is_done:
        messages.success(request, _("Kladden er gemt."))
        return redirect(saving.result)
    context = {"form": form, "direction": saving.theirs or direction, "earlier": earlier} | saving.shown
    if saving.conflict:
        context["differences"] = form.differences(saving.theirs)
    return render(request, "networks/edit_direction.html", context, status=saving.status)


@require_http_methods(["GET", "HEAD", "POST"])
def renew_direction(request, slug):
    """Tie one network to another kurs in force."""
    network = permissions.get_network_as_hr(request.user, slug)
    return confirm(
        request,
        heading=_("Knyt %(network)s til en ny kurs") % {"network": network},
        consequence=_(
            "Netværket bygger derefter på den kurs, du vælger, og kan igen indkalde til møder. "
            "Resten af grundlaget ændres ikke."
        ),
        button=_("Knyt til kurs"),
        act=partial(room.renew_direction, network, actor=request.user, now=timezone.now()),
        done=_("Netværket er knyttet til den nye kurs."),
        back=network.get_absolute_url(),
        form=NewDirectionForm(posted(request), today=today(), instead_of=network.direction),
        network=network,
        note=_no_other(network.direction),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def renew_directions(request, pk):
    """Tie the networks a kurs has left behind to another one, all at once."""
    direction = permissions.get_direction(request.user, pk)
    if not request.user.is_hr:
        raise PermissionDenied
    left = room.without_current_kurs(direction, today()).order_by("sort_text")
    return confirm(
        request,
        heading=_("Knyt netværk til en ny kurs"),
        consequence=_("Netværkene bygger derefter på den kurs, du vælger, og kan igen indkalde til møder."),
        button=_("Knyt til kurs"),
        act=partial(room.renew_directions, actor=request.user, now=timezone.now()),
        done=_("Netværkene er knyttet til den nye kurs."),
        back=direction.get_absolute_url(),
        form=NewDirectionsForm(posted(request), today=today(), instead_of=direction, networks=left),
        direction=direction,
        note=_no_other(direction),
    )


def _no_other(direction: StrategicDirection | None) -> str:
    """Said when there is nothing to choose."""
    others = StrategicDirection.objects.current(today())
    if (others.exclude(pk=direction.pk) if direction else others).exists():
        return ""
    return _("Der er ingen anden gældende kurs. Skriv en ny, og få den godkendt først.")


@require_http_methods(["GET", "HEAD", "POST"])
def submit_direction(request, pk):
    direction = permissions.get_direction_to_edit(request.user, pk)
    return confirm(
        request,
        heading=_("Send kursen til godkendelse?"),
        consequence=_(
            "Direktionen ser den under Godkendelser og registrerer den politiske og den administrative godkendelse."
        ),
        button=_("Send til godkendelse"),
        act=partial(room.submit_direction, direction, actor=request.user, now=timezone.now()),
        done=_("Kursen er sendt til godkendelse."),
        back=direction.get_absolute_url(),
        direction=direction,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def approve_direction(request, pk, kind):
    direction = permissions.get_direction(request.user, pk)
    if kind not in room.Approval.values:
        raise Http404
    if not permissions.can_approve_directions(request.user):
        raise PermissionDenied
    is_political = kind == room.Approval.POLITICAL
    return confirm(
        request,
        heading=_("Registrér politisk godkendelse") if is_political else _("Registrér administrativ godkendelse"),
        consequence=_(
            "Når kursen er godkendt både politisk og administrativt, er den gældende, og netværk kan bygge på den."
        ),
        button=_("Godkend"),
        act=partial(room.approve_direction, direction, kind=kind, actor=request.user, now=timezone.now()),
        done=_("Godkendelsen er registreret."),
        back=direction.get_absolute_url(),
        form=DirectionApprovalForm(posted(request), initial={"approved_on": today()}),
        direction=direction,
    )
