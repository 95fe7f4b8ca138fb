"""Two years in Egebjerg, act by act."""

import random
from datetime import datetime, time, timedelta

from django.db import connection, transaction
from django.utils.text import slugify

from meetings import attendance, feedback, planning, questions, scheduling
from meetings.models import Meeting, MeetingPlan, Rsvp
from members.danish import today, wall_to_utc
from members.leader_import import applying
from members.models import Leader, LeadershipLevel, Message, OrgUnit, ProfessionalField, User
from netvaerk.demo import after, belonging, design, group_life, meeting_life, overview, policy, rights
from netvaerk.demo import feedback as demo_feedback
from netvaerk.demo import messages as demo_messages
from netvaerk.demo import planning as demo_planning
from netvaerk.demo.networks import NETWORKS, Spec, State
from netvaerk.demo.people import LEADERS_FILE, create_posts, create_staff
from networks import approval, directions, enrolment, lifecycle, membership
from networks.models import Membership, Network, NetworkType, OrganisationalGain, StrategicDirection

MEETINGS_A_SEASON = 8
WEEKS_BETWEEN = 6
COMMENTS = {
    "keep": (
        "At vi begynder med det, der fylder. Det gør resten af mødet ærligt.",
        "Jeg fik ringet til en kollega i en anden forvaltning, fordi vi kendte hinanden herfra.",
        "Runden med den svære samtale. Den brugte jeg ugen efter.",
        "Stemningen. Man må gerne være i tvivl.",
    ),
    "change": (
        "Vi må gerne holde tiden bedre i den første runde.",
        "Mere modspil. Vi er lidt hurtige til at nikke.",
        "Måske et besøg udefra en gang i sæsonen?",
    ),
}


