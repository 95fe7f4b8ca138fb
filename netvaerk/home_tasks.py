"""What awaits a person at home: one thing to a line, with where it is done. One function per part a person can have."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from meetings import closing, date_poll
from meetings.models import Agreement, FeedbackInvitation, FeedbackRound, Meeting, Rsvp
from members.danish import compact_date, full_datetime_range, relative_day, today
from members.models import Message, User
from netvaerk import followup
from networks import charter, consultation, personal_goals, policy, upward
from networks.models import Application, Membership, Network, StrategicDirection, SupportRequest
from networks.permissions import can_approve_directions

ANSWER_AHEAD = timedelta(days=60)
MESSAGES_SHOWN = timedelta(days=30)


@dataclass(frozen=True)
class Task:
    """One thing that awaits: what, why or by when, and where it is done."""

    what: str
    detail: str
    url: str
    button: str
    is_act: bool = False  # done by the button itself, and one is home again


def of_leader(user: User, meetings: list[Meeting], now: datetime) -> list[Task]:
    tasks = [
        Task(
            _("Du er inviteret til %(network)s") % {"network": application.network},
            _("Læs om netværket, og svar på invitationen."),
            reverse("networks:network", args=[application.network.slug]),
            _("Læs og svar"),
        )
        for application in Application.objects.filter(
            leader__user=user, state=Application.State.INVITED
        ).select_related("network")
    ]
    tasks += [
        Task(
            _("Feedbackrunde i %(network)s") % {"network": invitation.round.network},
            _("Lukker %(when)s. Det tager under to minutter.")
            % {"when": relative_day(invitation.round.closes_at, now)},
            invitation.round.get_absolute_url(),
            _("Svar"),
        )
        for invitation in FeedbackInvitation.objects.filter(
            user=user,
            has_answered=False,
            round__state=FeedbackRound.State.OPEN,
            round__closes_at__gt=now,
            round__network__memberships__leader__user=user,
            round__network__memberships__state=Membership.State.ACTIVE,
        )
        .select_related("round__network")
        .defer("round__own_questions")  # the group's words are not shown, and one's own page stands without their key
        .order_by("round__closes_at")
    ]
    tasks += [
        Task(
            _("Svar på forslaget til aftale i %(network)s") % {"network": version.network}
            if version.is_open
            else _("Læs aftalen i %(network)s, og sig ja") % {"network": version.network},
            _("Svar senest %(date)s.") % {"date": compact_date(version.deadline)}
            if version.is_open
            else _("Den gælder for alle i netværket."),
            version.get_absolute_url() if version.is_open else reverse("networks:charter", args=[version.network.slug]),
            _("Læs og svar"),
        )
        for version in charter.awaiting(user)
    ]
    tasks += [
        Task(
            _("Se tilbage på dine mål i %(network)s") % {"network": goals.membership.network},
            _("Du skrev dem den %(date)s. Kun du kan læse dem.") % {"date": compact_date(goals.written_on)},
            reverse("networks:personal_goals", args=[goals.membership.network.slug]),
            _("Se tilbage"),
        )
        for goals in personal_goals.to_look_back_on(user, today(now))
    ]
    tasks += [
        Task(
            _("Svar på ny dato for mødet i %(network)s") % {"network": poll.meeting.network},
            _("Svar senest %(date)s.") % {"date": compact_date(poll.deadline)},
            poll.get_absolute_url(),
            _("Svar"),
        )
        for poll in date_poll.owed_by(user)
    ]
    # The next meeting carries its own two buttons above the list.
    tasks += [
        Task(
            _("Svar på mødet i %(network)s") % {"network": meeting.network},
            full_datetime_range(meeting.starts_at, meeting.ends_at),
            meeting.get_absolute_url(),
            _("Svar"),
        )
        for meeting in meetings[1:]
        if meeting.my_answer in Rsvp.UNDECIDED and meeting.starts_at - now < ANSWER_AHEAD
    ]
    return tasks


def of_coordinator(user: User, unowned: list[Agreement], now: datetime) -> list[Task]:
    """Dates to find, meetings to close, and agreements that are nobody's."""
    tasks = [
        Task(
            _("Vælg en ny dato for mødet i %(network)s") % {"network": meeting.network}
            if poll
            else _("Giv mødet i %(network)s en ny dato") % {"network": meeting.network},
            _("Medlemmerne har svaret, eller svarfristen er gået.")
            if poll
            else _("Det er udsat fra %(date)s.") % {"date": compact_date(meeting.date)},
            poll.get_absolute_url() if poll else meeting.get_absolute_url(),
            _("Vælg dato") if poll else _("Se mødet"),
        )
        for meeting, poll in date_poll.waiting_for(user, now)
    ]
    tasks += [
        Task(
            _("Afslut mødet i %(network)s") % {"network": meeting.network},
            _("Mødet var %(when)s. Notér, hvem der kom, og hvad I aftalte.")
            % {"when": relative_day(meeting.date, now)},
            reverse("meetings:close", args=[meeting.pk]),
            _("Afslut mødet"),
        )
        for meeting in closing.unclosed_for(user, now)
    ]
    nobodys = Counter(agreement.network for agreement in sorted(unowned, key=lambda one: one.network.sort_text))
    tasks += [
        Task(
            ngettext(
                "%(count)d aftale i %(network)s mangler en ansvarlig",
                "%(count)d aftaler i %(network)s mangler en ansvarlig",
                count,
            )
            % {"count": count, "network": network},
            _("Den, der havde den, er ikke med længere. Find en anden, eller lad den falde bort."),
            reverse("meetings:agreements", args=[network.slug]),
            _("Se aftaler"),
        )
        for network, count in nobodys.items()
    ]
    return tasks


