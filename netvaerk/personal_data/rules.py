"""The one table of what is held about people: why, on what ground, for how long, and what erasure does to it.

`/privatliv/`, the export, erasure and retention all read it. A model that stands neither in a kind nor among those
that hold nothing personal fails the build.
"""

from dataclasses import dataclass, field

from django.apps import apps
from django.db import models
from django.db.models import Count, Q, Value
from django.utils.translation import gettext_lazy as _

DELETED, KEPT = "deleted", "kept"


@dataclass(frozen=True)
class Table:
    """A model with a person's data, found by `owners`. `fields` is what the export shows; empty is all but secrets.
    Where the first owner is somebody else, and the person only did something about them, it shows `acted` alone.

    On erasure its rows are deleted, or stay and name “Tidligere medlem”, since that is what the person is called then.
    Of those that stay, what is said about the first owner or by them is `emptied`.
    """

    model: str
    owners: tuple[str, ...]
    label: str
    erasure: str = KEPT
    fields: tuple[str, ...] = ()
    emptied: tuple[str, ...] = ()
    acted: tuple[str, ...] = ()

    @property
    def class_(self) -> type[models.Model]:
        return apps.get_model(self.model)

    def of(self, person) -> models.QuerySet:
        where = Q()
        for owner in self.owners:
            where |= Q(**{owner: person.pk})
        return self.class_._base_manager.filter(where).distinct()

    def about(self, person) -> models.QuerySet:
        """Those of the first owner."""
        return self.class_._base_manager.filter(**{self.owners[0]: person.pk})

    def empty(self, person) -> None:
        if self.emptied:
            self.about(person).update(**dict.fromkeys(self.emptied, ""))


@dataclass(frozen=True)
class Kind:
    name: str
    label: str
    what: str
    why: str
    ground: str
    kept: str
    readers: str
    tables: tuple[Table, ...] = field(default=())


TASK = _("Databeskyttelsesforordningen artikel 6, stk. 1, litra e: kommunens opgave som offentlig myndighed.")
EMPLOYER = _("Databeskyttelsesloven § 12: ansættelsesforhold.")
SECURITY = _("Databeskyttelsesforordningen artikel 32: sikkerhed ved behandlingen.")

