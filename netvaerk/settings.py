"""Settings: everything that differs between machines is read from the environment here, and fails early."""

import base64
import hashlib
from datetime import date
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from netvaerk.environment import imap_url_config, saml_key_pair

env = environ.Env()
ROOT = Path(__file__).resolve().parent.parent
# What the running site writes to disk, and collected static files.
VAR = Path(env.str("VAR_FOLDER", default=str(ROOT / "var")))

# --- What the environment says ---------------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
_DEVELOPMENT_KEY = "only-for-development-" + "0" * 40


def _required(name: str, *, how: str) -> str:
    """The value of `name`; outside development a missing one stops the start with a sentence that says how."""
    value = env.str(name, default="")
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. {how}")
    return value


def _date(name: str) -> date | None:
    value = env.str(name, default="")
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {value}. Write a date as 2027-03-05.") from None


if DEBUG:
    SECRET_KEY = env.str("SECRET_KEY", default=_DEVELOPMENT_KEY)
    FRIRUM_KEYS = env.list("FRIRUM_KEYS", default=[])
    ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]", "testserver"])
    SITE_URL = env.str("SITE_URL", default="http://localhost:8000").rstrip("/")
    _DATABASE_URL = env.str("DATABASE_URL", default=f"sqlite:///{VAR / 'netvaerk.sqlite3'}")
    _EMAIL_URL = env.str("EMAIL_URL", default=f"filemail:///{VAR / 'mail'}")
    if not FRIRUM_KEYS:
        # A fixed key, so that a developer's database stays readable between starts.
        FRIRUM_KEYS = [base64.urlsafe_b64encode(hashlib.sha256(SECRET_KEY.encode()).digest()).decode()]
else:
    SECRET_KEY = _required(
        "SECRET_KEY", how="Make one with: python -c 'import secrets; print(secrets.token_urlsafe(50))'"
    )
    if len(SECRET_KEY) < 50 or SECRET_KEY == _DEVELOPMENT_KEY:
        raise ImproperlyConfigured(
            "SECRET_KEY is too short or the one for development. Use at least 50 random characters."
        )
    _required(
        "FRIRUM_KEYS",
        how="Make one with: DEBUG=on python manage.py new_frirum_key, and keep a copy outside the database.",
    )
    FRIRUM_KEYS = env.list("FRIRUM_KEYS")
    _required("ALLOWED_HOSTS", how="Name the host the site answers to, e.g. netvaerk.kommune.dk")
    ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
    if "*" in ALLOWED_HOSTS:
        raise ImproperlyConfigured("ALLOWED_HOSTS may not be *. Name the host the site answers to.")
    SITE_URL = _required("SITE_URL", how="The address people use, e.g. https://netvaerk.kommune.dk").rstrip("/")
    if not SITE_URL.startswith("https://"):
        raise ImproperlyConfigured("SITE_URL must begin with https:// when DEBUG is off.")
    _DATABASE_URL = _required("DATABASE_URL", how="E.g. postgres://user:password@host:5432/netvaerk")
    _EMAIL_URL = _required("EMAIL_URL", how="E.g. smtp://relay.kommune.dk:25 or smtp+tls://user:password@host:587")

# Signs and reads what an earlier SECRET_KEY made, while a new one takes over.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

# --- Who we are ------------------------------------------------------------------------------------------------------

MUNICIPALITY_NAME = env.str("MUNICIPALITY_NAME", default="Egebjerg Kommune")
MUNICIPALITY_LOGO = env.str("MUNICIPALITY_LOGO", default="")  # path under static/, e.g. img/logo.svg
BRAND_COLOUR = env.str("BRAND_COLOUR", default="#1b5e4b")
BRAND_COLOUR_DARK = env.str("BRAND_COLOUR_DARK", default="#10392e")
CONTACT_EMAIL = env.str("CONTACT_EMAIL", default="hr@egebjerg-kommune.invalid")
CONTACT_PHONE = env.str("CONTACT_PHONE", default="")
DATA_PROTECTION_OFFICER = env.str("DATA_PROTECTION_OFFICER", default="")  # name and address, as shown on /privatliv/

# What /tilgaengelighed/ says. Only what somebody has tested may be claimed: without a date it says that nobody has yet.
ACCESSIBILITY_ASSESSED_ON = _date("ACCESSIBILITY_ASSESSED_ON")
ACCESSIBILITY_METHOD = env.str("ACCESSIBILITY_METHOD", default="")  # fx “ekstern gennemgang ved …”
# Known problems, with a semicolon between.
_problems = env.str("ACCESSIBILITY_PROBLEMS", default="").split(";")
ACCESSIBILITY_PROBLEMS = [problem.strip() for problem in _problems if problem.strip()]
ACCESSIBILITY_STATEMENT_URL = env.str("ACCESSIBILITY_STATEMENT_URL", default="")  # https://was.digst.dk/…