def agreed(agreed: list[Agreement], day: date) -> list[Task]:
    """What one has taken on."""
    return [
        Task(
            _("Følg op: %(agreement)s") % {"agreement": Truncator(agreement.text).chars(90)},
            _due(agreement, day),
            reverse("meetings:agreement_done", args=[agreement.network.slug, agreement.pk]),
            _("Markér som gjort"),
            is_act=True,
        )
        for agreement in agreed
    ]


def _due(agreement: Agreement, day: date) -> str:
    """Where it is from, and by when."""
    told = {"network": agreement.network, "date": compact_date(agreement.due_on) if agreement.due_on else ""}
    if agreement.due_on is None:
        return _("Aftalt i %(network)s.") % told
    if agreement.is_late(day):
        return _("Aftalt i %(network)s. Fristen var den %(date)s.") % told
    return _("Aftalt i %(network)s, senest %(date)s.") % told


def of_hr(look: followup.FirstLook) -> list[Task]:
    tasks = []
    waiting = (
        Application.objects.filter(state=Application.State.PENDING).select_related("network").order_by("created_at")
    )
    by_network: dict[int, list[Application]] = {}
    for application in waiting:
        by_network.setdefault(application.network_id, []).append(application)
    for applications in by_network.values():
        network = applications[0].network
        tasks.append(
            Task(
                ngettext(
                    "%(count)d tilmelding til %(network)s venter på svar",
                    "%(count)d tilmeldinger til %(network)s venter på svar",
                    len(applications),
                )
                % {"count": len(applications), "network": network},
                _("Den ældste er fra %(date)s.") % {"date": compact_date(applications[0].created_at)},
                reverse("networks:members", args=[network.slug]),
                _("Se tilmeldinger"),
            )
        )
    tasks += [
        Task(
            _("%(network)s er sendt retur") % {"network": facts.name},
            _("Læs begrundelsen, og ret grundlaget."),
            reverse("networks:basis", args=[facts.slug]),
            _("Se grundlag"),
        )
        for facts in look.returned
    ]
    tasks += [
        Task(
            _("%(network)s er godkendt") % {"network": facts.name},
            _("Næste skridt er at åbne for tilmelding."),
            reverse("networks:network", args=[facts.slug]),
            _("Se netværket"),
        )
        for facts in look.approved
    ]
    tasks += [
        Task(
            _("%(network)s beder om støtte: %(need)s")
            % {"network": support.network, "need": support.get_need_display().lower()},
            _("Sendt den %(date)s.") % {"date": compact_date(support.requested_at)},
            support.get_absolute_url(),
            _("Læs og svar"),
        )
        for support in SupportRequest.objects.filter(state__in=SupportRequest.STATES_OPEN)
        .select_related("network")
        .order_by("requested_at")
    ]
    stuck = Message.objects.filter(Q(state=Message.State.FAILED) | Q(state=Message.State.IN_DOUBT)).count()
    if stuck:
        tasks.append(
            Task(
                ngettext("%(count)d besked er ikke nået frem", "%(count)d beskeder er ikke nået frem", stuck)
                % {"count": stuck},
                _("Se, hvad mailserveren svarede, og prøv igen."),
                reverse("members:deliveries"),
                _("Se beskeder"),
            )
        )
    return tasks


def of_the_asked(user: User, now: datetime) -> list[Task]:
    return [
        Task(
            _("Høring om %(network)s") % {"network": reply.consultation.network},
            _("Frist %(when)s.") % {"when": relative_day(reply.consultation.deadline, now)}
            if not reply.consultation.is_late(today(now))
            else _("Fristen er gået, men du kan svare, til HR lukker høringen."),
            reply.consultation.get_absolute_url(),
            _("Læs og svar"),
        )
        for reply in consultation.owed_by(user)
    ]


def upward_of_coordinator(user: User, now: datetime) -> list[Task]:
    """What top management asks the networks one coordinates."""
    return [
        Task(
            _("%(network)s er spurgt om %(title)s") % {"network": network, "title": draft.title},
            _("Svar senest %(date)s.") % {"date": compact_date(draft.deadline)},
            reverse("networks:management_messages", args=[network.slug]),
            _("Læs og svar"),
        )
        for draft, network in policy.asked_of_coordinator(user, now)
    ]


def of_approver(user: User) -> list[Task]:
    submitted = Network.objects.filter(sponsor=user, state=Network.State.SUBMITTED).order_by("sort_text")
    tasks = [
        Task(
            _("Godkend grundlaget for %(network)s") % {"network": network},
            _("Du er ansvarlig chef. Netværket kan først åbne, når du har godkendt."),
            reverse("networks:basis", args=[network.slug]),
            _("Læs og afgør"),
        )
        for network in (submitted if not user.is_hr and user.is_sponsor else ())  # HR never approves its own
    ]
    if can_approve_directions(user):
        tasks += [
            Task(
                _("Kursen “%(title)s” venter på godkendelse") % {"title": direction.title},
                _("Den bliver gældende, når den er godkendt politisk og administrativt."),
                direction.get_absolute_url(),
                _("Læs og godkend"),
            )
            for direction in StrategicDirection.objects.filter(state=StrategicDirection.State.SUBMITTED)
        ]
    return tasks


def of_the_board(now: datetime) -> list[Task]:
    """What networks have chosen to say lately."""
    return [
        Task(
            _("Budskab fra %(network)s") % {"network": message.network},
            _("Sendt den %(date)s.") % {"date": compact_date(message.sent_at)},
            reverse("netvaerk:status_network", args=[message.network.slug]),
            _("Læs"),
        )
        for message in upward.sent().filter(sent_at__gt=now - MESSAGES_SHOWN)
    ]
