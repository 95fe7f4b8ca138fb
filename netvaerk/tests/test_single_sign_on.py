"""Single sign-on against two identity providers others wrote: who comes in, who does not, and what is believed."""

import base64
import copy
import re
import socket
import subprocess
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from lxml import etree

from members import roles
from members.models import Role, RoleAssignment, RoleChange, User
from members.tests.factories import create_hr, create_leader, create_user

PEERS = Path(__file__).parent / "idp"
CPR = "0101701234"


def browser():
    return Client(headers={"host": "testserver"})


@pytest.fixture
def client():
    return browser()


# --- The providers ---------------------------------------------------------------------------------------------------


def start(script, *arguments):
    assert (PEERS / "node_modules").exists(), "Run `make test-services`: it fetches the identity providers."
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        ["node", PEERS / script, str(port), *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    for line in process.stdout:
        if "ready" in line:
            return process, f"http://127.0.0.1:{port}"
    raise AssertionError(f"{script} did not start")


def end(process):
    process.terminate()
    process.wait(10)
    process.stdout.close()


@pytest.fixture(scope="module")
def oidc_server():
    process, url = start("oidc.js")
    yield url
    end(process)


@pytest.fixture(scope="module")
def pems(tmp_path_factory):
    folder = tmp_path_factory.mktemp("saml")
    for name in ("key", "foreign"):
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (folder / f"{name}.pem").write_bytes(pem)
        if name == "key":
            subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp")])
            certificate = (
                x509.CertificateBuilder()
                .subject_name(subject)
                .issuer_name(subject)
                .public_key(key.public_key())
                .serial_number(1)
                .not_valid_before(datetime.now(UTC) - timedelta(days=1))
                .not_valid_after(datetime.now(UTC) + timedelta(days=2))
                .sign(key, hashes.SHA256())
            )
            (folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return folder


@pytest.fixture(scope="module")
def saml_server(pems):
    process, url = start("saml.js", str(pems))
    yield url
    end(process)


@pytest.fixture
def oidc(oidc_server, settings):
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "oidc",
                    "name": "kommunens login",
                    "client_id": "netvaerk",
                    "secret": "a-secret-of-some-length-0123456789",
                    "settings": {"server_url": oidc_server, "fetch_userinfo": False},
                }
            ],
        }
    }
    return oidc_server


@pytest.fixture
def saml(saml_server, pems, settings):
    settings.SOCIALACCOUNT_PROVIDERS = {
        "saml": {
            "APPS": [
                {
                    "provider_id": f"{saml_server}/metadata",
                    "client_id": "saml",
                    "name": "kommunens login",
                    "settings": {
                        "idp": {
                            "entity_id": f"{saml_server}/metadata",
                            "sso_url": f"{saml_server}/sso",
                            "x509cert": (pems / "certificate.pem").read_text(),
                        },
                        "sp": {"entity_id": "http://testserver/konto/saml/saml/metadata/"},
                        "attribute_mapping": {},
                        "advanced": {
                            "strict": True,
                            "want_assertion_signed": True,
                            "reject_idp_initiated_sso": True,
                            "reject_deprecated_algorithm": True,
                            "allow_single_label_domains": True,
                        },
                    },
                }
            ]
        }
    }
    return saml_server


def oidc_answer(client, server, who, spoil=""):
    """Where the provider sends the browser back to, once it has signed `who` in."""
    requests.post(f"{server}/who", json={"who": who, "spoil": spoil}, timeout=10)
    url = client.get(reverse("openid_connect_login", args=["oidc"]))["Location"]
    session = requests.Session()
    while url.startswith(server):
        response = session.get(url, allow_redirects=False, timeout=10)
        assert response.status_code in (302, 303), response.text
        location = response.headers["Location"]
        url = location if "://" in location else server + location
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


class Fields(HTMLParser):
    def __init__(self):
        super().__init__()
        self.fields = {}

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "input" and attributes.get("name"):
            self.fields[attributes["name"]] = attributes.get("value") or ""


def saml_answer(client, server, who, **options):
    requests.post(f"{server}/who", json={"who": who, "options": options}, timeout=10)
    url = client.get(reverse("saml_login", args=["saml"]))["Location"]
    page = requests.get(url, timeout=10)
    parser = Fields()
    parser.feed(page.text)
    assert "SAMLResponse" in parser.fields, page.text
    return {name: value for name, value in parser.fields.items() if name in ("SAMLResponse", "RelayState")}


def give(client, fields):
    return client.post(reverse("saml_acs", args=["saml"]), fields, follow=True)


def is_in(client):
    return "_auth_user_id" in client.session


def one_who(**claims):
    return {"sub": "u-1", **claims}


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
def test_groups_never_take_the_last_administrator():
    person = create_user()
    RoleAssignment.objects.create(user=person, role=Role.HR_ADMIN, is_from_groups=True)

    roles.follow_groups(person, set(), governed={Role.HR_ADMIN}, now=timezone.now())

    assert User.objects.get(pk=person.pk).is_hr_admin