# --- The application -------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.socialaccount.providers.saml",
    "allauth.usersessions",
    "crispy_forms",
    "csp",
    "django_filters",
    "members",
    "networks",
    "meetings",
    "netvaerk",
]

MIDDLEWARE = [
    # Outermost, so that static files, redirects and what is refused at the door carry their headers too.
    "netvaerk.headers.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "members.middleware.PersonalLanguageMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "members.session_life.SessionLifetimeMiddleware",
    "members.known_devices.KnownDeviceMiddleware",
    "members.second_factor.RequireSecondFactorMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "members.middleware.ButtonAddressMiddleware",
    "members.middleware.FrirumKeyMiddleware",
]

ROOT_URLCONF = "netvaerk.urls"
WSGI_APPLICATION = "netvaerk.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "netvaerk.context.site",
            ],
            "builtins": ["members.templatetags.danish", "networks.templatetags.saving"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "dkfds"
CRISPY_TEMPLATE_PACK = "dkfds"
CRISPY_FAIL_SILENTLY = False

# --- Data ------------------------------------------------------------------------------------------------------------

DATABASES = {"default": env.db_url_config(_DATABASE_URL)}
DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # IMMEDIATE: a transaction takes its write lock when it begins; two writers wait in line and neither fails halfway.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
    # Tests use a file too: a database in memory locks in another way than the one people run on.
    DATABASES["default"]["TEST"] = {"NAME": env.str("TEST_DATABASE", default=None)}
elif "options" not in DATABASES["default"].get("OPTIONS", {}):
    # Compiling a query takes PostgreSQL longer than answering any of ours. Options in the address have their way.
    DATABASES["default"].setdefault("OPTIONS", {})["options"] = "-c jit=off"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Sessions and throttles live in the database: emptying Redis signs nobody out and opens no throttle.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "throttles"},
    # Where {% cache %} keeps pieces of pages, each under all that it says: what has changed is another piece.
    "template_fragments": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "pieces"},
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_IDLE_MINUTES = env.int("SESSION_IDLE_MINUTES", default=120)
SESSION_MAX_HOURS = env.int("SESSION_MAX_HOURS", default=12)
SESSION_COOKIE_AGE = SESSION_MAX_HOURS * 60 * 60
SESSION_COOKIE_SECURE = not DEBUG
CSRF_COOKIE_SECURE = not DEBUG
CSRF_COOKIE_HTTPONLY = True  # forms carry the token; no script needs it
CSRF_TRUSTED_ORIGINS = [] if DEBUG else [SITE_URL]

# --- Sign-in ---------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "members.User"
AUTHENTICATION_BACKENDS = ["members.sign_in.Backend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_REDIRECT_URL = "home"
LOGIN_URL = "account_login"
ACCOUNT_ADAPTER = "members.sign_in.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # addresses come from HR's own list; nobody signs up by themselves
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
PASSWORD_RESET_TIMEOUT = 60 * 60
ACCOUNT_FORMS = {
    "reset_password": "members.sign_in_forms.ResetForm",
    "reset_password_from_key": "members.sign_in_forms.NewPasswordForm",
}
# All of a municipality may come from one internet address, so what counts by address leaves room for a Monday morning.
# Guesses are slowed down by person and address, never locked out: five in a minute, and the owner's own browser apart.
ACCOUNT_RATE_LIMITS = {
    "data_export": "5/h/user",
    "login": "600/m/ip",
    "login_failed": "60/m/ip,5/m/key",
    "login_failed_known": "10/m/key",
    "reset_password": "60/m/ip,3/h/key",
    "reset_password_from_key": "60/m/ip",
}
# How many proxies before the site say who asks (X-Forwarded-For): guesses are counted by that address. Were it the
# proxy's, one who guesses would shut all out.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("PROXY_COUNT", default=0 if DEBUG else 1)

MFA_ADAPTER = "members.second_factor.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses come from HR's own list
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
MFA_FORMS = {
    "add_webauthn": "members.second_factor_forms.AddPasskeyForm",
    "edit_webauthn": "members.second_factor_forms.EditPasskeyForm",
}
# Whose role asks for a second step: hr, system, board, political.
REQUIRE_MFA_FOR = env.list("REQUIRE_MFA_FOR", default=[] if DEBUG else ["hr", "system"])
if _unknown := set(REQUIRE_MFA_FOR) - {"hr", "system", "board", "political"}:
    raise ImproperlyConfigured(
        f"REQUIRE_MFA_FOR names {', '.join(sorted(_unknown))}. It may name hr, system, board and political."
    )
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""

# --- Single sign-on --------------------------------------------------------------------------------------------------

SOCIALACCOUNT_ADAPTER = "members.single_sign_on.SocialAccountAdapter"
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_LOGIN_ON_GET = True  # a link, since the security policy lets no form lead out of the house
SOCIALACCOUNT_REQUESTS_TIMEOUT = 10
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {"provider_class": "members.sso_providers.OpenIDConnect", "OAUTH_PKCE_ENABLED": True, "APPS": []},
    "saml": {"provider_class": "members.sso_providers.SAML", "APPS": []},
}

