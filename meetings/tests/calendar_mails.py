"""Answers as Outlook, Google and Apple mail them. A test changes what it relies on; the rest is as they write."""

import base64
import quopri
import uuid
from datetime import UTC, datetime

SAID = datetime(2027, 2, 1, 10, tzinfo=UTC)
ORGANIZER = "moeder@kommune.invalid"


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def folded(lines: list[str]) -> str:
    """At 75 octets, as RFC 5545 asks; between any two letters, a parameter's value included."""
    found = []
    for line in lines:
        data = line.encode()
        while len(data) > 75:
            cut = 75
            while data[cut] & 0xC0 == 0x80:
                cut -= 1
            found.append(data[:cut].decode())
            data = b" " + data[cut:]
        found.append(data.decode())
    return "\r\n".join(found) + "\r\n"


def _mail(headers: list[str], body: str) -> bytes:
    return ("\r\n".join(headers) + "\r\n\r\n" + body.replace("\r\n", "\n").replace("\n", "\r\n")).encode()


def outlook(
    meeting, person, *, partstat="ACCEPTED", sequence=0, said_at=SAID, sender="", attendee="", uid="", message_id="",
    method="REPLY", more=(),
) -> bytes:  # fmt: skip
    """Exchange: one base64 calendar part in an alternative, a zone of its own, MAILTO in capitals, Danish subject."""
    name = person.get_full_name()
    word = {"ACCEPTED": "Accepteret", "TENTATIVE": "Foreløbigt accepteret", "DECLINED": "Afslået"}.get(partstat, "Re")
    subject = base64.b64encode(f"{word}: Ledernetværk: Ledere på tværs".encode()).decode()
    local = meeting.starts_on_the_wall.strftime("%Y%m%dT%H%M%S")
    zone = "Romance Standard Time"
    calendar = folded([
        "BEGIN:VCALENDAR", f"METHOD:{method}", "PRODID:Microsoft Exchange Server 2010", "VERSION:2.0",
        "BEGIN:VTIMEZONE", f"TZID:{zone}",
        "BEGIN:STANDARD", "DTSTART:16010101T030000", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100",
        "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10", "END:STANDARD",
        "BEGIN:DAYLIGHT", "DTSTART:16010101T020000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200",
        "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3", "END:DAYLIGHT", "END:VTIMEZONE",
        "BEGIN:VEVENT", f"ATTENDEE;PARTSTAT={partstat};CN=\"{name}\":MAILTO:{attendee or person.email}",
        "COMMENT;LANGUAGE=da-DK:Jeg glæder mig\\nVenlig hilsen\\n", f"UID:{uid or meeting.uid}",
        f"SUMMARY;LANGUAGE=da-DK:{word}: Ledernetværk: Ledere på tværs",
        f"DTSTART;TZID={zone}:{local}", f"DTEND;TZID={zone}:{local}", "CLASS:PUBLIC", "PRIORITY:5",
        f"DTSTAMP:{stamp(said_at)}", "TRANSP:OPAQUE", "STATUS:CONFIRMED", f"SEQUENCE:{sequence}",
        "LOCATION;LANGUAGE=da-DK:Biblioteket\\, mødelokale 2", f"X-MICROSOFT-CDO-APPT-SEQUENCE:{sequence}",
        "X-MICROSOFT-CDO-BUSYSTATUS:BUSY", "X-MICROSOFT-CDO-INTENDEDSTATUS:BUSY", "X-MICROSOFT-CDO-ALLDAYEVENT:FALSE",
        "X-MICROSOFT-DISALLOW-COUNTER:FALSE", "END:VEVENT", "END:VCALENDAR",
    ])  # fmt: skip
    return _mail(
        [
            "Received: from AM0.eurprd01.prod.exchangelabs.com by mx.kommune.invalid; Mon, 1 Feb 2027 10:00:02 +0000",
            *more,
            f'From: "{name}" <{sender or person.email}>', f"To: =?utf-8?B?TGVkZXJuZXR2w6Zyaw==?= <{ORGANIZER}>",
            f"Subject: =?utf-8?B?{subject}?=", "Thread-Topic: Ledere", "Date: Mon, 1 Feb 2027 10:00:00 +0000",
            f"Message-ID: <{message_id or uuid.uuid4()}@AM0PR01.eurprd01.prod.exchangelabs.com>",
            "Accept-Language: da-DK, en-US", "Content-Language: da-DK", "X-MS-Has-Attach:",
            'Content-Type: multipart/alternative;\r\n\tboundary="_000_AM0PR01_"', "MIME-Version: 1.0",
        ],
        "--_000_AM0PR01_\nContent-Type: text/plain; charset=\"iso-8859-1\"\n"
        "Content-Transfer-Encoding: quoted-printable\n\nJeg gl=E6der mig\n\n"
        f'--_000_AM0PR01_\nContent-Type: text/calendar; charset="utf-8"; method={method}\n'
        "Content-Transfer-Encoding: base64\n\n"
        + base64.encodebytes(calendar.encode()).decode() + "\n--_000_AM0PR01_--\n",
    )  # fmt: skip


