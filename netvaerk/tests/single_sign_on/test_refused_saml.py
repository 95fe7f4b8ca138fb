"""Answers of SAML that are refused; and that each of them opens the door once its guard is gone."""

import base64
import copy
import zlib
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
import time_machine
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.saml.provider import SAMLProvider
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.x509 import load_pem_x509_certificate
from django.urls import reverse
from django.utils import timezone
from lxml import etree
from onelogin.saml2.response import OneLogin_Saml2_Response

from members import single_sign_on, sso_providers, sso_views
from members.tests.factories import create_leader
from netvaerk.tests.single_sign_on.answers import browser, give, is_in, saml_answer, saml_one

pytestmark = [pytest.mark.services, pytest.mark.django_db]

NAMES = {
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
}
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"


@pytest.fixture
def leader(db):
    return create_leader(employee_number="4711")


@pytest.fixture
def believing(monkeypatch):
    """The library's own checks gone: whatever is still refused then, is refused by us."""
    monkeypatch.setattr(OneLogin_Saml2_Response, "is_valid", lambda *_args, **_kwargs: True)


def answer(client, saml, **options):
    return saml_answer(client, saml, saml_one(employee_number="4711"), **options)


def changed(fields, spoil):
    tree = etree.fromstring(base64.b64decode(fields["SAMLResponse"]))
    spoil(tree)
    return fields | {"SAMLResponse": base64.b64encode(etree.tostring(tree)).decode()}


# --- Meant for others, of another time, by others --------------------------------------------------------------------

MEANT_OTHERWISE = [
    {"audience": "https://another.example/metadata/"},
    {"recipient": "https://another.example/acs/"},
    {"issuer": "https://another.example/"},
    {"lifetime": -3600},
    {"key": "foreign"},
    {"algorithm": "rsa-sha1"},
]


@pytest.mark.parametrize("options", MEANT_OTHERWISE)
def test_what_is_meant_for_others_too_old_or_signed_by_others_is_refused(client, saml, leader, options):
    page = give(client, answer(client, saml, **options))

    assert (page.status_code, is_in(client), SocialAccount.objects.count()) == (401, False, 0)


@pytest.mark.parametrize("options", MEANT_OTHERWISE)
def test_without_the_checks_each_of_them_comes_in(client, saml, leader, options, believing):
    give(client, answer(client, saml, **options))

    assert is_in(client)


def test_what_is_not_valid_yet_is_refused(client, saml, leader):
    fields = answer(client, saml)

    with time_machine.travel(timezone.now() - timedelta(hours=1)):
        early = give(client, fields)

    assert (early.status_code, is_in(client)) == (401, False)


# --- Changed on the way ----------------------------------------------------------------------------------------------


def unsigned(tree):
    for signature in tree.findall(".//ds:Signature", NAMES):
        signature.getparent().remove(signature)


def number(tree):
    (value,) = tree.xpath(".//saml:Attribute[@Name='employee_number']/saml:AttributeValue", namespaces=NAMES)
    return value


def altered(tree):
    number(tree).text = "1"


def renamed(tree):
    tree.find(".//saml:NameID", NAMES).text = "admin"


def forged_of(signed, identifier="_forged"):
    forged = copy.deepcopy(signed)
    forged.set("ID", identifier)
    unsigned(forged)
    number(forged).text = "1"
    return forged


def wrapped_before(tree):
    """A forged assertion stands where the first is read, the signed one after it."""
    signed = tree.find(".//saml:Assertion", NAMES)
    signed.addprevious(forged_of(signed))


def wrapped_after(tree):
    signed = tree.find(".//saml:Assertion", NAMES)
    signed.addnext(forged_of(signed))


def wrapped_twin(tree):
    """Two with the same ID, so that the signature fits by name."""
    signed = tree.find(".//saml:Assertion", NAMES)
    signed.addprevious(forged_of(signed, signed.get("ID")))


def wrapped_inside(tree):
    """The forged one carries the signature, and within that the assertion which was signed."""
    signed = tree.find(".//saml:Assertion", NAMES)
    forged = forged_of(signed)
    signature = signed.find("ds:Signature", NAMES)
    signed.addprevious(forged)
    signed.remove(signature)
    forged.find("saml:Issuer", NAMES).addnext(signature)
    etree.SubElement(signature, f"{{{NAMES['ds']}}}Object").append(signed)


def wrapped_in_extensions(tree):
    signed = tree.find(".//saml:Assertion", NAMES)
    signed.addprevious(forged_of(signed))
    extensions = etree.Element(f"{{{NAMES['samlp']}}}Extensions")
    tree.find("saml:Issuer", NAMES).addnext(extensions)
    extensions.append(signed)