# --- OpenID Connect --------------------------------------------------------------------------------------------------

services = pytest.mark.services


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
@pytest.mark.parametrize(
    "spoil", ["audience", "issuer", "expired", "unsigned", "foreign", "shared", "altered", "missing"]
)
def test_oidc_refuses_a_spoiled_token(client, oidc, spoil):
    create_leader(employee_number="4711")

    page = client.get(oidc_answer(client, oidc, one_who(employee_number="4711"), spoil))

    assert (page.status_code, is_in(client)) == (401, False)
    assert "kunne ikke godkendes" in page.content.decode()
    assert not SocialAccount.objects.exists()


@services
@pytest.mark.django_db
def test_oidc_refuses_an_answer_a_second_time_and_in_another_browser(client, oidc):
    create_leader(employee_number="4711")
    answer = oidc_answer(client, oidc, one_who(employee_number="4711"))
    thief = browser()

    thief.get(answer)
    client.get(answer)
    client.post(reverse("account_logout"))
    client.get(answer)

    assert (is_in(thief), is_in(client)) == (False, False)


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


def saml_one(**claims):
    return {"id": "s-1", "claims": claims}


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


@services
@pytest.mark.django_db
@pytest.mark.parametrize(
    "options",
    [
        {"audience": "https://another.example/metadata/"},
        {"recipient": "https://another.example/acs/"},
        {"lifetime": -3600},
        {"key": "foreign"},
    ],
)
def test_saml_refuses_what_is_meant_for_others_too_old_or_signed_by_others(client, saml, options):
    create_leader(employee_number="4711")

    give(client, saml_answer(client, saml, saml_one(employee_number="4711"), **options))

    assert (is_in(client), SocialAccount.objects.count()) == (False, 0)


NAMES = {"ds": "http://www.w3.org/2000/09/xmldsig#", "saml": "urn:oasis:names:tc:SAML:2.0:assertion"}


def unsigned(tree):
    for signature in tree.findall(".//ds:Signature", NAMES):
        signature.getparent().remove(signature)


def altered(tree):
    (value,) = tree.xpath("//saml:Attribute[@Name='employee_number']/saml:AttributeValue", namespaces=NAMES)
    value.text = "1"


def renamed(tree):
    tree.find(".//saml:NameID", NAMES).text = "admin"


def wrapped(tree):
    """The signed assertion is moved aside, and a forged one stands where it is read."""
    signed = tree.find(".//saml:Assertion", NAMES)
    forged = copy.deepcopy(signed)
    forged.set("ID", "_forged")
    unsigned(forged)
    (value,) = forged.xpath(".//saml:Attribute[@Name='employee_number']/saml:AttributeValue", namespaces=NAMES)
    value.text = "1"
    signed.addprevious(forged)


@services
@pytest.mark.django_db
@pytest.mark.parametrize("spoil", [unsigned, altered, renamed, wrapped])
def test_saml_refuses_what_was_changed_on_the_way(client, saml, spoil):
    create_leader(employee_number="4711")
    create_leader(employee_number="1")
    fields = saml_answer(client, saml, saml_one(employee_number="4711"))
    tree = etree.fromstring(base64.b64decode(fields["SAMLResponse"]))
    spoil(tree)

    give(client, fields | {"SAMLResponse": base64.b64encode(etree.tostring(tree)).decode()})

    assert (is_in(client), SocialAccount.objects.count()) == (False, 0)


@services
@pytest.mark.django_db
def test_saml_refuses_an_answer_a_second_time_in_another_browser_and_unasked(client, saml):
    create_leader(employee_number="4711")
    fields = saml_answer(client, saml, saml_one(employee_number="4711"))
    thief = browser()

    give(thief, fields)
    give(client, fields)
    assert (is_in(thief), is_in(client)) == (False, True)
    client.post(reverse("account_logout"))
    give(client, fields)

    assert not is_in(client)


@services
@pytest.mark.django_db
@pytest.mark.parametrize(
    "text", ["", "x", "PHg+", base64.b64encode(b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>").decode()]
)
def test_saml_answers_that_are_none_are_refused_in_words(client, saml, text):
    page = give(client, {"SAMLResponse": text})
    out = client.get(reverse("saml_sls", args=["saml"]), {"SAMLResponse": text})

    assert (page.status_code, is_in(client)) == (401, False)
    assert out.status_code in (400, 401)


@services
@pytest.mark.django_db
def test_saml_says_who_we_are(client, saml):
    page = client.get(reverse("saml_metadata", args=["saml"]))

    assert (page.status_code, page["Content-Type"]) == (200, "text/xml")
    assert re.search(rb"konto/saml/saml/svar/", page.content)
