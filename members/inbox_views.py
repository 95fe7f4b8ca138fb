"""One's own messages: the list, and that it has been read."""

from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST, require_safe

from members import inbox

PER_PAGE = 25


@require_safe
def inbox_list(request):
    page = Paginator(inbox.messages_of(request.user), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "lines": inbox.lines(list(page.object_list), request.user),
        "unread": inbox.unread(request.user),
        "shown_at": timezone.now(),
    }
    return render(request, "members/inbox.html", context)


@require_POST
def mark_read(request):
    now = timezone.now()
    try:
        shown_at = parse_datetime(request.POST.get("shown_at", ""))
    except ValueError:
        shown_at = None
    if shown_at is None or timezone.is_naive(shown_at) or shown_at > now:
        shown_at = now
    inbox.mark_read(request.user, until=shown_at)
    return redirect("members:inbox")
