"""Pages where HR administrators give and take roles."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import IntegrityError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members import roles, second_factor
from members.danish import fold
from members.forms import posted
from members.logbooks import note_list, note_read
from members.models import ERASED_DOMAIN, ListRead, PersonalDataRead, Role, RoleChange, User
from members.permissions import hr_administrators_only
from members.role_forms import GiveForm, NewPersonForm, ReasonForm, SearchForm

MOST_FOUND = 50
CHANGES_PER_PAGE = 25


def _people():
    people = User.objects.exclude(email__endswith=ERASED_DOMAIN)
    return people.prefetch_related("role_assignments").order_by("sort_text", "pk")


def _with_labels(people) -> list[User]:
    """Each with the names of the roles held, in the order they stand in Role."""
    people = list(people)
    for person in people:
        held = {assignment.role for assignment in person.role_assignments.all()}
        person.role_labels = [role.label for role in Role if role in held]
    return people


@require_safe
@hr_administrators_only
def role_list(request):
    form = SearchForm(request.GET)
    words = fold(form.cleaned_data["q"]).split() if form.is_valid() else []
    if words:
        found = _people()
        for word in words:
            found = found.filter(search_text__contains=word)
        people = found[: MOST_FOUND + 1]
    else:
        people = _people().filter(role_assignments__isnull=False).distinct()
    people = _with_labels(people)
    has_more = bool(words) and len(people) > MOST_FOUND
    people = people[:MOST_FOUND] if words else people
    note_list(
        ListRead.Kind.ROLES,
        [person.pk for person in people],
        reader=request.user,
        now=timezone.now(),
        selection={"name": bool(words)},
    )
    changes = RoleChange.objects.exclude(act__in=RoleChange.KNOWN_BY).select_related("person", "changed_by")
    context = {
        "form": form,
        "has_role_groups": bool(settings.SSO_ROLES),
        "is_search": bool(words),
        "people": people,
        "has_more": has_more,
        "page": Paginator(changes, CHANGES_PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "members/roles.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@hr_administrators_only
def new_person(request):
    form = NewPersonForm(posted(request))
    if form.is_valid():
        try:
            person = roles.create_person(**form.cleaned_data, actor=request.user, now=timezone.now())
        except roles.Refused as refusal:
            form.add_error("email", str(refusal))
        except IntegrityError:  # created in the same moment by someone else
            form.add_error("email", _("Der er netop oprettet en person med den e-mail. Søg efter adressen."))
        else:
            messages.success(request, _("%(person)s er oprettet og får besked på mail.") % {"person": person})
            return redirect("members:person_roles", person.pk)
    return render(request, "members/roles_new.html", {"form": form}, status=400 if form.errors else 200)


@require_safe
@hr_administrators_only
def person(request, pk: int):
    person = get_object_or_404(User, pk=pk)
    note_read(person, PersonalDataRead.Page.ROLES, reader=request.user, now=timezone.now())
    return _show(request, person)


def _show(request, person: User, *, give_form=None, status=200):
    assignments = {a.role: a for a in person.role_assignments.select_related("given_by")}
    context = {
        "person": person,
        "is_self": person == request.user,
        "is_last": set(roles.administrators().values_list("pk", flat=True)) == {person.pk},
        "held": [(role, assignments[role], roles.OPENS[role]) for role in Role if role in assignments],
        "others": [(role, roles.OPENS[role]) for role in Role if role not in assignments],
        "give_form": give_form or GiveForm(roles=_not_held(assignments)),
        "changes": person.role_changes.select_related("changed_by"),
        "post": person.post,
        "has_second_factor": second_factor.has_one(person),
    }
    return render(request, "members/roles_person.html", context, status=status)


def _not_held(held) -> list[tuple[str, str]]:
    return [(role.value, role.label) for role in Role if role not in held]


@require_POST
@hr_administrators_only
def give(request, pk: int):
    person = get_object_or_404(User, pk=pk)
    # All roles, also one held meanwhile: giving it twice is no mistake.
    form = GiveForm(request.POST, roles=Role.choices)
    if not form.is_valid():
        form.fields["role"].choices = [
            ("", _("Vælg en rolle")),
            *_not_held(set(person.role_assignments.values_list("role", flat=True))),
        ]
        return _show(request, person, give_form=form, status=400)
    role = Role(form.cleaned_data["role"])
    done = _try(
        request,
        lambda: roles.give(person, role, reason=form.cleaned_data["reason"], actor=request.user, now=timezone.now()),
    )
    if done:
        words = {"person": person, "role": role.label}
        messages.success(request, _("%(person)s har fået rollen %(role)s.") % words)
    return redirect("members:person_roles", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@hr_administrators_only
def take(request, pk: int, role: str):
    person = get_object_or_404(User, pk=pk)
    if role not in Role.values:
        raise Http404
    role = Role(role)
    if not person.role_assignments.filter(role=role).exists():
        messages.info(request, _("%(person)s har ikke længere rollen.") % {"person": person})
        return redirect("members:person_roles", pk)
    form = ReasonForm(posted(request))
    if form.is_valid():
        reason, now = form.cleaned_data["reason"], timezone.now()
        if _try(request, lambda: roles.take(person, role, reason=reason, actor=request.user, now=now)):
            words = {"person": person, "role": role.label}
            messages.success(request, _("%(person)s har ikke længere rollen %(role)s.") % words)
        if person == request.user and role == Role.HR_ADMIN:
            return redirect("home")
        return redirect("members:person_roles", pk)
    context = {
        "person": person,
        "role": role,
        "opens": roles.OPENS[role],
        "is_self": person == request.user,
        "form": form,
    }
    return render(request, "members/roles_take.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@hr_administrators_only
def close_access(request, pk: int):
    return _change_access(request, pk, opens=False)


@require_http_methods(["GET", "HEAD", "POST"])
@hr_administrators_only
def open_access(request, pk: int):
    return _change_access(request, pk, opens=True)


def _change_access(request, pk: int, *, opens: bool):
    person = get_object_or_404(User, pk=pk)
    form = ReasonForm(posted(request))
    if form.is_valid():
        reason, now = form.cleaned_data["reason"], timezone.now()
        act = roles.open_access if opens else roles.close_access
        if _try(request, lambda: act(person, reason=reason, actor=request.user, now=now)):
            said = _("%(person)s kan logge ind igen.") if opens else _("%(person)s kan ikke længere logge ind.")
            messages.success(request, said % {"person": person})
        return redirect("members:person_roles", pk)
    context = {"person": person, "opens": opens, "form": form}
    return render(request, "members/roles_access.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@hr_administrators_only
def reset_second_factor(request, pk: int):
    person = get_object_or_404(User, pk=pk)
    form = ReasonForm(posted(request))
    if form.is_valid():
        reason, now = form.cleaned_data["reason"], timezone.now()
        if _try(request, lambda: roles.reset_second_factor(person, reason=reason, actor=request.user, now=now)):
            messages.success(
                request,
                _("%(person)s logger ind med adgangskoden alene og sætter to trin op igen.") % {"person": person},
            )
        return redirect("members:person_roles", pk)
    return render(
        request, "members/roles_reset.html", {"person": person, "form": form}, status=400 if form.errors else 200
    )


def _try(request, act) -> bool:
    """Do it; a refusal is said on the next page. False also when there was nothing to do."""
    try:
        return act()
    except roles.Refused as refusal:
        messages.error(request, str(refusal))
        return False
