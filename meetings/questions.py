"""The questions of a feedback round. A set that has been used is never edited: changed wording is a new version."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from meetings.models import FeedbackRound, QuestionVersion
from networks.models import NetworkType, OrganisationalGain

# The scale of every statement, and the answer of those who would rather not say.
SCALE = {
    1: _("Helt uenig"),
    2: _("Uenig"),
    3: _("Hverken enig eller uenig"),
    4: _("Enig"),
    5: _("Helt enig"),
}
NO_OPINION = ""
COMMENT_LENGTH = 1500


@dataclass(frozen=True)
class Question:
    """A statement to agree with on the scale, or with `is_open` a question to answer in one's own words."""

    key: str
    text: str
    name: str = ""
    network_type: str = ""
    is_open: bool = False
    gain: str = ""
    is_own: bool = False
    since: int = 0  # the version of HR's that gave it its meaning

    @property
    def in_danish(self) -> str:
        """The wording HR edits, whatever language they read the page in."""
        with translation.override("da"):
            return str(self.text)

    @property
    def identity(self) -> str:
        """Answers are compared only where they are to the same question, in other words or not."""
        return f"{self.key}.{self.since}" if self.since else self.key

    def is_for(self, network_type: str, gains: Sequence[str] = ()) -> bool:
        return self.network_type in ("", network_type) and (not self.gain or self.gain in gains)


@dataclass(frozen=True)
class Section:
    heading: str
    questions: tuple[Question, ...]
    lead: str = ""

    @property
    def is_open(self) -> bool:
        return all(question.is_open for question in self.questions)


@dataclass(frozen=True)
class QuestionSet:
    version: str
    name: str
    sections: tuple[Section, ...]
    number: int = 1

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        return tuple(question for section in self.sections for question in section.questions)

    def sections_for(self, network_type: str, gains: Sequence[str] = ()) -> list[Section]:
        """What a network of this type with these gains is asked; a section without questions for it is left out."""
        asked = [
            Section(section.heading, tuple(q for q in section.questions if q.is_for(network_type, gains)), section.lead)
            for section in self.sections
        ]
        return [section for section in asked if section.questions]

    def questions_for(self, network_type: str, gains: Sequence[str] = ()) -> list[Question]:
        return [question for section in self.sections_for(network_type, gains) for question in section.questions]


PULSE_2026_1 = QuestionSet(
    version="pulse-2026-1",
    name=_("Netværkspuls"),
    sections=(
        Section(
            _("De fire f’er"),
            (
                Question(
                    "free_space", _("Hos os kan jeg sige min ærlige mening, også når den er kritisk."), _("Frirum")
                ),
                Question(
                    "flexibility",
                    _("Vi tager fat på det, der fylder lige nu, og lader os ikke binde af faste roller."),
                    _("Fleksibilitet"),
                ),
                Question("commitment", _("Alle bidrager til netværket, og alle får noget igen."), _("Forpligtelse")),
                Question("feedback", _("Vi giver hinanden tilbagemeldinger, som jeg kan bruge."), _("Feedback")),
            ),
        ),
        Section(
            _("Hvilken støtte fik du?"),
            (
                Question(
                    "informational",
                    _("Jeg har fået viden og ideer, som jeg kan bruge i mit job."),
                    _("Informationsstøtte"),
                ),
                Question(
                    "emotional",
                    _("Jeg er blevet mødt med forståelse og opbakning."),
                    _("Følelsesmæssig støtte"),
                ),
                Question(
                    "appraisal",
                    _("Jeg har fået et ærligt blik udefra på min måde at lede på."),
                    _("Bedømmelsesstøtte"),
                ),
            ),
            _("Tænk på den seneste tid i netværket."),
        ),
        Section(
            _("Jeres samarbejde"),
            (
                Question("values", _("Vi lever op til de værdier, vi har aftalt."), _("Værdier")),
                Question("goals", _("Vi kommer tættere på de mål, vi har sat os."), _("Mål")),
                Question(
                    "challenge",
                    _("Vi udfordrer hinanden og nøjes ikke med at bekræfte det, vi ved i forvejen."),
                    _("Vi udfordrer hinanden"),
                    network_type=NetworkType.FAGLIG,
                ),
                Question(
                    "conditions",
                    _("Vi forstår hinandens vilkår, selv om vi leder på forskellige områder."),
                    _("Vi forstår hinandens vilkår"),
                    network_type=NetworkType.TVAERFAGLIG,
                ),
            ),
        ),
        Section(
            _("Med dine egne ord"),
            (
                Question("keep", _("Hvad skal I blive ved med?"), is_open=True),
                Question("change", _("Hvad kunne gøre netværket bedre for dig?"), is_open=True),
            ),
        ),
    ),
)

MEETING_2027_1 = QuestionSet(
    version="meeting-2027-1",
    name=_("Mødepuls"),
    sections=(
        Section(
            _("Om mødet"),
            (
                Question("worthwhile", _("Mødet var min tid værd."), _("Udbytte")),
                Question("heard", _("Jeg kunne sige det, jeg havde på hjerte."), _("Frirum")),
                Question("next_time", _("Hvad skal vi gøre anderledes på næste møde?"), is_open=True),
            ),
        ),
    ),
)

