"""What people with bad intentions type, and a way to put it in every text there is."""

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models import F

FORMULAS = [
    sign + rest
    for sign in ("=", "+", "-", "@", "\t=", "\r=", "\n=", "＝", "＋", "－", "＠", "|", "%", "−")
    for rest in ("1+1", 'HYPERLINK("http://evil.invalid";"Klik")', "cmd|' /C calc'!A0")
]

_BREAKS = ("\r\n", "\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\r\n\r\n", "\\n", "%0d%0a", "\x1e")
_HEADERS = (
    "Bcc: c@evil.invalid",
    "ATTENDEE:mailto:c@evil.invalid",
    "BEGIN:VALARM",
    "Content-Type: text/html",
    "END:VEVENT",
)
HEADERS = [f"Møde{line_end}{header}{line_end}" for line_end in _BREAKS for header in _HEADERS]

REDIRECTS = [
    "//evil.invalid",
    "///evil.invalid",
    "////evil.invalid",
    "/\\evil.invalid",
    "\\\\evil.invalid",
    "/\\/evil.invalid",
    "https:evil.invalid",
    "https:/evil.invalid",
    "https://evil.invalid",
    "http://evil.invalid/",
    "http:///evil.invalid",
    "HTTPS://EVIL.INVALID",
    "javascript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "%2f%2fevil.invalid",
    "/%2f/evil.invalid",
    "/%5cevil.invalid",
    "/%09/evil.invalid",
    "/\t/evil.invalid",
    "/\n/evil.invalid",
    "\t//evil.invalid",
    " //evil.invalid",
    "\x00//evil.invalid",
    "https://testserver@evil.invalid/",
    "https://testserver.evil.invalid/",
    "https://evil.invalid#testserver",
    "https://evil.invalid?testserver",
    "//testserver:80@evil.invalid",
    "ftp://testserver/",
    "http:\\\\evil.invalid",
    "//[::1]evil.invalid",
]

PROBE = "x-probe"
_TAGS = (
    "<x-probe>",
    "<X-PROBE/onprobe=1>",
    "<img src=x onprobe=1>",
    "<svg onprobe=1>",
    "<svg><x-probe>",
    "<iframe srcdoc=x onprobe=1>",
    '<a href="javascript:probe()" onprobe=1>x</a>',
    "<math><x-probe>",
    "<!--><x-probe>",
    "<x-probe//",
)
_ENDS = ("", '">', "'>", "</script>", "</textarea></title></option></select>")
MARKUP = [f"{end}{tag}" for end in _ENDS for tag in _TAGS]
# Links as a form takes them; what a form refuses, javascript: among it, is row 48.
LINKS = [f"https://x.invalid/{text}" for text in MARKUP if " " not in text]

_NOT_TYPED = {
    "members.Message",
    "members.AuditEvent",
    "members.Watch",
    "members.Heartbeat",
    "members.RoleAssignment",
    "members.LeaderImport",  # the name of its file says what it is
    "meetings.CalendarReply",
}
_MADE_BY_US = {
    "sort_text",
    "search_text",
    "kept_facts",
    "password",
    "uid",
    "fingerprint",
    "exercise",
    "query",
    "selection",
}
_PACKED = {"question_set", "own_questions", "answers", "results"}  # JSON under lock and key
_OURS = ("members", "networks", "meetings", "netvaerk")


def typed_texts():
    """(model, names of its fields that hold what people have typed) for every model of ours."""
    for model in apps.get_models():
        if model._meta.app_label not in _OURS or model._meta.label in _NOT_TYPED:
            continue
        names = [
            field.name
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField)
            and not isinstance(field, models.SlugField | models.EmailField)
            and not (field.choices or field.unique or field.primary_key or field.name in _MADE_BY_US | _PACKED)
            and (field.max_length or 10**6) >= 40
        ]
        if names:
            yield model, names


def plant(payloads: list[str], *, links: list[str] = LINKS) -> int:
    """Put the payloads in all that people have typed, past every form, in turn. Returns in how many rows."""
    planted = 0
    for model, names in typed_texts():
        if not isinstance(model._meta.pk, models.AutoField | models.BigAutoField | models.OneToOneField):
            continue
        for place, text in enumerate(payloads):
            values = {}
            for name in names:
                field = model._meta.get_field(name)
                is_link = isinstance(field, models.URLField) or name == "link"
                text_here = links[place % len(links)] if is_link else text.replace("\x00", "")
                values[name] = text_here[: field.max_length]
            rows = model._base_manager.alias(turn=F("pk") % len(payloads)).filter(turn=place)
            try:
                with transaction.atomic():
                    planted += rows.update(**values)
            except IntegrityError:  # where two may not have the same name
                for pk in rows.values_list("pk", flat=True):
                    planted += model._base_manager.filter(pk=pk).update(
                        **{name: f"{text[:30]}{pk}" for name, text in values.items()}
                    )
    return planted