KINDS = (
    Kind(
        "person",
        _("Dig og din stilling"),
        _("Navn, e-mail, telefon, stilling, medarbejdernummer, enhed, ledelsesniveau, nærmeste leder og dine valg."),
        _("For at kende dig, give dig adgang og finde de netværk, der passer til dig."),
        EMPLOYER,
        _("Så længe du er leder, og en tid efter."),
        _("Du selv og HR. Medlemmer af dine netværk ser navn, stilling og enhed."),
        (
            # Name, address and the rest of this row are made those of “Tidligere medlem” by hand (`erasure.py`).
            Table(
                "members.User",
                ("pk",),
                _("Person"),
                emptied=("password", "email", "first_name", "last_name", "search_text", "sort_text", "phone"),
            ),
            Table("account.EmailAddress", ("user",), _("Adresse til login"), DELETED),
            Table(
                "account.EmailConfirmation", ("email_address__user",), _("Bekræftelse af adresse"), DELETED, ("sent",)
            ),
            Table("members.Leader", ("user",), _("Stilling"), emptied=("employee_number", "title", "search_text")),
        ),
    ),
    Kind(
        "access",
        _("Login og roller"),
        _(
            "Hvornår og fra hvilken enhed du er logget ind, dine nøgler til totrinslogin og de roller, du har fået. "
            "Din browser husker i et halvt år, at du har logget ind fra den, så andres gæt på din adgangskode ikke "
            "holder dig ude."
        ),
        _("For at holde andre ude og kunne se, hvem der har haft hvilke rettigheder."),
        SECURITY,
        _("Login: til du logger af. Roller: så længe du har dem. Historikken: se “Hændelser og opslag”."),
        _("Du selv. HR-administratorer ser roller og historik."),
        (
            Table("members.RoleAssignment", ("user",), _("Rolle"), DELETED),
            Table(
                "socialaccount.SocialAccount",
                ("user",),
                _("Kommunens login"),
                DELETED,
                ("provider", "uid", "last_login", "date_joined"),
            ),
            Table(
                "members.RoleChange",
                ("person", "changed_by"),
                _("Ændring af rolle"),
                emptied=("reason",),
                acted=("act", "role", "changed_at"),
            ),
            Table(
                "usersessions.UserSession",
                ("user",),
                _("Login"),
                DELETED,
                ("created_at", "ip", "last_seen_at", "user_agent"),
            ),
            Table("mfa.Authenticator", ("user",), _("Totrinslogin"), DELETED, ("type", "created_at", "last_used_at")),
        ),
    ),
    Kind(
        "belonging",
        _("Tilmelding og medlemskab"),
        _("De netværk, du har søgt, er og har været med i, og om du har været tovholder."),
        _("For at fordele pladser og vide, hvem der er med."),
        TASK,
        _("Medlemskaber: så længe vi kender dig. Når dine oplysninger slettes, bliver perioden, men ikke navnet."),
        _("Medlemmerne og HR. Topledelsen ser tal."),
        (
            Table(
                "networks.Application",
                ("leader__user", "decided_by"),
                _("Tilmelding"),
                emptied=("reason", "override_reason"),
                acted=("network", "state", "decided_at"),
            ),
            Table("networks.Membership", ("leader__user",), _("Medlemskab"), emptied=("kept_reason", "kept_facts")),
            Table(
                "networks.Network",
                ("sponsor", "hr_contact", "created_by"),
                _("Ansvar for netværk"),
                fields=("name", "state", "sponsor", "hr_contact", "created_by", "created_at"),
            ),
        ),
    ),
    Kind(
        "meetings",
        _("Møder"),
        _("Hvilke møder du er inviteret til, dine svar, dit fremmøde og din kalenderadresse."),
        _("For at I kan mødes, og for at netværket kan se, om det lever."),
        TASK,
        _("Så længe vi kender dig. Når dine oplysninger slettes, bliver fremmødet som tal."),
        _("Medlemmerne af netværket. HR og topledelsen ser samlede tal."),
        (
            Table("meetings.Invitation", ("user",), _("Invitation"), DELETED),
            Table("meetings.Rsvp", ("user",), _("Svar på invitation"), DELETED),
            Table("meetings.Attendance", ("user",), _("Fremmøde")),
            Table("meetings.MeetingRole", ("user",), _("Rolle på et møde")),
            Table("meetings.CalendarFeed", ("user",), _("Kalenderadresse"), DELETED, ("created_at", "last_used_at")),
            Table("meetings.DatePollInvitation", ("user",), _("Spørgsmål om dato"), DELETED),
            Table("meetings.DateAnswer", ("user",), _("Svar om dato"), DELETED),
            Table(
                "meetings.DatePoll",
                ("asked_by",),
                _("Datoafstemning, du har åbnet"),
                fields=("meeting", "state", "deadline", "asked_at"),
            ),
            Table(
                "meetings.MeetingPlan",
                ("created_by",),
                _("Mødeplan, du har lagt"),
                fields=("network", "name", "state", "created_at", "published_at"),
            ),
            Table(
                "meetings.MeetingChange",
                ("changed_by",),
                _("Flytning eller aflysning"),
                fields=("meeting", "kind", "changed_at"),
            ),
        ),
    ),
    Kind(
        "room",
        _("Det, du skriver i netværkets rum"),
        _("Dine emner, kort, svar på aftalen, punkter og aftaler, du har ansvar for."),
        _("For at gruppen kan arbejde. Teksten er krypteret i databasen."),
        TASK,
        _("Så længe netværket findes, og en tid efter."),
        _("Kun netværkets aktive medlemmer."),
        (
            Table(
                "meetings.Topic",
                ("author",),
                _("Emne"),
                fields=("network", "meeting", "kind", "title", "text", "created_at", "discussed_at"),
            ),
            Table("meetings.TopicMark", ("user",), _("Markering af emne"), DELETED, ("id",)),
            Table(
                "meetings.AgendaItem", ("responsible",), _("Punkt, du står for"), fields=("meeting", "kind", "minutes")
            ),
            Table(
                "meetings.Agreement",
                ("owner", "created_by"),
                _("Aftale, du står for"),
                fields=("network", "meeting", "state", "due_on", "created_at", "settled_at"),
            ),
            Table("meetings.Minutes", ("closed_by",), _("Referat, du har lukket"), fields=("meeting",)),
            Table(
                "meetings.Reopening", ("reopened_by",), _("Referat, du har genåbnet"), fields=("meeting", "reopened_at")
            ),
            Table(
                "meetings.LearningCard",
                ("author",),
                _("Læringskort"),
                fields=("network", "meeting", "theme", "challenge", "tried", "outcome", "created_at"),
            ),
            Table(
                "meetings.MovingRule",
                ("changed_by", "agreed_by"),
                _("Regel for flytning"),
                fields=("network", "changed_at"),
            ),
            Table(
                "networks.Charter",
                ("proposed_by",),
                _("Forslag til aftale"),
                fields=("network", "number", "state", "proposed_at"),
            ),
            Table(
                "networks.CharterRevision",
                ("changed_by",),
                _("Rettelse i aftale"),
                fields=("charter", "number", "changed_at"),
            ),
            Table("networks.CharterDraft", ("membership__leader__user",), _("Kladde til aftale"), DELETED),
            Table(
                "networks.CharterAnswer",
                ("membership__leader__user",),
                _("Svar på aftale"),
                fields=("charter", "answer", "reason", "answered_at"),
                emptied=("reason",),
            ),
            Table(
                "networks.Goal",
                ("created_by",),
                _("Mål, du har foreslået"),
                fields=("network", "state", "due_on", "created_at"),
            ),
            Table(
                "networks.ManagementMessage",
                ("written_by", "replied_by"),
                _("Budskab til topledelsen"),
                fields=("network", "written_at", "sent_at", "replied_at"),
            ),
        ),
    ),
    Kind(
        "private",
        _("Det, kun du kan læse"),
        _("Dine egne mål, dine refleksioner og dine gemte visninger."),
        _("For at du kan følge dit eget udbytte. Teksten er krypteret i databasen."),
        TASK,
        _("Til du sletter det, eller dine persondata slettes."),
        _("Kun dig."),
        (
            Table("networks.PersonalGoals", ("membership__leader__user",), _("Egne mål"), DELETED),
            Table("meetings.ReflectionNote", ("user",), _("Refleksion"), DELETED),
            Table("netvaerk.SavedView", ("user",), _("Gemt visning"), DELETED),
        ),
    ),
    Kind(
        "feedback",
        _("Feedback"),
        _(
            "At du er spurgt i en runde, og om du har svaret, til runden lukker. Selve svaret har intet navn. "
            "Temafeedback, du har bedt om eller givet."
        ),
        _("For at netværket kan blive bedre, uden at nogen kan kende dit svar."),
        TASK,
        _("Hvem der er spurgt: til runden lukker."),
        _("Anonyme svar: ingen. Temafeedback: den, der bad om det."),
        (
            Table("meetings.FeedbackInvitation", ("user",), _("Spurgt i feedbackrunde"), DELETED),
            Table(
                "meetings.FeedbackRound",
                ("created_by",),
                _("Feedbackrunde, du har åbnet"),
                fields=("network", "kind", "state", "opened_at", "closed_at"),
            ),
            Table(
                "meetings.ThemeFeedback",
                ("focus_person",),
                _("Temafeedback, du har bedt om"),
                DELETED,
                ("network", "meeting", "kind", "theme", "question", "created_at", "shared_at"),
            ),
            Table("meetings.ThemeReply", ("author",), _("Temafeedback, du har givet"), DELETED, ("text", "written_at")),
        ),
    ),
    Kind(
        "cases",
        _("Sager og beslutninger"),
        _("Godkendelser, høringssvar, støtteanmodninger, kurs og indlæsninger, du har haft del i."),
        _("For at kunne gøre rede for, hvem der besluttede hvad."),
        TASK,
        _(
            "Så længe netværket findes, og derefter, til Rigsarkivet har sagt, hvad der må kasseres. Når dine "
            "oplysninger slettes, står der “Tidligere medlem”."
        ),
        _("HR og dem, sagen angår."),
        (
            Table("networks.Decision", ("decided_by",), _("Afgørelse om netværk")),
            Table(
                "networks.BasisVersion",
                ("kept_by",),
                _("Version af grundlag, du har sendt, godkendt eller ændret"),
                fields=("network", "number", "occasion", "kept_at"),
            ),
            Table("networks.DirectionDecision", ("recorded_by",), _("Godkendelse af kurs")),
            Table(
                "networks.StrategicDirection",
                ("owner",),
                _("Kurs, du har ansvar for"),
                fields=("title", "state", "valid_from", "valid_to", "created_at"),
            ),
            Table(
                "networks.ConsultationVersion",
                ("sent_by",),
                _("Høring, du har sendt"),
                fields=("consultation", "number", "sent_at"),
            ),
            Table("networks.ConsultationReply", ("user",), _("Høringssvar")),
            Table(
                "networks.PolicyDraft",
                ("asked_by",),
                _("Politik, du har sendt i høring"),
                fields=("title", "deadline", "asked_at"),
            ),
            Table(
                "networks.SupportRequest",
                ("requested_by", "handled_by"),
                _("Støtteanmodning"),
                acted=("network", "state", "answer", "handled_at"),
            ),
            Table(
                "members.LeaderImport",
                ("uploaded_by",),
                _("Indlæsning af ledere"),
                fields=("file_name", "state", "uploaded_at", "applied_at"),
            ),
            Table("members.ColumnMapping", ("updated_by",), _("Valg af kolonner"), fields=("updated_at",)),
            Table(
                "meetings.QuestionVersion",
                ("created_by",),
                _("Spørgeramme, du har rettet"),
                fields=("kind", "number", "created_at"),
            ),
        ),
    ),
    Kind(
        "messages",
        _("Mails fra systemet"),
        _("Hvilke mails du har fået og hvornår, men ikke deres tekst."),
        _("For at ingen besked går tabt eller kommer to gange."),
        TASK,
        _("Mails, der er sendt: i 90 dage."),
        _("Du selv. HR ser, om mailen er kommet af sted."),
        (
            Table(
                "members.Message",
                ("recipient",),
                _("Mail"),
                DELETED,
                ("kind", "state", "created_at", "due_at", "sent_at", "sent_to"),
            ),
            Table("netvaerk.WeeklyMailRefusal", ("user",), _("Fravalg af ugemail"), DELETED),
        ),
    ),
    Kind(
        "logs",
        _("Hændelser og opslag"),
        _(
            "Hvem der gjorde hvad og hvornår, hvem i HR der har slået dig op, og hvilke lister med dig på de har set. "
            "Aldrig det, der blev skrevet, og aldrig det, der blev søgt på."
        ),
        _("For at kunne finde fejl og misbrug."),
        SECURITY,
        _("Til det er blevet for gammelt:"),
        _("HR-administratorer på anmodning. Opslag på dig kan du selv se."),
        (
            Table("members.AuditEvent", ("actor",), _("Hændelse")),
            Table(
                "members.PersonalDataRead",
                ("person", "reader"),
                _("Opslag"),
                fields=("page", "reader", "person", "read_at"),
                acted=("page", "read_at"),
            ),
            Table(
                "members.ListRead",
                ("reader",),
                _("Liste, du har set"),
                fields=("kind", "selection", "is_export", "day"),
            ),
            Table("members.ListSighting", ("person",), _("Liste, du har stået på"), DELETED, ("list_read",)),
            Table(
                "members.Disposal",
                ("disposed_by",),
                _("Kassation, du har gennemført"),
                fields=("rule", "count", "disposed_at"),
            ),
        ),
    ),
)