CHANGES = [
    unsigned,
    altered,
    renamed,
    wrapped_before,
    wrapped_after,
    wrapped_twin,
    wrapped_inside,
    wrapped_in_extensions,
]


@pytest.mark.parametrize("sign_response", [False, True])
@pytest.mark.parametrize("spoil", CHANGES)
def test_what_was_changed_on_the_way_is_refused(client, saml, leader, spoil, sign_response):
    create_leader(employee_number="1")
    fields = answer(client, saml, signResponse=sign_response)

    page = give(client, changed(fields, spoil))

    assert (page.status_code, is_in(client), SocialAccount.objects.count()) == (401, False, 0)


@pytest.mark.parametrize("spoil", [unsigned, altered, renamed])
def test_without_the_checks_what_was_changed_comes_in(client, saml, leader, spoil, believing):
    create_leader(employee_number="1")

    give(client, changed(answer(client, saml), spoil))

    assert is_in(client)


# --- Given again, and given to another question ----------------------------------------------------------------------


def test_an_answer_is_refused_a_second_time_in_another_browser_and_unasked(client, saml, leader):
    fields = answer(client, saml)
    thief = browser()

    refused = give(thief, fields)
    give(client, fields)
    assert (refused.status_code, is_in(thief), is_in(client)) == (401, False, True)
    client.post(reverse("account_logout"))
    give(client, fields)

    assert not is_in(client)


def again_with_the_question_still_open(client, fields):
    """As if what was asked could be found in the session once more, by a race or an old copy of it."""
    asked = client.session["socialaccount_states"]
    give(client, fields)
    assert is_in(client)
    client.post(reverse("account_logout"))
    client.get(reverse("saml_login", args=["saml"]))
    session = client.session
    session["socialaccount_states"] |= asked
    session.save()
    return give(client, fields)


def test_an_assertion_is_used_once_whatever_the_session_says(client, saml, leader):
    page = again_with_the_question_still_open(client, answer(client, saml))

    assert (page.status_code, is_in(client)) == (401, False)


def test_without_a_memory_of_assertions_it_is_used_twice(client, saml, leader, monkeypatch):
    monkeypatch.setattr(single_sign_on, "use_once", lambda sociallogin: None)

    again_with_the_question_still_open(client, answer(client, saml))

    assert is_in(client)


def grafted(thief, saml, fields):
    """The stolen assertion in an envelope that answers the thief's own question: nobody signed the envelope."""
    question = etree.fromstring(base64.b64decode(answer(thief, saml)["SAMLResponse"])).get("InResponseTo")
    return changed(fields, lambda tree: tree.set("InResponseTo", question))


@pytest.mark.parametrize("is_unasked", [False, True])
def test_an_assertion_is_no_answer_to_another_question(client, saml, leader, is_unasked):
    stolen, thief = answer(client, saml, unasked=is_unasked), browser()

    page = give(thief, grafted(thief, saml, stolen))

    assert (page.status_code, is_in(thief)) == (401, False)


def test_without_our_look_at_the_assertion_a_stolen_one_comes_in(client, saml, leader, monkeypatch):
    monkeypatch.setattr(
        sso_providers.SAML, "sociallogin_from_response", SAMLProvider.sociallogin_from_response, raising=True
    )
    stolen, thief = answer(client, saml, unasked=True), browser()

    give(thief, grafted(thief, saml, stolen))

    assert is_in(thief)


def test_a_provider_that_begins_by_itself_is_refused(client, saml, leader):
    page = give(client, answer(client, saml, unasked=True))

    assert (page.status_code, is_in(client)) == (401, False)


