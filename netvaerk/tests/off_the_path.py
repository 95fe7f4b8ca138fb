"""The pages no link of the demo leads to today, brought about: those of states it is not in, and of mails."""

from datetime import time, timedelta
from urllib.parse import urlsplit

from allauth.account import app_settings
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.urls import reverse

from meetings import planning, reply_links
from meetings.models import DateCandidate, DatePoll, FeedbackRound, Meeting
from members.leader_import import applying
from members.models import Leader, User
from members.tests.files import HEADINGS, csv_file, line
from netvaerk.tests.browser.walking import Visit
from networks.models import Application, Charter, Consultation, Membership, Network, StrategicDirection
from networks.tests.factories import create_direction


def visits(now) -> list[Visit]:
    """Bring the demo into the states that are missing, and say where to look."""
    return [*_leaders(now), *_networks(now), *_meetings(now), *_feedback(now), *_account()]


def _at(login: str, route: str, *args) -> Visit:
    return Visit(login, route, reverse(route, args=args))


def _person(login: str) -> User:
    return User.objects.get(email=f"{login}@demo.invalid")


def _leaders(now) -> list[Visit]:
    hr, leader = _person("hr"), _person("leder")
    lacking = [heading for heading in HEADINGS if heading not in ("Ledelsesniveau", "Fagområde")]
    without = [cell for heading, cell in zip(HEADINGS, line(), strict=True) if heading in lacking]
    unknown = csv_file(line(), headings=["Nr.", "A", "B", "C", "D", "E", "F", "G", "H", "I"])
    columns, _layout = applying.receive("ukendt.csv", unknown, actor=hr, now=now)
    rules, _layout = applying.receive("uden-niveau.csv", csv_file(without, headings=lacking), actor=hr, now=now)
    return [
        _at("hr", "members:import_columns", columns.pk),
        _at("hr", "members:import_rules", rules.pk),
        _at("hr", "members:role_groups"),
        _at("hr", "members:open_access", leader.pk),
        _at("hr", "members:reset_second_factor", leader.pk),
        _at("hr", "netvaerk:disposal", "reads"),
        _at("hr", "netvaerk:erase", leader.pk),
    ]


def _networks(now) -> list[Visit]:
    leader = _person("leder")
    by_state = {network.state: network for network in Network.objects.order_by("-pk")}
    State = Network.State
    active = Network.objects.get(slug="ledere-paa-tvaers")
    member = active.memberships.active().exclude(leader__user=_person("tovholder")).first()
    away = Membership.objects.get(state=Membership.State.ON_LEAVE)
    direction = StrategicDirection.objects.current(now.date()).first()
    draft = create_direction(title="Næste kurs", state=StrategicDirection.State.DRAFT, owner=_person("hr"))
    invited = Application.objects.create(
        network=by_state[State.ENROLLING],
        leader=Leader.objects.get(user=_person("ny")),
        state=Application.State.INVITED,
        created_at=now,
    )
    charter = Charter.objects.filter(state=Charter.State.PROPOSED, network__memberships__leader__user=leader).get()
    Charter.objects.filter(pk=charter.pk).update(proposed_by=leader)
    return [
        _at("hr", "networks:activate", by_state[State.ENROLLING].slug),
        _at("hr", "networks:close_enrolment", by_state[State.ENROLLING].slug),
        _at("hr", "networks:pause", active.slug),
        _at("hr", "networks:resume", by_state[State.PAUSED].slug),
        _at("hr", "networks:review_basis", active.slug),
        _at("hr", "networks:send_new_version", Consultation.objects.filter(closed_at=None).first().pk),
        _at("hr", "networks:submit_direction", draft.pk),
        _at("hr", "networks:renew_directions", direction.pk),
        _at("hr", "networks:keep_despite_change", active.slug, member.pk),
        _at("hr", "networks:move_to_post", active.slug, member.pk),
        _at("hr", "networks:end_leave_for", away.network.slug, away.pk),
        _at("leder", "networks:end_leave", active.slug),
        _at("ny", "networks:accept_invitation", invited.network.slug),
        _at("ny", "networks:withdraw", invited.pk),
        _at("leder", "networks:withdraw_charter", charter.network.slug, charter.pk),
        _at("tovholder", "networks:show_ground_rules", active.slug),
    ]