def google(meeting, person, *, partstat="ACCEPTED", sequence=0, said_at=SAID, message_id="") -> bytes:
    """Google Kalender: text and html beside a calendar part, and the same file attached; sent in the guest's name."""
    calendar = folded([
        "BEGIN:VCALENDAR", "PRODID:-//Google Inc//Google Calendar 70.9054//EN", "VERSION:2.0", "CALSCALE:GREGORIAN",
        "METHOD:REPLY", "BEGIN:VEVENT", f"DTSTART:{stamp(meeting.starts_at)}", f"DTEND:{stamp(meeting.ends_at)}",
        f"DTSTAMP:{stamp(said_at)}", f"ORGANIZER;CN=Ledernetværk:mailto:{ORGANIZER}", f"UID:{meeting.uid}",
        f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={partstat};CN={person.email}"
        f";X-NUM-GUESTS=0:mailto:{person.email}",
        "CREATED:20270201T090000Z", "DESCRIPTION:Læs om mødet\\, og svar her: https://netvaerk.kommune.invalid/moeder/1/",
        f"LAST-MODIFIED:{stamp(said_at)}", "LOCATION:Biblioteket\\, mødelokale 2", f"SEQUENCE:{sequence}",
        "STATUS:CONFIRMED", "SUMMARY:Ledernetværk: Ledere på tværs", "TRANSP:OPAQUE", "END:VEVENT", "END:VCALENDAR",
    ])  # fmt: skip
    return _mail(
        [
            "MIME-Version: 1.0", f"Reply-To: {person.email}",
            "Sender: Google Calendar <calendar-notification@google.com>",
            f"Message-ID: <calendar-{message_id or uuid.uuid4()}@google.com>", "Date: Mon, 01 Feb 2027 10:00:00 +0000",
            "Subject: =?UTF-8?Q?Accepteret=3A_Ledernetv=C3=A6rk=3A_Ledere_p=C3=A5_tv=C3=A6rs?=",
            f"From: {person.email}", f"To: {ORGANIZER}", 'Content-Type: multipart/mixed; boundary="000000000000m"',
        ],
        '--000000000000m\nContent-Type: multipart/alternative; boundary="000000000000a"\n\n'
        '--000000000000a\nContent-Type: text/plain; charset="UTF-8"; format=flowed; delsp=yes\n'
        "Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(b"Mads har accepteret.").decode()
        + '--000000000000a\nContent-Type: text/html; charset="UTF-8"\n\n<p>Mads har accepteret.</p>\n'
        '--000000000000a\nContent-Type: text/calendar; charset="UTF-8"; method=REPLY\n'
        "Content-Transfer-Encoding: 7bit\n\n"
        + calendar + "\n--000000000000a--\n"
        '--000000000000m\nContent-Type: application/ics; name="invite.ics"\n'
        'Content-Disposition: attachment; filename="invite.ics"\nContent-Transfer-Encoding: base64\n\n'
        + base64.encodebytes(calendar.encode()).decode() + "--000000000000m--\n",
    )  # fmt: skip


def apple(meeting, person, *, partstat="ACCEPTED", sequence=0, said_at=SAID, message_id="") -> bytes:
    """iPhone and Mac: a quoted-printable calendar part, the sequence left out when it is the first."""
    local = meeting.starts_on_the_wall.strftime("%Y%m%dT%H%M%S")
    calendar = folded([
        "BEGIN:VCALENDAR", "CALSCALE:GREGORIAN", "METHOD:REPLY", "PRODID:-//Apple Inc.//iPhone OS 18.2//EN",
        "VERSION:2.0", "BEGIN:VTIMEZONE", "TZID:Europe/Copenhagen", "BEGIN:DAYLIGHT", "DTSTART:19810329T020000",
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", "TZNAME:CEST", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200",
        "END:DAYLIGHT", "BEGIN:STANDARD", "DTSTART:19961027T030000", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
        "TZNAME:CET", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "END:STANDARD", "END:VTIMEZONE",
        "BEGIN:VEVENT", f"ATTENDEE;CN={person.get_full_name()};CUTYPE=INDIVIDUAL;PARTSTAT={partstat}"
        f";ROLE=REQ-PARTICIPANT;EMAIL={person.email}:mailto:{person.email.title()}",
        f"DTEND;TZID=Europe/Copenhagen:{local}", f"DTSTAMP:{stamp(said_at)}",
        f"DTSTART;TZID=Europe/Copenhagen:{local}", f"ORGANIZER;CN=\"Ledernetværk\":mailto:{ORGANIZER}",
        *([f"SEQUENCE:{sequence}"] if sequence else []), "SUMMARY:Ledernetværk: Ledere på tværs", f"UID:{meeting.uid}",
        "BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT15M", "UID:8A0E0000-0000", "END:VALARM",
        "END:VEVENT", "END:VCALENDAR",
    ])  # fmt: skip
    return _mail(
        [
            'Content-Type: multipart/alternative; boundary="Apple-Mail-1"', "Mime-Version: 1.0 (1.0)",
            f"From: =?utf-8?Q?S=C3=B8ren?= <{person.email.title()}>", f"To: {ORGANIZER}",
            "Subject: =?utf-8?Q?Accepteret:_Ledernetv=C3=A6rk?=", "Date: Mon, 1 Feb 2027 11:00:00 +0100",
            f"Message-Id: <{message_id or uuid.uuid4()}@me.com>", "X-Mailer: iPhone Mail (22C152)",
        ],
        "--Apple-Mail-1\nContent-Transfer-Encoding: quoted-printable\nContent-Type: text/plain; charset=utf-8\n\n\n"
        "--Apple-Mail-1\nContent-Type: text/calendar; charset=utf-8; name=iCal-20270201-110000.ics; method=REPLY\n"
        "Content-Transfer-Encoding: quoted-printable\n\n"
        + quopri.encodestring(calendar.encode()).decode() + "\n--Apple-Mail-1--\n",
    )  # fmt: skip