SEASON_2027_1 = QuestionSet(
    version="season-2027-1",
    name=_("Sæsonevaluering"),
    sections=(
        Section(
            _("Formål og mål"),
            (
                Question("purpose", _("Vi har arbejdet med det, netværket er sat i verden for."), _("Formål")),
                Question("goals", _("Vi har nået de mål, vi satte os for året."), _("Mål")),
                Question("values", _("Vi har levet op til de værdier, vi har aftalt."), _("Værdier")),
            ),
            _("Tænk på hele det seneste år."),
        ),
        Section(
            _("Gevinster for kommunen"),
            (
                Question(
                    "shared_focus",
                    _("Netværket har givet os et mere fælles fokus på ledelsesopgaven."),
                    _("Fælles fokus på ledelsesopgaven"),
                    gain=OrganisationalGain.SHARED_FOCUS,
                ),
                Question(
                    "uniform_structure",
                    _("Vi leder på en mere ensartet måde end for et år siden."),
                    _("Mere ensartet ledelsesstruktur"),
                    gain=OrganisationalGain.UNIFORM_STRUCTURE,
                ),
                Question(
                    "policy_basis",
                    _("Netværket har gjort det lettere at udvikle politikker og føre dem ud i livet."),
                    _("Bedre grundlag for politikudvikling og -implementering"),
                    gain=OrganisationalGain.POLICY_BASIS,
                ),
                Question(
                    "cultural_integration",
                    _("Jeg arbejder lettere sammen med ledere fra andre dele af kommunen."),
                    _("Stærkere kulturel integration"),
                    gain=OrganisationalGain.CULTURAL_INTEGRATION,
                ),
            ),
        ),
        Section(
            _("Dit eget udbytte"),
            (Question("outcome", _("Jeg leder bedre, fordi jeg er med i netværket."), _("Personligt udbytte")),),
        ),
        Section(
            _("Med dine egne ord"),
            (
                Question("gained", _("Hvad har netværket ført til i dit arbejde?"), is_open=True),
                Question("next_season", _("Hvad skal næste sæson handle om?"), is_open=True),
            ),
        ),
    ),
)

CURRENT = PULSE_2026_1.version
SHIPPED = {
    FeedbackRound.Kind.NETWORK_PULSE: PULSE_2026_1,
    FeedbackRound.Kind.MEETING_PULSE: MEETING_2027_1,
    FeedbackRound.Kind.SEASON_REVIEW: SEASON_2027_1,
}
_SETS = {questions.version: questions for questions in (PULSE_2026_1, MEETING_2027_1, SEASON_2027_1)}

MOST_OWN = 3
OWN_LENGTH = 200


def get_set(version: str) -> QuestionSet:
    if version not in _SETS:
        # Kept for good: a version is known by its content, which never changes.
        _SETS[version] = _adapted(QuestionVersion.objects.get(version=version))
    return _SETS[version]


def current(kind: str) -> QuestionSet:
    """What is asked from now on: HR's latest version, or the one that ships with the product."""
    latest = QuestionVersion.objects.filter(kind=kind).order_by("-number").values_list("version", flat=True).first()
    return get_set(latest) if latest else SHIPPED[kind]


def _adapted(row: QuestionVersion) -> QuestionSet:
    """The shipped set as HR has changed it."""
    shipped = SHIPPED[row.kind]
    sections = []
    for section in shipped.sections:
        kept = (question for question in section.questions if question.key not in row.left_out)
        asked = tuple(_reworded(question, row.texts.get(question.key)) for question in kept)
        if asked:
            sections.append(replace(section, questions=asked))
    if row.added:
        own = (Question(one["key"], one["text"], one["text"], since=one["since"]) for one in row.added)
        place = next((place for place, section in enumerate(sections) if section.is_open), len(sections))
        sections.insert(place, Section(_("Fra HR"), tuple(own)))
    return QuestionSet(row.version, shipped.name, tuple(sections), row.number)


def _reworded(question: Question, change: dict | None) -> Question:
    return replace(question, text=change["text"], since=change["since"]) if change else question


def own(statements: Sequence[str] | None) -> Section | None:
    """The group's own statements, rated like the others."""
    if not statements:
        return None
    asked = (Question(f"own_{place}", text, is_own=True) for place, text in enumerate(statements, start=1))
    return Section(_("Jeres egne spørgsmål"), tuple(asked))


def sections_of(round: FeedbackRound, *, with_own: bool = True) -> list[Section]:
    """All that is asked in a round: the version of the standard set it was planned with, and the group's own."""
    sections = get_set(round.question_set).sections_for(round.network.type, round.network.gains)
    added = own(round.own_questions) if with_own else None
    if added:
        place = next((place for place, section in enumerate(sections) if section.is_open), len(sections))
        sections.insert(place, added)
    return sections


def questions_of(round: FeedbackRound) -> list[Question]:
    return [question for section in sections_of(round) for question in section.questions]


# What a group too small for an anonymous round can talk about instead.
CONVERSATION_GUIDE = (
    _("Frirum: Hvornår har du sidst sagt noget i netværket, som du ikke ville sige andre steder?"),
    _("Fleksibilitet: Fik vi talt om det, der fyldte mest for dig?"),
    _("Forpligtelse: Hvad har du bidraget med, og hvad har du fået igen?"),
    _("Feedback: Hvilken tilbagemelding fra de andre har du brugt?"),
    _("Hvad skal vi blive ved med, og hvad prøver vi af inden næste møde?"),
)
