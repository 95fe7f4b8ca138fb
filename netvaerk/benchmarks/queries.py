"""How many queries each list takes, in the municipality the environment names: printed as JSON."""

import json

import django

PAGES = (
    ("leder", "/"),
    ("leder", "/moeder/"),
    ("leder", "/moeder/?vis=tidligere"),
    ("leder", "/moeder/aarshjul/"),
    ("leder", "/netvaerk/"),
    ("leder", "/netvaerk/netvaerk-1/"),
    ("leder", "/netvaerk/netvaerk-1/medlemmer/"),
    ("leder", "/netvaerk/netvaerk-1/moeder/"),
    ("leder", "/netvaerk/netvaerk-1/moeder/plan/{plan}/"),
    ("leder", "/netvaerk/netvaerk-1/emner/"),
    ("leder", "/netvaerk/netvaerk-1/aftaler/"),
    ("leder", "/netvaerk/netvaerk-1/erfaringer/"),
    ("leder", "/netvaerk/netvaerk-1/maal/"),
    ("leder", "/netvaerk/netvaerk-1/feedback/"),
    ("leder", "/moeder/{meeting}/"),
    ("leder", "/konto/beskeder/"),
    ("hr", "/"),
    ("hr", "/ledere/"),
    ("hr", "/netvaerk/"),
    ("hr", "/opfoelgning/"),
    ("hr", "/opfoelgning/ledere-uden-netvaerk/"),
    ("hr", "/soeg/?q=holm"),
    ("direktion", "/"),
    ("direktion", "/status/"),
)


def main() -> None:
    django.setup()
    from django.test import Client

    from meetings.models import Meeting, MeetingPlan
    from members.models import User
    from netvaerk.benchmarks.pages import queries

    meeting = Meeting.objects.filter(network__slug="netvaerk-1", state=Meeting.State.HELD).latest("starts_at")
    rooms = {"plan": MeetingPlan.objects.get(network__slug="netvaerk-1").pk, "meeting": meeting.pk}
    clients = {}
    for who in {who for who, _page in PAGES}:
        clients[who] = Client(HTTP_HOST="127.0.0.1", HTTP_X_FORWARDED_PROTO="https")
        clients[who].force_login(User.objects.get(email=f"seed-{who}@seed.invalid"))
    print(json.dumps({f"{page} ({who})": queries(clients[who], page.format(**rooms)) for who, page in PAGES}))


if __name__ == "__main__":
    main()