SSO_NAME = env.str("SSO_NAME", default="") or _("kommunens login")
SSO_LOGOUT_URL = env.str("SSO_LOGOUT_URL", default="")
SSO_IDENTIFIER_CLAIM = env.str("SSO_IDENTIFIER_CLAIM", default="employee_number")
SSO_EMAIL_CLAIM = env.str("SSO_EMAIL_CLAIM", default="email")
SSO_TRUST_EMAIL = env.bool("SSO_TRUST_EMAIL", default=False)  # for one that does not say email_verified, as Entra ID
SSO_GROUPS_CLAIM = env.str("SSO_GROUPS_CLAIM", default="groups")
SSO_ROLES = env.dict("SSO_ROLES", default={})  # hr_admin=Group one|Group two,hr_consultant=Group three
if _unknown := set(SSO_ROLES) - {"hr_consultant", "hr_admin", "executive_board", "political", "system_admin"}:
    raise ImproperlyConfigured(f"SSO_ROLES names {', '.join(sorted(_unknown))}, which is no role here.")


def _together(*names: str) -> dict[str, str]:
    """The values of `names`, all or none of them."""
    values = {name: env.str(name, default="") for name in names}
    missing = [name for name, value in values.items() if not value]
    if missing and len(missing) < len(names):
        raise ImproperlyConfigured(f"{', '.join(missing)} is not set. It goes with {', '.join(names)}.")
    return {} if missing else values


if _oidc := _together("SSO_OIDC_SERVER_URL", "SSO_OIDC_CLIENT_ID", "SSO_OIDC_CLIENT_SECRET"):
    SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"].append(
        {
            "provider_id": "oidc",
            "name": SSO_NAME,
            "client_id": _oidc["SSO_OIDC_CLIENT_ID"],
            "secret": _oidc["SSO_OIDC_CLIENT_SECRET"],
            # Only the signed token is believed, so nothing else is fetched.
            "settings": {"server_url": _oidc["SSO_OIDC_SERVER_URL"].rstrip("/"), "fetch_userinfo": False},
        }
    )
# Signs what we ask a SAML provider and opens what it encrypts for us. The next one is shown before it takes over.
_saml_pair = saml_key_pair(
    env.str("SSO_SAML_SP_CERTIFICATE", default="", multiline=True),
    env.str("SSO_SAML_SP_KEY", default="", multiline=True),
    env.str("SSO_SAML_SP_CERTIFICATE_NEXT", default="", multiline=True),
)
SSO_SAML_ENCRYPTED = env.bool("SSO_SAML_ENCRYPTED", default=False)
if SSO_SAML_ENCRYPTED and not _saml_pair:
    raise ImproperlyConfigured("SSO_SAML_ENCRYPTED needs SSO_SAML_SP_CERTIFICATE and SSO_SAML_SP_KEY to open with.")
if _saml := _together("SSO_SAML_ENTITY_ID", "SSO_SAML_SSO_URL", "SSO_SAML_CERTIFICATE"):
    SOCIALACCOUNT_PROVIDERS["saml"]["APPS"].append(
        {
            "provider_id": _saml["SSO_SAML_ENTITY_ID"],
            "client_id": "saml",
            "name": SSO_NAME,
            "settings": {
                "idp": {
                    "entity_id": _saml["SSO_SAML_ENTITY_ID"],
                    "sso_url": _saml["SSO_SAML_SSO_URL"],
                    "slo_url": env.str("SSO_SAML_SLO_URL", default=""),
                    "x509cert": _saml["SSO_SAML_CERTIFICATE"],
                },
                "sp": {"entity_id": f"{SITE_URL}/konto/saml/saml/metadata/"},
                "attribute_mapping": {},
                "advanced": {
                    "strict": True,
                    "want_assertion_signed": True,
                    "want_assertion_encrypted": SSO_SAML_ENCRYPTED,
                    "authn_request_signed": bool(_saml_pair),
                    "logout_request_signed": bool(_saml_pair),
                    "logout_response_signed": bool(_saml_pair),
                    "reject_idp_initiated_sso": True,
                    "reject_deprecated_algorithm": True,
                    **_saml_pair,
                },
            },
        }
    )

# --- Language and time -----------------------------------------------------------------------------------------------