@pytest.mark.parametrize(
    "text", ["", "x", "PHg+", base64.b64encode(b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>").decode()]
)
def test_answers_that_are_none_are_refused_in_words(client, saml, text):
    page = give(client, {"SAMLResponse": text})
    out = client.get(reverse("saml_sls", args=["saml"]), {"SAMLResponse": text, "Signature": "x"})

    assert (page.status_code, is_in(client)) == (401, False)
    assert out.status_code in (400, 401)


# --- With a key of ours ----------------------------------------------------------------------------------------------


def test_our_questions_are_signed_so_that_a_strict_provider_answers(client, saml, with_our_key, leader):
    give(client, answer(client, saml, signedBy="ours"))

    assert is_in(client)


def test_a_strict_provider_does_not_answer_a_question_signed_by_another_or_by_nobody(client, saml, with_our_key):
    def asked(**options):
        requests.post(f"{saml}/who", json={"who": saml_one(), "options": options}, timeout=10)
        return requests.get(client.get(reverse("saml_login", args=["saml"]))["Location"], timeout=10)

    assert [asked(signedBy="ours").status_code, asked(signedBy="foreign").status_code] == [200, 400]
    with_our_key["authn_request_signed"] = False
    assert asked(signedBy="ours").status_code == 400


def test_the_metadata_shows_our_key_and_the_next_one(client, saml, with_our_key, pems):
    with_our_key["x509cert_new"] = (pems / "foreign-certificate.pem").read_text()

    tree = etree.fromstring(client.get(reverse("saml_metadata", args=["saml"])).content)

    shown = {"".join(text.split()) for text in tree.xpath("//ds:X509Certificate/text()", namespaces=NAMES)}
    assert shown == {
        base64.b64encode(
            load_pem_x509_certificate((pems / f"{name}-certificate.pem").read_bytes()).public_bytes(
                serialization.Encoding.DER
            )
        ).decode()
        for name in ("ours", "foreign")
    }
    (descriptor,) = tree.xpath("//*[local-name()='SPSSODescriptor']")
    assert (descriptor.get("AuthnRequestsSigned"), descriptor.get("WantAssertionsSigned")) == ("true", "true")


def test_without_a_key_the_metadata_shows_none(client, saml):
    page = client.get(reverse("saml_metadata", args=["saml"]))

    assert (page.status_code, page["Content-Type"]) == (200, "text/xml")
    assert b"konto/saml/saml/svar/" in page.content
    assert b"X509Certificate" not in page.content


@pytest.mark.parametrize("is_wanted", [False, True])
def test_an_encrypted_assertion_is_opened_with_our_key(client, saml, with_our_key, leader, is_wanted):
    with_our_key["want_assertion_encrypted"] = is_wanted
    fields = answer(client, saml, encryptedFor="ours")

    assert b"4711" not in base64.b64decode(fields["SAMLResponse"])
    give(client, fields)

    assert is_in(client)


@pytest.mark.parametrize(
    "options", [{"encryptedFor": "foreign"}, {"encryptedFor": "ours", "key": "foreign"}, {"encryptedFor": ""}]
)
def test_encryption_opens_no_door_by_itself(client, saml, with_our_key, leader, options):
    with_our_key["want_assertion_encrypted"] = True

    page = give(client, answer(client, saml, **options))

    assert (page.status_code, is_in(client)) == (401, False)


# --- Signed out from there -------------------------------------------------------------------------------------------


def logout_request(saml, pems, key="key"):
    """What the provider sends a browser here with, signed as the redirect binding signs: over the address itself."""
    now = timezone.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    xml = (
        f'<samlp:LogoutRequest xmlns:samlp="{NAMES["samlp"]}" xmlns:saml="{NAMES["saml"]}" ID="_out" Version="2.0" '
        f'IssueInstant="{now}" Destination="http://testserver/konto/saml/saml/log-af/">'
        f"<saml:Issuer>{saml}/metadata</saml:Issuer><saml:NameID>s-1</saml:NameID></samlp:LogoutRequest>"
    )
    packed = zlib.compress(xml.encode())[2:-4]
    query = {"SAMLRequest": base64.b64encode(packed).decode(), "RelayState": "/", "SigAlg": RSA_SHA256}
    if not key:
        return {"SAMLRequest": query["SAMLRequest"]}
    private = serialization.load_pem_private_key((pems / f"{key}.pem").read_bytes(), password=None)
    signature = private.sign(urlencode(query).encode(), padding.PKCS1v15(), hashes.SHA256())
    return query | {"Signature": base64.b64encode(signature).decode()}


@pytest.fixture
def inside(client, saml, with_our_key, leader):
    give(client, answer(client, saml))
    assert is_in(client)
    return client


def test_signing_out_there_signs_out_here_and_the_answer_is_signed(inside, saml, pems):
    response = inside.get(reverse("saml_sls", args=["saml"]), logout_request(saml, pems))

    assert not is_in(inside)
    assert response["Location"].startswith(f"{saml}/slo?")
    query = {name: values[0] for name, values in parse_qs(urlsplit(response["Location"]).query).items()}
    signed = urlencode({name: query[name] for name in ("SAMLResponse", "RelayState", "SigAlg")}).encode()
    ours = load_pem_x509_certificate((pems / "ours-certificate.pem").read_bytes()).public_key()
    ours.verify(base64.b64decode(query["Signature"]), signed, padding.PKCS1v15(), hashes.SHA256())


@pytest.mark.parametrize("key", ["", "foreign"])
def test_nobody_else_signs_people_out(inside, saml, pems, key):
    response = inside.get(reverse("saml_sls", args=["saml"]), logout_request(saml, pems, key))

    assert (response.status_code in (400, 401), is_in(inside)) == (True, True)


def test_without_the_guard_any_page_signs_its_visitors_out_of_here(inside, saml, pems, monkeypatch):
    monkeypatch.setattr(sso_views, "is_signed", lambda request: True)

    inside.get(reverse("saml_sls", args=["saml"]), logout_request(saml, pems, ""))

    assert not is_in(inside)
