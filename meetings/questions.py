"""The questions of a feedback round. A set that has been used is never edited: changed wording is a new version."""

from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext_lazy as _

from networks.models import NetworkType

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

    def is_for(self, network_type: str) -> bool:
        return self.network_type in ("", network_type)


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
    sections: tuple[Section, ...]

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        return tuple(question for section in self.sections for question in section.questions)

    def sections_for(self, network_type: str) -> list[Section]:
        """What a network of this type is asked; a section without questions for it is left out."""
        asked = [
            Section(section.heading, tuple(q for q in section.questions if q.is_for(network_type)), section.lead)
            for section in self.sections
        ]
        return [section for section in asked if section.questions]

    def questions_for(self, network_type: str) -> list[Question]:
        return [question for section in self.sections_for(network_type) for question in section.questions]


PULSE_2026_1 = QuestionSet(
    version="pulse-2026-1",
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

CURRENT = PULSE_2026_1.version
_SETS = {questions.version: questions for questions in (PULSE_2026_1,)}


def get_set(version: str) -> QuestionSet:
    return _SETS[version]


# What a group too small for an anonymous round can talk about instead.
CONVERSATION_GUIDE = (
    _("Frirum: Hvornår har du sidst sagt noget i netværket, som du ikke ville sige andre steder?"),
    _("Fleksibilitet: Fik vi talt om det, der fyldte mest for dig?"),
    _("Forpligtelse: Hvad har du bidraget med, og hvad har du fået igen?"),
    _("Feedback: Hvilken tilbagemelding fra de andre har du brugt?"),
    _("Hvad skal vi blive ved med, og hvad prøver vi af inden næste møde?"),
)
