from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members.danish import fold, today
from members.logbooks import note_list
from members.models import Leader, ListRead, User
from members.requests import numbers
from networks import basis_versions, permissions
from networks import consultation as room
from networks.consultation_forms import ConsultForm, DeadlineForm, ReplyForm
from networks.models import Consultation, ConsultationReply, Network
from networks.refusal import Refused
from networks.views.confirm import confirm, perform, posted

MOST_FOUND = 30
PAGE_SIZE = 25


# --- All of them -----------------------------------------------------------------------------------------------------


@require_safe
def consultations(request):
    """What is out and what has been: for HR all of it, for others what they are asked about or are sponsor of."""
    user, day = request.user, today()
    found = room.for_list(user)
    running = list(found.filter(closed_at__isnull=True).order_by("deadline", "pk"))
    page = Paginator(found.filter(closed_at__isnull=False).order_by("-closed_at", "-pk"), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    for consultation in (*running, *page.object_list):
        consultation.late = consultation.is_late(day)
        consultation.sees_replies = permissions.can_see_consultation_replies(user, consultation.network)
    return render(request, "networks/consultations.html", {"running": running, "page_obj": page})


# --- HR prepares -----------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def prepare(request, slug):
    """Whom to ask, until when, and about what; sending comes last."""
    network = permissions.get_network_as_hr(request.user, slug)
    if not network.is_editable:
        messages.error(request, _("Grundlaget kan ikke sendes i høring længere."))
        return redirect("networks:basis", slug)
    form = ConsultForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            consultation = room.consult(network, actor=request.user, now=timezone.now(), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Grundlaget er sendt i høring."))
            return redirect(consultation)
    consultation = room.unfinished(network)
    text = request.GET.get("q", "").strip()[:100]
    found = _found(text, consultation) if text else []
    note_list(
        ListRead.Kind.CONSULTED,
        [person.pk for person in found],
        reader=request.user,
        now=timezone.now(),
        network_id=network.pk,
        selection={"name": True},
    )
    context = {
        "network": network,
        "consultation": consultation,
        "chosen": _replies(consultation) if consultation else [],
        "q": text,
        "found": found,
        "most_found": MOST_FOUND,
        "form": form,
    }
    return render(request, "networks/prepare_consultation.html", context)


def _found(text: str, consultation: Consultation | None) -> list[User]:
    people = User.objects.filter(is_active=True).prefetch_related(_posts("posts"))
    if consultation:
        people = people.exclude(pk__in=consultation.replies.values("user"))
    for word in fold(text).split():
        people = people.filter(search_text__contains=word)
    return list(people.order_by("sort_text", "pk")[:MOST_FOUND])


def _posts(lookup: str) -> Prefetch:
    return Prefetch(lookup, Leader.objects.current().select_related("unit"), to_attr="current_posts")


def _replies(consultation: Consultation) -> list[ConsultationReply]:
    replies = consultation.replies.select_related("user").prefetch_related(_posts("user__posts"))
    return list(replies.order_by("user__sort_text", "pk"))


@require_POST
def add_people(request, slug):
    network = permissions.get_network_as_hr(request.user, slug)
    chosen = numbers(request.POST.getlist("person"))
    people = User.objects.filter(pk__in=chosen, is_active=True)
    try:
        added = room.add_people(network, people=people, actor=request.user, now=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        said = ngettext("%(count)d person er tilføjet.", "%(count)d personer er tilføjet.", len(added))
        messages.success(request, said % {"count": len(added)})
    return redirect("networks:prepare_consultation", slug)


@require_POST
def remove_person(request, slug, pk):
    network = permissions.get_network_as_hr(request.user, slug)
    reply = get_object_or_404(ConsultationReply.objects.select_related("user"), pk=pk, consultation__network=network)
    return perform(
        request,
        act=partial(room.remove_person, reply, actor=request.user, now=timezone.now()),
        done=_("%(person)s er taget af listen.") % {"person": reply.user},
        to=reverse("networks:prepare_consultation", args=[slug]),
    )


# --- The høring ------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def consultation(request, pk):
    """The draft for those asked to read and answer; for HR and the sponsor also what was answered."""
    user = request.user
    consultation = permissions.get_consultation(user, pk)
    network = consultation.network
    mine = consultation.replies.filter(user=user).first()
    if request.method == "POST" and mine is None:
        raise PermissionDenied
    versions = list(consultation.versions.all())
    form = None
    if mine and consultation.is_open:
        form = ReplyForm(posted(request), initial={"text": mine.text, "seen": versions[-1].number})
    if request.method == "POST" and (form is None or form.is_valid()):
        said = form.cleaned_data if form else {"text": ""}
        return perform(
            request,
            act=partial(room.reply, consultation, actor=user, now=timezone.now(), **said),
            done=_("Tak for dit høringssvar. Du kan rette det, til høringen lukker."),
            to=consultation.get_absolute_url(),
        )
    sees_replies = permissions.can_see_consultation_replies(user, network)
    since = _compared_with(versions, mine)
    context = {
        "consultation": consultation,
        "network": network,
        "mine": mine,
        "form": form,
        "version": versions[-1],
        "since": since,
        "parts": basis_versions.parts(versions[-1], since),
        "replies": _replies(consultation) if sees_replies else [],
        "sees_replies": sees_replies,
        "is_late": consultation.is_late(today()),
        "can_manage": user.is_hr and consultation.is_open,
        "has_unsent_changes": user.is_hr and consultation.is_open and room.has_unsent_changes(consultation),
        "sees_network": Network.objects.visible_to(user).filter(pk=network.pk).exists(),
    }
    context["replied"] = sum(bool(reply.replied_at) for reply in context["replies"])
    return render(request, "networks/consultation.html", context)


def _compared_with(versions: list, mine: ConsultationReply | None):
    """What the reader saw last: the version they answered, otherwise the one before the latest."""
    if len(versions) == 1:
        return None
    if mine and mine.version and mine.version < versions[-1].number:
        return next(version for version in versions if version.number == mine.version)
    return versions[-2]


def _manage(request, pk: int, act, **words):
    consultation = permissions.get_consultation_as_hr(request.user, pk)
    return confirm(
        request,
        act=partial(act, consultation, actor=request.user, now=timezone.now()),
        back=consultation.get_absolute_url(),
        network=consultation.network,
        **words,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def send_new_version(request, pk):
    return _manage(
        request,
        pk,
        room.send_new_version,
        heading=_("Send den nye version ud?"),
        consequence=_(
            "Alle, der er spurgt, får en mail og kan se, hvad der er ændret. Svar, der er givet, bliver stående."
        ),
        button=_("Send ny version"),
        done=_("Den nye version er sendt."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def move_deadline(request, pk):
    return _manage(
        request,
        pk,
        room.move_deadline,
        heading=_("Flyt fristen"),
        consequence=_("De, der ikke har svaret, får en påmindelse to dage før den nye frist."),
        button=_("Flyt fristen"),
        done=_("Fristen er flyttet."),
        form=DeadlineForm(posted(request)),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def close(request, pk):
    return _manage(
        request,
        pk,
        room.close,
        heading=_("Luk høringen?"),
        consequence=_("Ingen kan svare længere. Grundlaget er igen en kladde, som kan sendes til godkendelse."),
        button=_("Luk høringen"),
        done=_("Høringen er lukket."),
    )
