"""Who may see and do what with people: HR alone keeps the list of leaders and imports it (design §4)."""

from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404

from members.models import Leader, LeaderImport, User


def can_see_leaders(user: User) -> bool:
    return user.is_hr


def can_edit_leader(user: User, leader: Leader) -> bool:
    """A post that has ended stays as it was."""
    return user.is_hr and leader.valid_to is None


def hr_only(view):
    """For pages everyone knows of and only HR may open."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not request.user.is_hr:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def hr_administrators_only(view):
    """For pages about rights and personal data, which a few in HR answer for."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not request.user.is_hr_admin:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def get_leader(user: User, pk: int) -> Leader:
    """Any post for HR, also one that has ended; for anyone else as if there were none."""
    if not can_see_leaders(user):
        raise Http404
    posts = Leader.objects.select_related("user", "unit__area", "unit__type", "field", "level", "line_manager__user")
    return get_object_or_404(posts, pk=pk)


def get_import(user: User, pk: int) -> LeaderImport:
    if not can_see_leaders(user):
        raise Http404
    return get_object_or_404(LeaderImport.objects.select_related("uploaded_by"), pk=pk)