@transaction.atomic
def build(*, now: datetime) -> dict[str, int]:
    """Fill an empty database so that today, at `now`, every state can be seen. Returns how much there is of what."""
    chance = random.Random(2026)
    staff = create_staff(now=now)
    imported = now - timedelta(days=600)
    received, _layout = applying.receive(LEADERS_FILE.name, LEADERS_FILE.read_bytes(), actor=staff["hr"], now=imported)
    applying.apply(received, actor=staff["hr"], now=imported)
    posts = create_posts(now=now)
    current = _directions(staff, now)
    demo_planning.keep_days(staff, now=imported)
    free = _Leaders(posts, chance)
    for spec in NETWORKS:
        _Story(spec, staff, posts, free, current, chance, now).tell()
    design.fill(staff, posts, now=now)
    demo_feedback.freeze(now)
    belonging.fill(staff, now=now)
    group_life.live(now=now)
    policy.ask_and_reply(staff, now=now)
    meeting_life.live(now=now)
    after.fill(now=now)
    overview.fill(staff, now=now)
    demo_messages.choose(now=now)
    demo_planning.change_dates(now=now)
    _deliver_the_past(now)
    _make_a_change_today(staff, now)
    rights.tell(staff, posts, now=now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # else the database plans its first pages as if it were empty still
    return {
        "ledere": Leader.objects.count(),
        "netværk": Network.objects.count(),
        "medlemskaber": Membership.objects.inside().count(),
        "møder": Meeting.objects.count(),
        "beskeder": Message.objects.count(),
    }


def _directions(staff: dict[str, User], now: datetime) -> StrategicDirection:
    """One kurs that has expired, one in force, one that waits for the byråd."""
    day = today(now)
    earlier = _direction(
        staff,
        title="Tættere på borgeren",
        solutions="Vi lægger beslutningerne der, hvor borgeren mødes.",
        development="Ledere får tid og rum til at lære af hinanden.",
        gains=[OrganisationalGain.SHARED_FOCUS],
        valid_from=day - timedelta(days=1400),
        valid_to=day - timedelta(days=620),
        now=now - timedelta(days=1400),
    )
    current = _direction(
        staff,
        title="Sammen om ledelse",
        solutions="Opgaver, der går på tværs, løses på tværs. Ledere kender hinanden, før de får brug for hinanden.",
        development="Ledelse er et fag. Vi øver det sammen, giver hinanden ærlig feedback og deler det, der virker.",
        gains=[
            OrganisationalGain.SHARED_FOCUS,
            OrganisationalGain.CULTURAL_INTEGRATION,
            OrganisationalGain.POLICY_BASIS,
        ],
        valid_from=day - timedelta(days=619),
        valid_to=day + timedelta(days=560),
        now=now - timedelta(days=619),
    )
    earlier.state = StrategicDirection.State.EXPIRED
    earlier.save(update_fields=["state"])
    waiting = StrategicDirection(
        title="Nærhed og robusthed",
        solutions="Færre snitflader og klare aftaler om, hvem der gør hvad.",
        development="Ledere uddanner hinanden i at lede forandringer.",
        gains=[OrganisationalGain.UNIFORM_STRUCTURE],
        valid_from=day + timedelta(days=561),
        valid_to=day + timedelta(days=2000),
        review_date=day + timedelta(days=1800),
        owner=staff["direktion"],
    )
    directions.save_direction(waiting, actor=staff["hr"], now=now - timedelta(days=5))
    directions.submit_direction(waiting, actor=staff["hr"], now=now - timedelta(days=4))
    return current


def _direction(staff, *, valid_to, now, **text) -> StrategicDirection:
    direction = StrategicDirection(
        valid_to=valid_to, review_date=valid_to - timedelta(days=120), owner=staff["direktion"], **text
    )
    direction = directions.save_direction(direction, actor=staff["hr"], now=now)
    directions.submit_direction(direction, actor=staff["hr"], now=now)
    for kind, approver in (
        (directions.Approval.POLITICAL, "Byrådet"),
        (directions.Approval.ADMINISTRATIVE, "Kommunaldirektør Henrik Pedersen"),
    ):
        direction = directions.approve_direction(
            direction, kind=kind, approver=approver, approved_on=today(now), actor=staff["direktion"], now=now
        )
    return direction


class _Leaders:
    """The imported leaders, handed out so that nobody sits in two networks of the demo."""

    def __init__(self, posts: dict[str, Leader], chance: random.Random):
        taken = {post.pk for post in posts.values()}
        leaders = Leader.objects.current().exclude(pk__in=taken).select_related("user", "field", "level", "unit__area")
        self.left = sorted(leaders, key=lambda leader: leader.user.email)
        chance.shuffle(self.left)

    def take(self, spec: Spec, count: int) -> list[Leader]:
        """`count` leaders who fit, in turn from each field."""
        picked = []
        while len(picked) < count:
            before = len(picked)
            for field in spec.fields:
                fitting = (
                    leader for leader in self.left if leader.field.name == field and leader.level.name == spec.level
                )
                leader = next(fitting, None)
                if leader and len(picked) < count:
                    self.left.remove(leader)
                    picked.append(leader)
            if len(picked) == before:
                break
        return picked


class _Story:
    """One network from its first draft to where it stands today."""

    def __init__(self, spec: Spec, staff, posts, free: _Leaders, direction, chance: random.Random, now: datetime):
        self.spec, self.staff, self.posts, self.free = spec, staff, posts, free
        self.direction, self.chance, self.now = direction, chance, now
        has_history = (spec.seasons and not spec.is_new) or spec.state in (State.PAUSED, State.CLOSED)
        self.begun = now - timedelta(days=480 if has_history else 30 + 20 * spec.is_new)

    def tell(self) -> None:
        state = self.spec.state
        network = self._draft()
        if state in (State.DRAFT, State.IN_CONSULTATION):
            return
        approval.submit(network, actor=self.staff["hr"], now=self._day(4))
        if state == State.SUBMITTED:
            design.send_again(network, self.staff, self._day(7))
            return
        sponsor = self.staff["direktion"]
        if state == State.RETURNED:
            approval.return_for_changes(network, reason=self.spec.reason, actor=sponsor, now=self._day(8))
            return
        if state == State.REJECTED:
            approval.reject(network, reason=self.spec.reason, actor=sponsor, now=self._day(8))
            return
        approval.approve(network, actor=sponsor, now=self._day(8))
        if state == State.APPROVED:
            return
        enrolment.open_enrolment(network, actor=self.staff["hr"], now=self._day(10))
        network.refresh_from_db()
        members = self._fill(network)
        if state != State.ENROLLING:
            self._run(network, members)
        network.refresh_from_db()
        self._queue_up(network)

    def _day(self, number: int) -> datetime:
        return self.begun + timedelta(days=number)

    def _draft(self) -> Network:
        spec = self.spec
        complete = bool(spec.type_reason)
        network = Network.objects.create(
            name=spec.name,
            slug=slugify(spec.name.replace("æ", "ae").replace("ø", "oe").replace("å", "aa")),
            direction=self.direction,
            purpose=spec.purpose,
            gains=list(spec.gains),
            type=spec.type,
            type_reason=spec.type_reason,
            reach=spec.reach,
            access=spec.access,
            participation=spec.participation,
            size_min=spec.size[0],
            size_max=spec.size[1],
            level=LeadershipLevel.objects.get(name=spec.level),
            participation_terms=(
                "Du deltager i alle møder, melder afbud i god tid og bringer selv emner op. Regn med to timer pr. møde "
                "og en times forberedelse. Det, der bliver sagt i netværket, bliver i netværket."
            )
            if complete
            else "",
            themes="\n".join(spec.themes),
            rhythm=spec.rhythm,
            governance="Netværket gør status én gang om året: holdte møder, fremmøde og mål." if complete else "",
            support="HR betaler forplejning og stiller en konsulent til rådighed ved de to første møder."
            if complete
            else "",
            unit=OrgUnit.objects.get(name=spec.unit, parent__isnull=True),
            sponsor=self.staff["direktion"] if complete else None,
            hr_contact=self.staff["hr"],
            created_by=self.staff["hr"],
            created_at=self.begun,
        )
        network.fields.set(ProfessionalField.objects.filter(name__in=spec.fields))
        if complete:
            design.complete(network, self.now)
        return network

    def _fill(self, network: Network) -> list[Membership]:
        spec, hr, day = self.spec, self.staff["hr"], self._day(20)
        leaders = [self.posts[login] for login in spec.with_logins]
        leaders += self.free.take(spec, spec.members - len(leaders))
        return enrolment.enrol(network, leaders=leaders, actor=hr, now=day)

    def _queue_up(self, network: Network) -> None:
        """A few who have applied and wait: for HR, or for a seat."""
        for number, leader in enumerate(self.free.take(self.spec, self.spec.waiting)):
            enrolment.apply(
                network, actor=leader.user, accepts_terms=True, now=self.now - timedelta(days=12 - 3 * number)
            )

    def _run(self, network: Network, members: list[Membership]) -> None:
        hr = self.staff["hr"]
        # The one who signs in as tovholder; elsewhere someone from HR's file.
        leads = "tovholder" in self.spec.with_logins and not self.spec.is_new
        coordinator = members[0] if leads else members[-1]
        membership.appoint_coordinator(coordinator, actor=hr, now=self._day(24))
        lifecycle.activate(network, actor=hr, now=self._day(28))
        network.refresh_from_db()
        for season in range(self.spec.seasons):
            seasons_back = self.spec.seasons - 1 - season
            starts = self._day(35) if seasons_back else self.now - timedelta(days=5 if self.spec.is_new else 50)
            self._season(network, members, coordinator.leader.user, starts)
        if self.spec.seasons > 1:
            self._feedback(network, members, coordinator.leader.user)
        if self.spec.state == State.PAUSED:
            lifecycle.pause(network, actor=hr, now=self.now - timedelta(days=40))
        if self.spec.state == State.CLOSED:
            lifecycle.close(network, actor=hr, now=self.now - timedelta(days=90))

    def _season(self, network: Network, members: list[Membership], coordinator: User, planned: datetime) -> None:
        spec = self.spec
        first = today(planned) + timedelta(days=7)
        weekday = 1 + len(spec.name) % 3
        proposals = planning.propose(first, [weekday], WEEKS_BETWEEN, number_of_meetings=MEETINGS_A_SEASON)
        plan = planning.create_draft(
            network,
            actor=coordinator,
            now=planned,
            dates=planning.kept(proposals),
            name=f"{first.year}/{first.year + 1}",
            first_date=first,
            weekdays=[weekday],
            interval_weeks=WEEKS_BETWEEN,
            start_time=time(spec.hour),
            end_time=time(spec.hour + 2),
            place=spec.place,
            link="",
        )
        planning.publish(plan, actor=coordinator, now=planned)
        self._themes(plan)
        for number, meeting in enumerate(plan.meetings.order_by("starts_at")):
            self._meeting(number, meeting, members, coordinator)

    def _themes(self, plan: MeetingPlan) -> None:
        meetings = plan.meetings.order_by("starts_at")
        for meeting, theme in zip(meetings, self.spec.meeting_themes * 2, strict=False):
            meeting.theme = theme
            meeting.save(update_fields=["theme"])

    def _meeting(self, number: int, meeting: Meeting, members: list[Membership], coordinator: User) -> None:
        """Answered and held when it is past, partly answered when it is near."""
        is_over = meeting.ends_at < self.now
        if is_over and number == 4:
            scheduling.cancel(meeting, actor=coordinator, now=meeting.starts_at - timedelta(days=6))
            return
        asked = meeting.starts_at - timedelta(days=10)
        if not is_over and meeting.starts_at - self.now > timedelta(days=60):
            return
        known = {"leder@demo.invalid", "tovholder@demo.invalid"}
        for member in members:
            waits = not is_over and (member.leader.user.email in known or self.chance.random() < 0.3)
            if not waits:
                roll = self.chance.random()
                answer = Rsvp.Answer.ACCEPTED if roll < 0.85 else Rsvp.Answer.DECLINED
                if not is_over and 0.8 < roll < 0.9:
                    answer = Rsvp.Answer.TENTATIVE
                attendance.reply(meeting, user=member.leader.user, answer=answer, now=min(asked, self.now))
        if is_over:
            present = [
                rsvp.user_id
                for rsvp in meeting.rsvps.filter(answer=Rsvp.Answer.ACCEPTED)
                if self.chance.random() < 0.95
            ]
            attendance.record(meeting, present=present, actor=coordinator, now=meeting.ends_at + timedelta(hours=1))

    def _feedback(self, network: Network, members: list[Membership], coordinator: User) -> None:
        """A pulse that has closed with a result, and in the first network one that is open now."""
        if "tovholder" in self.spec.with_logins:
            demo_feedback.enrich(network, members, coordinator, self.chance, self.now)
        self._closed_round(network, members, coordinator)
        if "tovholder" in self.spec.with_logins:
            opened = self.now - timedelta(days=5)
            opens = wall_to_utc(today(opened), time(8))
            closes = feedback.closing_at(today(self.now) + timedelta(days=6))
            feedback.plan_round(
                network, actor=coordinator, opens_at=opens, closes_at=closes, now=opens - timedelta(days=1)
            )
            feedback.turn_rounds(now=opens)

    def _closed_round(self, network: Network, members: list[Membership], coordinator: User) -> None:
        planned = self.now - timedelta(days=120)
        opens = wall_to_utc(today(planned) + timedelta(days=2), time(8))
        closes = feedback.closing_at(today(opens) + timedelta(days=14))
        round = feedback.plan_round(network, actor=coordinator, opens_at=opens, closes_at=closes, now=planned)
        feedback.turn_rounds(now=opens)
        asked = questions.get_set(round.question_set).questions_for(network.type)
        # The large network answers well; a small turn-out in another shows that "too few" is an ordinary state.
        answering = members if "leder" in self.spec.with_logins else members[:4]
        for number, member in enumerate(answering):
            said = {question.key: self.chance.choice((3, 4, 4, 4, 5, 5)) for question in asked if not question.is_open}
            said |= {key: comments[number] for key, comments in COMMENTS.items() if number < len(comments)}
            feedback.answer(round, user=member.leader.user, answers=said, now=opens + timedelta(days=3))
        feedback.turn_rounds(now=closes)
        round.refresh_from_db()
        if network.type == NetworkType.TVAERFAGLIG:
            feedback.share(round, actor=coordinator, now=closes + timedelta(days=2))


def _deliver_the_past(now: datetime) -> None:
    """What was due before today has long been sent; the worker begins with what is due from now on."""
    past = Message.objects.filter(due_at__lt=now - timedelta(hours=1))
    for state in Message.OPEN_STATES:
        for message in past.filter(state=state).select_related("recipient").iterator():
            message.state = Message.State.SENT
            message.sent_at = message.settled_at = message.due_at
            message.sent_to = message.recipient.email
            message.attempts = 1
            message.last_code = 250
            message.save()


def _make_a_change_today(staff: dict[str, User], now: datetime) -> None:
    """So that the first minute shows real mail: a meeting moved, an approval asked for."""
    network = Network.objects.get(slug="ledere-paa-tvaers")
    coordinator = User.objects.get(email="tovholder@demo.invalid")
    meeting = Meeting.objects.filter(network=network).upcoming(now)[1]
    scheduling.move(
        meeting,
        date=meeting.date + timedelta(days=1),
        start_time=meeting.start_time,
        end_time=meeting.end_time,
        actor=coordinator,
        now=now - timedelta(minutes=3),  # a change settles for some minutes before it is told
        seen_sequence=meeting.sequence,
        reason="Biblioteket er optaget den dag.",
    )