LANGUAGE_CODE = "da"
LANGUAGES = [("da", _("Dansk")), ("en", _("Engelsk"))]
# Our own words, then what the frameworks say where they say it less well.
LOCALE_PATHS = [ROOT / "netvaerk" / "locale", ROOT / "netvaerk" / "wording"]
USE_TZ = True
TIME_ZONE = "Europe/Copenhagen"
FORMAT_MODULE_PATH = ["netvaerk.formats"]

# --- Files -----------------------------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [ROOT / "static"]
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = DEBUG  # in development and tests straight from static/
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": VAR / "files"},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
IMPORT_MAX_BYTES = 10 * 1024 * 1024

# --- Security --------------------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if not DEBUG:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_REDIRECT_EXEMPT = [r"^sundhed/"]
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=365 * 24 * 60 * 60)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", default=True)

# --- Mail ------------------------------------------------------------------------------------------------------------

vars().update(env.email_url_config(_EMAIL_URL))
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Ledernetværk <ledernetvaerk@egebjerg-kommune.invalid>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# The right-hand side of Message-IDs and calendar UIDs. Must stay the same for as long as meetings live.
MAIL_DOMAIN = env.str("MAIL_DOMAIN", default="ledernetvaerk.egebjerg-kommune.invalid")

# What a meeting is called in calendars; {network} stands for the network's name. Empty: "Ledernetværk: {network}", in
# the reader's language.
CALENDAR_TITLE = env.str("CALENDAR_TITLE", default="")

# The mailbox that calendars answer to, if there is one, and its address. Only its parts are kept: no setting is a URL
# with a password in it.
REPLY_MAILBOX = imap_url_config(env.str("REPLY_MAILBOX_URL", default=""), is_development=DEBUG)
REPLY_ADDRESS = env.str("REPLY_ADDRESS", default=REPLY_MAILBOX["USER"] if REPLY_MAILBOX else "")
if REPLY_MAILBOX and "@" not in REPLY_ADDRESS:
    raise ImproperlyConfigured("REPLY_ADDRESS is not set. It is the address of the mailbox in REPLY_MAILBOX_URL.")

# --- Messages, rounds and plans --------------------------------------------------------------------------------------

OUTBOX_LEASE_SECONDS = 180  # half of it must outlast a whole try (members.smtp)
OUTBOX_MAX_ATTEMPTS = 10
OUTBOX_BATCH = 500
# What the relay can take, for all workers together; 0 is no limit.
MAIL_CONNECTIONS = env.int("MAIL_CONNECTIONS", default=3)
MAIL_PER_MINUTE = env.int("MAIL_PER_MINUTE", default=0)
MAIL_PER_DAY = env.int("MAIL_PER_DAY", default=0)
MAIL_PIPELINING = env.bool("MAIL_PIPELINING", default=True)  # off: one command at a time, whatever it says it can
REMINDER_DAYS = env.list("REMINDER_DAYS", cast=int, default=[14, 2, 0])  # 0 is the morning of the day
ANSWER_DAYS = env.list("ANSWER_DAYS", cast=int, default=[7, 2])  # when those who have not answered are asked again
REMINDER_HOUR = env.int("REMINDER_HOUR", default=8)
ANONYMITY_THRESHOLD = env.int("ANONYMITY_THRESHOLD", default=5)

# How many days each kind of personal data is kept, where it differs from netvaerk/personal_data/retention.py.
RETENTION_DAYS = env.dict("RETENTION_DAYS", cast={"value": int}, default={})

# --- Backups ---------------------------------------------------------------------------------------------------------

BACKUP_KEY = env.str("BACKUP_KEY", default="")  # the file of a public GnuPG key
# Who has been erased, by number: read when a backup is put back, so it must not live and die with the database.
ERASURE_LIST = env.str("ERASURE_LIST", default=str(VAR / "erased.txt"))

# --- Celery ----------------------------------------------------------------------------------------------------------

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="filesystem://localhost/")
if CELERY_BROKER_URL.startswith("filesystem://"):
    _queue = VAR / "queue"
    _queue.mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_queue),
        "data_folder_out": str(_queue),
        "control_folder": str(_queue / "control"),
        "store_processed": False,
    }
else:
    CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 2, "socket_connect_timeout": 2, "visibility_timeout": 600}
    # One try: without these, a broker that is away holds whoever nudges it for six seconds.
    CELERY_BROKER_TRANSPORT_OPTIONS |= {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 270
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = "UTC"
CELERY_ENABLE_UTC = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]

# --- Logs ------------------------------------------------------------------------------------------------------------

# Of a failure a log and a mail to ADMINS tell where and of what kind; its words could quote what a member has typed.
DEFAULT_EXCEPTION_REPORTER = "netvaerk.reports.QuietReporter"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": f"netvaerk.{'key_addresses.KeylessFormatter' if DEBUG else 'reports.QuietFormatter'}",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"django.server": {"handlers": ["console"], "level": "WARNING", "propagate": False}},
}
