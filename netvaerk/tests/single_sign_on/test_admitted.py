"""Single sign-on against two identity providers others wrote: who comes in, and what is kept of them."""

import pytest
from allauth.socialaccount.models import SocialAccount
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone

from members import roles, single_sign_on
from members.models import Role, RoleAssignment, RoleChange, User
from members.tests.factories import create_hr, create_leader, create_user
from netvaerk.tests.single_sign_on.answers import browser, give, is_in, oidc_answer, one_who, saml_answer, saml_one

CPR = "0101701234"
services = pytest.mark.services


# --- Without a provider ----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_without_a_provider_there_is_no_door(client):
    assert "kommunens login" not in client.get(reverse("account_login")).content.decode()
    assert client.get(reverse("openid_connect_login", args=["oidc"])).status_code == 404
    assert client.get(reverse("saml_login", args=["saml"])).status_code == 404


@pytest.mark.django_db
def test_the_mapping_is_read_by_hr_administrators_alone(client, settings):
    settings.SSO_ROLES = {"hr_consultant": "HR-afdelingen|HR-vikarer"}
    client.force_login(create_hr())
    assert client.get(reverse("members:role_groups")).status_code == 403
    client.force_login(create_hr(role=Role.HR_ADMIN))

    html = client.get(reverse("members:role_groups")).content.decode()

    assert ("HR-konsulent" in html, "HR-afdelingen" in html, "HR-vikarer" in html) == (True, True, True)


@pytest.mark.django_db
def test_groups_give_and_take_their_own_roles_and_no_others():
    person = create_user()
    roles.give(person, Role.POLITICAL, reason="x", actor=create_hr(role=Role.HR_ADMIN), now=timezone.now())
    governed = {Role.POLITICAL, Role.HR_CONSULTANT}

    roles.follow_groups(person, {Role.HR_CONSULTANT}, governed=governed, now=timezone.now())
    assert User.objects.get(pk=person.pk).roles == {Role.POLITICAL, Role.HR_CONSULTANT}
    roles.follow_groups(person, set(), governed=governed, now=timezone.now())

    assert User.objects.get(pk=person.pk).roles == {Role.POLITICAL}
    assert [change.act for change in RoleChange.objects.filter(role="hr_consultant")] == ["taken", "given"]


@pytest.mark.django_db
def test_what_groups_gave_goes_when_no_group_gives_any_role_any_more():
    person = create_user()
    roles.follow_groups(person, {Role.HR_CONSULTANT}, governed={Role.HR_CONSULTANT}, now=timezone.now())

    roles.follow_groups(person, set(), governed=set(), now=timezone.now())

    assert User.objects.get(pk=person.pk).roles == set()


@pytest.mark.django_db
def test_groups_never_take_the_last_administrator():
    person = create_user()
    RoleAssignment.objects.create(user=person, role=Role.HR_ADMIN, is_from_groups=True)

    roles.follow_groups(person, set(), governed={Role.HR_ADMIN}, now=timezone.now())

    assert User.objects.get(pk=person.pk).is_hr_admin


# --- OpenID Connect --------------------------------------------------------------------------------------------------


@services
@pytest.mark.django_db
def test_oidc_lets_the_employee_in_and_keeps_nothing_they_did_not_need(client, oidc, settings):
    settings.SSO_ROLES = {"hr_consultant": "HR"}
    leader = create_leader(employee_number="4711")
    who = one_who(employee_number="4711", email="andet@x.dk", groups=["HR", "Alle"], CprNumberIdentifier=CPR)

    response = client.get(oidc_answer(client, oidc, who))

    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(leader.user_id)
    assert User.objects.get(pk=leader.user_id).roles == {Role.HR_CONSULTANT}
    account = SocialAccount.objects.get()
    assert (account.uid, account.extra_data, account.user_id) == ("u-1", {}, leader.user_id)
    kept = str([session.get_decoded() for session in Session.objects.all()]) + str(account.__dict__)
    assert CPR not in kept.replace(str(getattr(account, "claims", "")), "")

    later = browser()
    later.get(oidc_answer(later, oidc, who))

    assert is_in(later)
    assert SocialAccount.objects.get().extra_data == {}


