"""Pages of temafeedback: bring a theme, write to the one who brought it, share or take it back."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from meetings import feedback_theme as room
from meetings.feedback import FeedbackRefused
from meetings.feedback_forms import ThemeForm, ThemeReplyForm
from networks import permissions
from networks.models import Network
from networks.tabs import tabs


def _page(request, template, network, **context):
    context |= {"network": network, "tabs": tabs(request.user, network, current="feedback")}
    return render(request, f"meetings/{template}.html", context)


def _get(request, slug, pk):
    network = permissions.get_room(request.user, slug)
    brought = get_object_or_404(network.theme_feedback.select_related("meeting", "focus_person"), pk=pk)
    brought.network = network
    return brought


def _get_own(request, slug, pk):
    brought = _get(request, slug, pk)
    if brought.focus_person_id != request.user.pk:
        raise PermissionDenied
    return brought


@require_http_methods(["GET", "HEAD", "POST"])
def new_theme_feedback(request, slug):
    network = permissions.get_room(request.user, slug)
    if network.state != Network.State.ACTIVE:
        raise PermissionDenied
    now = timezone.now()
    form = ThemeForm(
        request.POST if request.method == "POST" else None,
        meetings=room.meetings_ahead(network, now),
        initial={"meeting": request.GET.get("moede")},
    )
    if form.is_valid():
        try:
            brought = room.bring(actor=request.user, now=now, **form.cleaned_data)
        except FeedbackRefused as refusal:
            form.add_error("meeting", str(refusal))
        else:
            messages.success(request, _("Temaet er annonceret. De andre får en mail om, at der er et tema til mødet."))
            return redirect(brought)
    return _page(request, "feedback_theme_new", network, form=form)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def theme_feedback(request, slug, pk):
    brought = _get(request, slug, pk)
    now = timezone.now()
    is_focus_person = brought.focus_person_id == request.user.pk
    replies = room.replies_for(request.user, brought)
    own = next((reply for reply in replies if reply.author_id == request.user.pk), None)
    form = None
    if room.takes_replies(brought, now) and not is_focus_person:
        form = ThemeReplyForm(
            request.POST if request.method == "POST" else None, initial={"text": own.text if own else ""}
        )
    if request.method == "POST":
        if form is None:
            messages.warning(request, _("Der kan ikke skrives flere svar til det tema."))
            return redirect(brought)
        if form.is_valid():
            try:
                room.reply(brought, actor=request.user, text=form.cleaned_data["text"], now=now)
            except FeedbackRefused as refusal:
                messages.warning(request, str(refusal))
            else:
                sent = _("Dit svar er sendt til %(name)s.") % {"name": brought.focus_person.get_full_name()}
                messages.success(request, sent)
            return redirect(brought)
    return _page(
        request,
        "feedback_theme",
        brought.network,
        brought=brought,
        is_focus_person=is_focus_person,
        replies=replies if is_focus_person or brought.shared_at else [],
        own=own,
        form=form,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def share_theme_feedback(request, slug, pk):
    brought = _get_own(request, slug, pk)
    if request.method == "POST":
        room.share(brought, actor=request.user, now=timezone.now())
        messages.success(request, _("Svarene er delt med netværket."))
        return redirect(brought)
    if brought.shared_at:
        return redirect(brought)
    return _page(request, "feedback_theme_share", brought.network, brought=brought)


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_theme_feedback(request, slug, pk):
    brought = _get_own(request, slug, pk)
    if request.method == "POST":
        room.withdraw(brought, actor=request.user, now=timezone.now())
        messages.success(request, _("Temaet og svarene på det er slettet."))
        return redirect("meetings:feedback", slug)
    return _page(request, "feedback_theme_withdraw", brought.network, brought=brought)