def _meetings(now) -> list[Visit]:
    coordinator = _person("tovholder")
    network = Network.objects.get(slug="ledere-paa-tvaers")
    first = now.date() + timedelta(days=400)
    plan = planning.create_draft(
        network,
        actor=coordinator,
        now=now,
        dates=[first, first + timedelta(weeks=6)],
        name="Næste sæson",
        first_date=first,
        weekdays=[first.weekday()],
        interval_weeks=6,
        start_time=time(9),
        end_time=time(11),
        place="Rådhuset",
    )
    held = network.meetings.filter(state=Meeting.State.HELD).latest("starts_at")
    begun = network.meetings.upcoming(now).first()
    Meeting.objects.filter(pk=begun.pk).update(starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=1))
    asked = DateCandidate.objects.filter(poll__state=DatePoll.State.OPEN, poll__meeting__network=network).first()
    reply = reply_links.address(network.meetings.upcoming(now).last(), _person("leder"))
    return [
        *(
            _at("tovholder", f"meetings:{name}", network.slug, plan.pk)
            for name in ("edit_season", "plan", "publish_plan", "discard_plan")
        ),
        _at("tovholder", "meetings:record_attendance", begun.pk),
        _at("tovholder", "meetings:new_agreement", begun.pk),
        _at("tovholder", "meetings:new_agenda_item", begun.pk),
        _at("tovholder", "meetings:close", begun.pk),
        _at("tovholder", "meetings:reopen", held.pk),
        _at("tovholder", "meetings:pick_new_date", asked.poll.meeting_id, asked.pk),
        _at("tovholder", "meetings:drop_date_poll", asked.poll.meeting_id),
        Visit("", "meetings:reply_link", urlsplit(reply).path),
    ]


def _feedback(now) -> list[Visit]:
    network = Network.objects.get(slug="ledere-paa-tvaers")
    Kind, State = FeedbackRound.Kind, FeedbackRound.State
    review = network.feedback_rounds.get(kind=Kind.SEASON_REVIEW, state=State.CLOSED)
    pulse = network.feedback_rounds.filter(kind=Kind.NETWORK_PULSE, state=State.CLOSED).first()
    planned = FeedbackRound.objects.create(
        network=network,
        question_set=pulse.question_set,
        anonymity_threshold=5,
        opens_at=now + timedelta(days=60),
        closes_at=now + timedelta(days=70),
    )
    return [
        _at("tovholder", "meetings:season_summary", network.slug, review.pk),
        _at("tovholder", "meetings:share_feedback", network.slug, pulse.pk),
        _at("tovholder", "meetings:feedback_round", network.slug, planned.pk),
        _at("tovholder", "meetings:drop_feedback", network.slug, planned.pk),
    ]


def _account() -> list[Visit]:
    forgetful, careful = _person("ny"), _person("leder")
    with_an_app(careful)
    key = Authenticator.objects.create(
        user=careful, type=Authenticator.Type.WEBAUTHN, data={"name": "Min telefon", "credential": {}}
    )
    token = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(forgetful)
    return [
        *(
            _at("", name)
            for name in (
                "netvaerk:was",
                "account_inactive",
                "account_signup",
                "account_reset_password_done",
                "account_reset_password_from_key_done",
                "socialaccount_login_cancelled",
                "sso_stranger",
                "sso_waiting",
                "sso_signed_out",
            )
        ),
        _at("", "account_reset_password_from_key", user_pk_to_url_str(forgetful), token),
        _at("hr", "account_reauthenticate"),
        _at("hr", "account_logout"),
        *(
            _at("leder", name)
            for name in (
                "mfa_index",
                "mfa_reauthenticate",
                "mfa_deactivate_totp",
                "mfa_view_recovery_codes",
                "mfa_generate_recovery_codes",
                "mfa_list_webauthn",
            )
        ),
        _at("leder", "mfa_edit_webauthn", key.pk),
        _at("leder", "mfa_remove_webauthn", key.pk),
    ]


def with_an_app(user: User) -> None:
    """As if an app for codes had been set up."""
    TOTP.activate(user, generate_totp_secret())
    RecoveryCodes.activate(user)
