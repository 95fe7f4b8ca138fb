"""HTTP in, HTTP out: what members bring to the group."""

from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from meetings import feedback_trend, permissions, room
from meetings import topics as acts
from meetings.models import FeedbackRound, Meeting, Topic, TopicKind
from meetings.topic_forms import NewTopicForm, TopicForm
from meetings.views.back import back
from members.danish import compact_date
from members.requests import number
from networks.models import Network
from networks.refusal import Refused
from networks.room_permissions import get_room
from networks.tabs import tabs
from networks.views.confirm import confirm, posted
from networks.views.saving import save_over

form_page = require_http_methods(["GET", "HEAD", "POST"])
DISCUSSED_SHOWN = 20


def _page(request, template: str, network: Network, *, status: int = 200, **context):
    context |= {"network": network, "tabs": tabs(request.user, network, "meetings")}
    return render(request, f"meetings/{template}.html", context, status=status)


def _workroom(request, slug: str) -> Network:
    network = get_room(request.user, slug)
    if not acts.can_work(request.user, network):
        raise PermissionDenied
    return network


def _topic(request, slug: str, pk: int) -> Topic:
    network = _workroom(request, slug)
    topic = get_object_or_404(network.topics.select_related("meeting"), pk=pk)
    topic.network = network
    return topic


def _open_meetings(network: Network):
    """Those a topic can be brought to: what lies ahead, and what is going on."""
    earliest = timezone.now() - room.RUNS_OVER
    meetings = network.meetings.filter(state__in=room.STATES_OPEN, ends_at__gt=earliest, closed_at=None)
    return meetings.defer("theme", "link").order_by("starts_at", "pk")


@never_cache
@require_safe
def topics(request, slug):
    """The pool, and what the group has talked about."""
    network = get_room(request.user, slug)
    discussed = network.topics.filter(discussed_at__isnull=False).select_related("author").order_by("-discussed_at")
    pool = acts.pool(network, request.user, timezone.now())
    for topic in pool:
        topic.network = network
        topic.is_mine = topic.author_id == request.user.pk
    return _page(
        request,
        "topics",
        network,
        pool=pool,
        discussed=discussed[:DISCUSSED_SHOWN],
        meetings=list(_open_meetings(network)),
        can_work=acts.can_work(request.user, network),
    )


@never_cache
@form_page
def new_topic(request, slug):
    network = _workroom(request, slug)
    form = NewTopicForm(posted(request), meetings=_open_meetings(network), initial=_start(request, network))
    if form.is_valid():
        form.cleaned_data.pop("seen")
        try:
            topic = acts.add(network, actor=request.user, now=timezone.now(), **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Emnet er tilføjet."))
            return redirect(_where(topic))
    return _page(request, "topic_edit", network, form=form)


def _start(request, network: Network) -> dict:
    """What the link that led here knows: which meeting it is for, or which result it is about."""
    meeting, round = (number(request.GET.get(name)) for name in ("moede", "runde"))
    start = {"meeting": meeting}
    found = FeedbackRound.objects.filter(pk=round, network=network, release__isnull=False).first() if round else None
    if found is None:
        return start
    lowest = feedback_trend.insight(found).lowest
    if lowest is None:
        return start
    said = _("I feedbackrunden, der lukkede den %(day)s, ligger dette lavest: „%(question)s“")
    question = {"day": compact_date(found.closed_at), "question": lowest.text}
    next_meeting = _open_meetings(network).first()
    return {
        "title": _("Hvad skal der til, for at det bliver bedre?"),
        "kind": TopicKind.OPINION,
        "text": said % question,
        "meeting": next_meeting.pk if next_meeting else None,
    }


@never_cache
@form_page
def change_topic(request, slug, pk):
    topic = _topic(request, slug, pk)
    if not acts.can_change(request.user, topic):
        raise PermissionDenied
    initial = {name: getattr(topic, name) for name in ("kind", "title", "text")}
    form = TopicForm(posted(request), initial=initial | {"seen": topic.version})
    saving = save_over(form, partial(acts.change, topic, actor=request.user, now=timezone.now()))
    if saving.is_done:
        messages.success(request, _("Emnet er gemt."))
        return redirect(_where(topic))
    context = {"form": form, "topic": topic} | saving.shown
    return _page(request, "topic_edit", topic.network, status=saving.status, **context)


@form_page
def withdraw_topic(request, slug, pk):
    topic = _topic(request, slug, pk)
    if not acts.can_withdraw(request.user, topic):
        raise PermissionDenied
    return confirm(
        request,
        act=partial(acts.withdraw, topic, actor=request.user, now=timezone.now()),
        back=_where(topic).partition("#")[0],
        network=topic.network,
        heading=_("Træk emnet tilbage?"),
        consequence=_("Det forsvinder for alle, også fra dagsordenen, og kan ikke hentes tilbage."),
        button=_("Træk tilbage"),
        done=_("Emnet er trukket tilbage."),
        is_warning=True,
    )


@require_POST
def mark_topic(request, slug, pk):
    topic = _topic(request, slug, pk)
    wants = request.POST.get("wants") == "1"
    return _perform(request, topic, partial(acts.mark, topic, wants=wants))


@require_POST
def discuss_topic(request, slug, pk):
    topic = _topic(request, slug, pk)
    is_discussed = request.POST.get("discussed") == "1"
    return _perform(request, topic, partial(acts.discuss, topic, is_discussed=is_discussed))


@require_POST
def put_topic_on_agenda(request, slug, pk):
    """With one tap, at the meeting named or else the one it is brought to."""
    topic = _topic(request, slug, pk)
    meeting = _chosen_meeting(request, topic) or topic.meeting
    if meeting is None:
        raise Http404
    return _perform(request, topic, partial(acts.put_on_agenda, topic, meeting), done=_("Emnet står på dagsordenen."))


@require_POST
def bring_topic(request, slug, pk):
    """To another meeting, or back to the pool."""
    topic = _topic(request, slug, pk)
    meeting = _chosen_meeting(request, topic)
    done = _("Emnet er lagt i puljen.")
    if meeting is not None:
        done = _("Emnet er taget med til mødet den %(day)s.") % {"day": compact_date(meeting.date)}
    return _perform(request, topic, partial(acts.bring_to, topic, meeting), done=done)


def _chosen_meeting(request, topic: Topic) -> Meeting | None:
    chosen = number(request.POST.get("meeting"))
    if chosen is None:
        return None
    meeting = permissions.get_meeting(request.user, chosen)
    if meeting.network_id != topic.network_id:
        raise Http404
    return meeting


def _perform(request, topic: Topic, act, done: str = ""):
    try:
        act(actor=request.user, now=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        if done:
            messages.success(request, done)
    return back(request, _where(topic), anchor=f"#emne-{topic.pk}")


def _where(topic: Topic) -> str:
    """Where the topic is seen: at its meeting, or in the pool."""
    if topic.meeting_id and room.is_open(topic.meeting, timezone.now()):
        return f"{topic.meeting.get_absolute_url()}#emne-{topic.pk}"
    return reverse("meetings:topics", args=[topic.network.slug]) + f"#emne-{topic.pk}"