# What holds no personal data, each with the reason why.
NOT_PERSONAL = {
    "auth.Permission": "Django's own list; nobody is given any",
    "auth.Group": "Django's own list; there are none",
    "contenttypes.ContentType": "the names of the tables",
    "sessions.Session": "unreadable without the key; usersessions.UserSession says whose it is and is exported",
    "socialaccount.SocialApp": "empty: single sign-on is set up by the environment",
    "socialaccount.SocialToken": "empty: tokens are not stored",
    "members.OrgUnitType": "a word for a kind of unit",
    "members.OrgUnit": "the organisation",
    "members.ProfessionalField": "the organisation",
    "members.LeadershipLevel": "the organisation",
    "members.Heartbeat": "when the machinery was last alive",
    "networks.Consultation": "a question about a network; who answers stands in ConsultationReply",
    "networks.GoalHierarchy": "a network's goals",
    "meetings.Meeting": "time, place and theme of a group",
    "meetings.DateCandidate": "a date and a time",
    "meetings.Agenda": "what a meeting has come to",
    "meetings.FeedbackSchedule": "when a network asks",
    "meetings.FeedbackResponse": "anonymous: neither person nor time stands beside it",
    "meetings.FeedbackRelease": "figures over the threshold",
    "meetings.SeasonSummary": "the group's own words about its year",
    "meetings.MonthlyFigures": "figures",
    "meetings.ClosedPeriod": "dates",
    "meetings.ReminderChoice": "a network's choice",
    "meetings.CalendarReply": "a keyed hash of a mail, so that it is read once; no person",
    "netvaerk.FollowUpLimits": "numbers",
    "netvaerk.MonthlyStatus": "figures",
}

# Never in an export: secrets, keys and what is made of the other fields.
SECRETS = {"password", "search_text", "sort_text", "token_hash", "form_key", "key", "session_key", "data", "content"}


def tables() -> list[Table]:
    return [table for kind in KINDS for table in kind.tables]


def counted(person) -> dict[Table, int]:
    """How much each table holds about `person`: one question to the database, however many tables there are."""
    found = dict.fromkeys(tables(), 0)
    each = list(found)
    counts = []
    for place, table in enumerate(each):
        rows = table.of(person).order_by().annotate(_place=Value(place)).values_list("_place")
        counts.append(rows.annotate(Count("pk", distinct=True)))
    for place, count in counts[0].union(*counts[1:], all=True):
        found[each[place]] = count
    return found