@services
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("claims", "trusted", "comes_in"),
    [
        ({"email": "Anne@egebjerg.dk", "email_verified": True}, False, True),
        ({"email": "anne@egebjerg.dk"}, False, False),
        ({"email": "anne@egebjerg.dk"}, True, True),
        ({"email": "anne@egebjerg.dk", "email_verified": "true"}, False, False),
        ({"email": "аnne@egebjerg.dk", "email_verified": True}, False, False),
        ({"employee_number": "9999"}, False, False),
        ({}, True, False),
    ],
)
def test_oidc_matches_a_verified_address_and_nothing_less(client, oidc, settings, claims, trusted, comes_in):
    settings.SSO_TRUST_EMAIL = trusted
    create_user(email="anne@egebjerg.dk")

    page = client.get(oidc_answer(client, oidc, one_who(sub=f"u-{len(claims)}-{trusted}", **claims)), follow=True)

    assert is_in(client) == comes_in
    assert ("Du er ikke oprettet her" in page.content.decode()) == (not comes_in)
    assert User.objects.count() == 1


@services
@pytest.mark.django_db
def test_a_closed_or_erased_person_stays_out(client, oidc):
    person = create_user(email="anne@egebjerg.dk", is_active=False)

    client.get(oidc_answer(client, oidc, one_who(sub="closed", email=person.email, email_verified=True)), follow=True)

    assert not is_in(client)


@services
@pytest.mark.django_db
def test_a_cpr_number_as_name_of_the_account_is_refused_and_not_kept(client, oidc):
    create_leader(employee_number="4711")

    client.get(oidc_answer(client, oidc, one_who(sub=CPR, employee_number="4711")))

    assert (is_in(client), SocialAccount.objects.count()) == (False, 0)


@pytest.mark.parametrize(
    ("uid", "is_cpr"),
    [
        (CPR, True),
        ("010170-1234", True),
        ("cpr:0101701234", True),
        ("fa010170-1234-4c1e-9d0a-3f2b5c6d7e8f", False),
        ("u-1", False),
    ],
)
def test_a_uuid_with_the_digits_of_a_cpr_number_is_no_cpr_number(uid, is_cpr):
    assert single_sign_on.names_a_cpr_number(uid) == is_cpr


@services
@pytest.mark.django_db
def test_who_signs_out_is_told_they_may_still_be_signed_in_there(client, oidc, settings):
    settings.SSO_LOGOUT_URL = "https://login.example/logout"
    create_leader(employee_number="4711")
    client.get(oidc_answer(client, oidc, one_who(sub="out", employee_number="4711")))

    page = client.post(reverse("account_logout"), follow=True)

    assert not is_in(client)
    assert "https://login.example/logout" in page.content.decode()


@services
@pytest.mark.django_db
def test_a_required_second_step_is_the_providers_own(client, oidc, settings):
    settings.REQUIRE_MFA_FOR, settings.SSO_ROLES = ["hr"], {"hr_consultant": "HR"}
    create_leader(employee_number="4711")

    client.get(oidc_answer(client, oidc, one_who(sub="hr", employee_number="4711", groups=["HR"])))

    assert client.get("/").status_code == 200


# --- SAML ------------------------------------------------------------------------------------------------------------


@services
@pytest.mark.django_db
def test_saml_lets_the_employee_in_and_keeps_nothing_they_did_not_need(client, saml, settings):
    settings.SSO_ROLES = {"executive_board": "Direktion"}
    leader = create_leader(employee_number="4711")
    who = saml_one(employee_number="4711", groups=["Direktion"], CprNumberIdentifier=CPR)

    give(client, saml_answer(client, saml, who))

    assert client.session["_auth_user_id"] == str(leader.user_id)
    assert User.objects.get(pk=leader.user_id).roles == {Role.EXECUTIVE_BOARD}
    assert (SocialAccount.objects.get().uid, SocialAccount.objects.get().extra_data) == ("s-1", {})
    assert CPR not in str([session.get_decoded() for session in Session.objects.all()])


@services
@pytest.mark.django_db
def test_saml_shows_strangers_a_page_and_makes_no_account(client, saml):
    page = give(client, saml_answer(client, saml, saml_one(email="ny@x.dk")))

    assert "Du er ikke oprettet her" in page.content.decode()
    assert (is_in(client), User.objects.count(), SocialAccount.objects.count()) == (False, 0, 0)
