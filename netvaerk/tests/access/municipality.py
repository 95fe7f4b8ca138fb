"""A small municipality where every address has something to open: one closed network, its neighbour, and all who ask.

Time stands still at NOW. Everything with an owner belongs to the member, and what a coordinator answers for is theirs.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.test import Client

from meetings import feeds, reply_links
from meetings.models import (
    Agenda,
    AgendaItem,
    DateCandidate,
    DatePoll,
    FeedbackRelease,
    LearningCard,
    MeetingRole,
    MovingRule,
    ReflectionNote,
    ThemeFeedback,
    Topic,
)
from meetings.tests.factories import create_agreement, create_closed_period, create_meeting, create_plan, create_round
from members.danish import COPENHAGEN
from members.leader_import import applying
from members.models import Message, Role, User
from members.tests.factories import (
    create_board,
    create_hr,
    create_leader,
    create_level,
    create_political,
    create_system_admin,
)
from members.tests.files import csv_file, line
from netvaerk.models import SavedView
from networks import basis_versions
from networks.models import (
    Access,
    Application,
    BasisVersion,
    Charter,
    Consultation,
    ConsultationReply,
    ConsultationVersion,
    Goal,
    ManagementMessage,
    Membership,
    Network,
    PersonalGoals,
    PolicyDraft,
    StrategicDirection,
    SupportRequest,
)
from networks.tests.factories import create_application, create_direction, create_membership, create_network

NOW = datetime(2027, 3, 1, 9, 0, tzinfo=COPENHAGEN)
EARLIER = NOW - timedelta(days=30)
SOON = date(2027, 3, 15)

# Who asks, and which column of the table answers for them.
COLUMNS = {
    "member": "member",
    "coordinator": "coordinator",
    "away": "away",
    "invited": "invited",
    "hr": "hr",
    "hr_admin": "hr_admin",
    "sponsor": "sponsor",
    "board": "board",
    "political": "political",
    "neighbour": "outside",
    "ex_member": "outside",
    "system_admin": "outside",
    "signed_out": "signed_out",
    "inactive": "signed_out",
}

# The object an address is tried on, where it is not the network's own page: address -> object, by its name below.
OBJECTS = {
    "agenda_item": """
        meetings:change_agenda_item meetings:agenda_item_up meetings:agenda_item_down meetings:remove_agenda_item
    """,
    "agreement_owed": """
        meetings:change_agreement meetings:agreement_done meetings:agreement_dropped meetings:agreement_resumed
    """,
    "application": "networks:approve_application networks:reject_application networks:put_on_waiting_list",
    "basis_version": "networks:basis_version",
    "candidate": "meetings:pick_new_date",
    "card": "meetings:learning_card meetings:change_learning_card meetings:delete_learning_card",
    "closed_period": "meetings:closed_period meetings:remove_closed_period",
    "consultation": """
        networks:consultation networks:send_new_version networks:move_consultation_deadline networks:close_consultation
    """,
    "draft": "networks:edit_basis networks:prepare_consultation networks:submit networks:add_to_consultation",
    "draft_kurs": "networks:edit_direction networks:submit_direction",
    "draft_plan": "meetings:edit_season meetings:publish_plan meetings:discard_plan",
    "feed": "meetings:feed",
    "file": """
        members:import_preview members:import_columns members:import_rules members:import_apply members:import_dismiss
    """,
    "form": "meetings:download_reflection_log",
    "goal": "networks:change_goal networks:assess_goal networks:drop_goal",
    "held": "meetings:new_agreement meetings:record_attendance meetings:close meetings:reopen",
    "invitation": "networks:application networks:withdraw",
    "key": "mfa_edit_webauthn mfa_remove_webauthn",
    "kind": "netvaerk:export_followup netvaerk:export_outside",
    "kurs": "networks:direction networks:renew_directions",
    "leader": "members:leader members:clear_refusals members:end_post",
    "letter": "members:retry members:give_up",
    "link": "meetings:reply_link",
    "message": """
        networks:change_management_message networks:send_management_message networks:drop_management_message
    """,
    "note": "meetings:reflection_note meetings:delete_reflection_note",
    "person": """
        members:person_roles members:give_role members:close_access members:open_access members:reset_second_factor
        netvaerk:erase
    """,
    "plan": "meetings:plan meetings:print_plan meetings:plan_ics",
    "planned_round": "meetings:drop_feedback",
    "policy": "networks:policy_draft",
    "poll": "meetings:new_date meetings:answer_new_date meetings:drop_date_poll",
    "proposal": """
        networks:charter_version networks:change_charter networks:consent_to_charter networks:object_to_charter
        networks:withdraw_charter
    """,
    "questions": "meetings:edit_questions",
    "reply_asked": "networks:remove_from_consultation",
    "role": "members:take_role",
    "round": "meetings:feedback_round meetings:extend_feedback",
    "rule": "netvaerk:disposal",
    "running": "meetings:running meetings:running_standing",
    "seat": """
        networks:unenrol networks:take_leave_for networks:end_leave_for networks:keep_despite_change
        networks:move_to_post networks:appoint_coordinator
    """,
    "seat_of_coordinator": "networks:step_down",
    "sent": "networks:reply_to_management_message",
    "session": "account_end_session",
    "shared_round": "meetings:share_feedback meetings:season_summary",
    "submitted": "networks:approve networks:return_for_changes networks:reject",
    "submitted_kurs": "networks:approve_direction",
    "support": "networks:support_request networks:take_up_support",
    "theme_feedback": """
        meetings:theme_feedback meetings:share_theme_feedback meetings:withdraw_theme_feedback
    """,
    "topic": """
        meetings:change_topic meetings:withdraw_topic meetings:mark_topic meetings:discuss_topic
        meetings:put_topic_on_agenda meetings:bring_topic
    """,
    "view": "netvaerk:drop_view",
}
OBJECT_OF = {name: thing for thing, names in OBJECTS.items() for name in names.split()}

# What a POST must hold to name its object; all others are sent empty.
POSTED = {"meetings:take_role": {"role": "host"}, "meetings:give_role_back": {"role": "host"}}


@dataclass
class Municipality:
    people: dict[str, User]
    network: Network
    neighbours: Network
    objects: dict[str, dict]
    clients: dict[str, Client] = field(default_factory=dict)
    nothing: dict[tuple, tuple] = field(default_factory=dict)  # what each is shown where there is nothing

    def arguments(self, row: str, parts: list[str]) -> dict:
        """What an address of the table is tried on: `address@object`, else its usual object."""
        name, _at, chosen = row.partition("@")
        thing = chosen or OBJECT_OF.get(name)
        if thing is None:
            thing = "meeting" if parts == ["pk"] else "network"
        found = self.objects[thing]
        return {part: found[part] for part in parts}


def build() -> Municipality:
    people = _people()
    kurs = create_direction()
    network = create_network(
        name="Ledere i midten",
        slug="ledere-i-midten",
        access=Access.CLOSED,
        sponsor=people["sponsor"],
        hr_contact=people["hr"],
        direction=kurs,
        now=EARLIER,
    )
    neighbours = create_network(name="Naboerne", slug="naboerne", access=Access.CLOSED, direction=kurs, now=EARLIER)
    seats = {
        name: create_membership(
            network=network,
            leader=people[name].post,
            is_coordinator=name in ("coordinator", "inactive"),
            state=Membership.State.ON_LEAVE if name == "away" else Membership.State.ACTIVE,
        )
        for name in ("member", "coordinator", "away", "inactive")
    }
    create_membership(
        network=network, leader=people["ex_member"].post, state=Membership.State.LEFT, left_on=EARLIER.date()
    )
    create_membership(network=neighbours, leader=people["neighbour"].post, is_coordinator=True)
    town = Municipality(people, network, neighbours, {"network": {"slug": network.slug}})
    for fill in (_belonging, _design, _across, _room, _meetings, _feedback, _own):
        town.objects |= fill(town, seats)
    for name in COLUMNS:
        town.clients[name] = _client(people.get(name))
    User.objects.filter(pk=people["inactive"].pk).update(is_active=False)
    return town


def _people() -> dict[str, User]:
    leaders = ("member", "coordinator", "away", "invited", "neighbour", "ex_member", "inactive", "applicant")
    people = {name: create_leader(first_name=name.capitalize(), last_name="Prøve").user for name in leaders}
    people["sponsor"] = create_leader(first_name="Sponsor", level=create_level(name="Chef")).user
    people["hr"], people["hr_admin"] = create_hr(), create_hr(role=Role.HR_ADMIN)
    people["board"], people["political"] = create_board(), create_political()
    people["system_admin"] = create_system_admin()
    people["inactive"].role_assignments.create(role=Role.HR_ADMIN)
    return people


def _client(person: User | None) -> Client:
    client = Client()
    if person is not None:
        client.force_login(person)
    return client


def _belonging(town: Municipality, seats) -> dict:
    network, people = town.network, town.people
    invitation = create_application(
        network=network, leader=people["invited"].post, state=Application.State.INVITED, created_at=EARLIER
    )
    waiting = create_application(network=network, leader=people["applicant"].post, created_at=EARLIER)
    version = BasisVersion.objects.create(
        network=network,
        number=1,
        occasion=BasisVersion.Occasion.APPROVED,
        texts=basis_versions.texts_of(network),
        kept_by=people["hr"],
        kept_at=EARLIER,
    )
    return {
        "invitation": {"pk": invitation.pk},
        "application": {"pk": waiting.pk},
        "basis_version": {"slug": network.slug, "number": version.number},
        "seat": {"slug": network.slug, "pk": seats["member"].pk},
        "seat_of_coordinator": {"slug": network.slug, "pk": seats["coordinator"].pk},
    }


def _design(town: Municipality, seats) -> dict:
    people = town.people
    draft, submitted = (
        create_network(
            name=name, slug=slug, state=state, sponsor=people["sponsor"], hr_contact=people["hr"], now=EARLIER
        )
        for name, slug, state in (
            ("Under udvikling", "under-udvikling", Network.State.IN_CONSULTATION),
            ("Til afgørelse", "til-afgoerelse", Network.State.SUBMITTED),
        )
    )
    consultation = Consultation.objects.create(network=draft, deadline=SOON, opened_at=EARLIER)
    ConsultationVersion.objects.create(
        consultation=consultation,
        number=1,
        texts=basis_versions.texts_of(draft),
        sent_by=people["hr"],
        sent_at=EARLIER,
    )
    reply = ConsultationReply.objects.create(consultation=consultation, user=people["member"])
    return {
        "draft": {"slug": draft.slug, "step": "ramme"},
        "first_step": {"slug": draft.slug, "step": "ramme"},
        "submitted": {"slug": submitted.slug},
        "consultation": {"pk": consultation.pk},
        "reply_asked": {"slug": draft.slug, "pk": reply.pk},
    }


def _across(town: Municipality, seats) -> dict:
    """What HR and top management keep."""
    people, network = town.people, town.network
    drafted, waiting = (
        create_direction(title=title, state=state)
        for title, state in (
            ("Udkast", StrategicDirection.State.DRAFT),
            ("Til godkendelse", StrategicDirection.State.SUBMITTED),
        )
    )
    policy = PolicyDraft.objects.create(
        title="Fravær", text="Hvad mener I?", deadline=SOON, asked_by=people["board"], asked_at=EARLIER
    )
    policy.networks.add(network)
    file, _layout = applying.receive("ledere.csv", csv_file(line()), actor=people["hr"], now=NOW)
    letter = Message.objects.create(
        kind="password_reset",
        subject_id=people["member"].pk,
        recipient=people["member"],
        state=Message.State.FAILED,
        created_at=EARLIER,
        due_at=EARLIER,
    )
    return {
        "kurs": {"pk": network.direction_id},
        "draft_kurs": {"pk": drafted.pk},
        "submitted_kurs": {"pk": waiting.pk, "kind": "political"},
        "policy": {"pk": policy.pk},
        "file": {"pk": file.pk},
        "letter": {"pk": letter.pk},
        "closed_period": {"pk": create_closed_period().pk},
        "leader": {"pk": people["member"].post.pk},
        "person": {"pk": people["applicant"].pk},
        "role": {"pk": people["hr"].pk, "role": Role.HR_CONSULTANT},
        "rule": {"name": "rsvps"},
        "kind": {"kind": "csv"},
        "questions": {"kind": "network_pulse"},
        "view": {"pk": SavedView.objects.create(user=people["hr"], name="Min").pk},
    }


def _room(town: Municipality, seats) -> dict:
    network, member = town.network, town.people["member"]
    agreement, proposal = (
        Charter.objects.create(
            network=network,
            number=number,
            state=state,
            ground_rules="Vi kommer til tiden.",
            values="Mod",
            deadline=SOON,
            proposed_by=member,
            proposed_at=EARLIER,
            effective_at=EARLIER if number == 1 else None,
        )
        for number, state in ((1, Charter.State.IN_EFFECT), (2, Charter.State.PROPOSED))
    )
    goal = Goal.objects.create(network=network, title="Mål", measure="Måles", due_on=SOON, created_at=EARLIER)
    for name in ("member", "coordinator"):
        PersonalGoals.objects.create(
            membership=seats[name], text="Mit", written_on=EARLIER.date(), look_back_on=EARLIER.date()
        )
    unsent, sent = (
        ManagementMessage.objects.create(
            network=network, text="Hør", written_by=member, written_at=EARLIER, sent_at=sent_at
        )
        for sent_at in (None, EARLIER)
    )
    support = SupportRequest.objects.create(
        network=network, need=SupportRequest.Need.TIME, text="Mere tid", requested_by=member, requested_at=EARLIER
    )
    topic = Topic.objects.create(network=network, kind="value", title="Mod", author=member, created_at=EARLIER)
    card = LearningCard.objects.create(
        network=network, theme="Mod", challenge="Svært", author=member, created_at=EARLIER
    )
    rule = MovingRule.objects.create(network=network, text="Vi spørger først.", changed_by=member, changed_at=EARLIER)
    rule.agreed_by.add(member)
    here = {"slug": network.slug}
    return {
        "agreement": here | {"pk": agreement.pk},
        "proposal": here | {"pk": proposal.pk},
        "goal": here | {"pk": goal.pk},
        "message": here | {"pk": unsent.pk},
        "unsent": {"pk": unsent.pk},
        "sent": {"pk": sent.pk},
        "support": {"pk": support.pk},
        "topic": here | {"pk": topic.pk},
        "card": here | {"pk": card.pk},
    }


def _meetings(town: Municipality, seats) -> dict:
    network, people = town.network, town.people
    plan = create_plan(network=network, first_date=SOON, created_by=people["coordinator"], created_at=EARLIER)
    draft = create_plan(network=network, state="draft", created_by=people["coordinator"], created_at=EARLIER)
    meeting, asked, running, held = (
        create_meeting(network=network, plan=plan, date=day, start_time=start, changed_at=EARLIER)
        for day, start in (
            (SOON, time(13)),
            (SOON + timedelta(days=28), time(13)),
            (NOW.date(), time(8, 30)),
            (NOW.date() - timedelta(days=7), time(13)),
        )
    )
    theirs = create_meeting(network=town.neighbours, date=SOON, changed_at=EARLIER)
    planned = create_meeting(network=network, plan=draft, date=SOON, state="planned", changed_at=EARLIER)
    for at in (meeting, running):
        MeetingRole.objects.create(meeting=at, role="chair", user=people["coordinator"], taken_at=EARLIER)
    item = AgendaItem.objects.create(meeting=meeting, position=1, minutes=30, kind=AgendaItem.Kind.THEME)
    Agenda.objects.create(meeting=meeting, laid_out_at=EARLIER)
    Topic.objects.filter(network=network).update(meeting=meeting)
    poll = DatePoll.objects.create(meeting=asked, deadline=SOON, asked_by=people["coordinator"], asked_at=EARLIER)
    candidate = DateCandidate.objects.create(
        poll=poll, date=SOON + timedelta(days=30), start_time=time(9), end_time=time(11)
    )
    for name in ("member", "coordinator"):
        poll.invited.create(user=people[name])
    theme = ThemeFeedback.objects.create(
        network=network,
        meeting=meeting,
        focus_person=people["member"],
        kind="value",
        theme="Mod",
        question="Hvordan?",
        created_at=EARLIER,
    )
    owed = create_agreement(meeting=held, created_at=EARLIER)  # nobody's: the coordinator answers for it
    here = {"slug": network.slug}
    return {
        "plan": here | {"pk": plan.pk},
        "draft_plan": here | {"pk": draft.pk},
        "meeting": {"pk": meeting.pk},
        "planned_meeting": {"pk": planned.pk},
        "of_neighbours": {"slug": town.neighbours.slug, "pk": theirs.pk},
        "running": {"pk": running.pk},
        "held": {"pk": held.pk},
        "poll": {"pk": asked.pk},
        "candidate": {"pk": asked.pk, "candidate": candidate.pk},
        "agenda_item": {"pk": meeting.pk, "item": item.pk},
        "agreement_owed": here | {"pk": owed.pk},
        "theme_feedback": here | {"pk": theme.pk},
        "link": {"token": reply_links.address(meeting, people["member"]).rstrip("/").rpartition("/")[2]},
        "feed": {"token": feeds.create(people["member"], now=EARLIER)},
    }


def _feedback(town: Municipality, seats) -> dict:
    network = town.network
    opened = create_round(network=network, opens_at=EARLIER + timedelta(days=28))
    planned = create_round(network=network, state="draft", opens_at=NOW + timedelta(days=60))
    shared = create_round(network=network, state="shared", opens_at=EARLIER - timedelta(days=60))
    FeedbackRelease.objects.create(
        round=shared, is_suppressed=True, invited_count=3, answer_count=None, results={}, computed_at=EARLIER
    )
    here = {"slug": network.slug}
    return {
        "round": here | {"pk": opened.pk},
        "planned_round": here | {"pk": planned.pk},
        "shared_round": here | {"pk": shared.pk},
    }


def _own(town: Municipality, seats) -> dict:
    member = town.people["member"]
    note = ReflectionNote.objects.create(user=member, text="Kun til mig", written_at=EARLIER)
    key = Authenticator.objects.create(
        user=town.people["applicant"], type=Authenticator.Type.WEBAUTHN, data={"name": "Min nøgle", "credential": {}}
    )
    session = UserSession.objects.create(user=member, ip="127.0.0.1", session_key="another-device")
    return {
        "note": {"pk": note.pk},
        "key": {"pk": key.pk},
        "session": {"pk": session.pk},
        "form": {"form": "txt"},
    }
