from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from netvaerk.tests.single_sign_on.answers import browser, end, start


@pytest.fixture
def client():
    return browser()


# --- OpenID Connect --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="package")
def oidc_server():
    process, url = start("oidc.js")
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


# --- SAML ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="package")
def pems(tmp_path_factory):
    """The provider's key and certificate, a stranger's, and ours."""
    folder = tmp_path_factory.mktemp("saml")
    for name in ("key", "foreign", "ours"):
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (folder / f"{name}.pem").write_bytes(pem)
        certificate = folder / ("certificate.pem" if name == "key" else f"{name}-certificate.pem")
        certificate.write_bytes(_certificate(key).public_bytes(serialization.Encoding.PEM))
    return folder


def _certificate(key):
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=2))
    return made.sign(key, hashes.SHA256())


@pytest.fixture(scope="package")
def saml_server(pems):
    process, url = start("saml.js", str(pems))
    yield url
    end(process)


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
                            "slo_url": f"{saml_server}/slo",
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


@pytest.fixture
def with_our_key(saml, pems, settings):
    """The settings SSO_SAML_SP_CERTIFICATE and SSO_SAML_SP_KEY make."""
    (app,) = settings.SOCIALACCOUNT_PROVIDERS["saml"]["APPS"]
    app["settings"]["advanced"] |= {
        "x509cert": (pems / "ours-certificate.pem").read_text(),
        "private_key": (pems / "ours.pem").read_text(),
        "authn_request_signed": True,
        "logout_request_signed": True,
        "logout_response_signed": True,
    }
    return app["settings"]["advanced"]
