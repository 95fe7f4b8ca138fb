"""Top management's side of what networks say: politik i høring, and replies to budskaber."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from members.danish import today
from networks import policy as room
from networks import upward
from networks.models import ManagementMessage, Network
from networks.refusal import Refused
from networks.upward_forms import PolicyForm, ReplyToMessageForm
from networks.views.confirm import posted

PAGE_SIZE = 25


def _require_asker(user) -> None:
    if not room.can_ask(user):
        raise PermissionDenied


@require_safe
def policy_drafts(request):
    """What networks have been asked, by whom, and how many have answered."""
    _require_asker(request.user)
    page = Paginator(room.for_list(), PAGE_SIZE).get_page(request.GET.get("page"))
    for draft in page.object_list:
        draft.takes_answers = draft.is_open(today())
    return render(request, "networks/policy_drafts.html", {"page_obj": page})


@require_http_methods(["GET", "HEAD", "POST"])
def new_policy_draft(request):
    _require_asker(request.user)
    form = PolicyForm(posted(request))
    if form.is_valid():
        try:
            draft = room.ask(actor=request.user, now=timezone.now(), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Sendt i høring. Tovholderne har fået besked."))
            return redirect(draft)
    return render(request, "networks/policy_draft_new.html", {"form": form})


@require_safe
def policy_draft(request, pk):
    _require_asker(request.user)
    draft = get_object_or_404(room.for_list().select_related("asked_by"), pk=pk)
    answers = list(room.answers_to(draft).order_by("sent_at", "pk"))
    answered = {answer.network_id for answer in answers}
    context = {
        "draft": draft,
        "takes_answers": draft.is_open(today()),
        "answers": answers,
        "waiting": [network for network in draft.networks.all() if network.pk not in answered],
        "can_reply": upward.can_reply(request.user),
    }
    return render(request, "networks/policy_draft.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def reply_to_management_message(request, pk):
    """The executive board answers a network, once."""
    if not upward.can_reply(request.user):
        raise PermissionDenied
    message = get_object_or_404(ManagementMessage.objects.select_related("network", "policy", "replied_by"), pk=pk)
    if not message.is_sent or not Network.objects.visible_to(request.user).filter(pk=message.network_id).exists():
        raise Http404
    form = ReplyToMessageForm(posted(request))
    if form.is_valid():
        try:
            upward.reply(message, actor=request.user, text=form.cleaned_data["text"], now=timezone.now())
        except Refused as refusal:
            form.add_error(None, str(refusal))
            message.refresh_from_db()
        else:
            messages.success(request, _("Svaret er sendt. Netværkets medlemmer har fået besked."))
            return redirect("netvaerk:status_network", message.network.slug)
    return render(request, "networks/management_message_reply.html", {"message": message, "form": form})
