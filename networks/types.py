"""The two types of network: what each is good at, what to watch for, and when to choose it."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from networks.models import NetworkType, SizeClass


@dataclass(frozen=True)
class TypeGuide:
    type: NetworkType
    what: str
    strengths: tuple[str, ...]
    pitfalls: tuple[str, ...]
    choose_when: tuple[str, ...]


GUIDES = (
    TypeGuide(
        NetworkType.FAGLIG,
        _("Ledere fra samme fagområde, som drøfter de ledelsesudfordringer, der følger med faget."),
        strengths=(
            _("I forstår hinanden fra det første møde"),
            _("I deler fagsprog og professionskultur"),
            _("Erfaringer kan bruges næsten direkte hos de andre"),
        ),
        pitfalls=(
            _("I kan blive indforståede"),
            _("I kan komme til blot at bekræfte hinanden i det, I ved i forvejen"),
        ),
        choose_when=(
            _("udfordringerne hænger sammen med faget"),
            _("I vil løfte faglig ledelse eller omsætte en ny politik på ét område"),
        ),
    ),
    TypeGuide(
        NetworkType.TVAERFAGLIG,
        _("Ledere på samme niveau på tværs af fag og sektorer, som drøfter det, der er fælles ved at lede."),
        strengths=(
            _("Forskellige baggrunde gør, at I møder hinanden som personer"),
            _("I får spørgsmål, ingen i jeres eget fag ville stille"),
            _("Netværket binder kommunens områder sammen"),
        ),
        pitfalls=(
            _("Det kan tage lang tid at nå til fælles forståelse"),
            _("Emner kan blive så generelle, at ingen tager dem med hjem"),
        ),
        choose_when=(
            _("opgaven er den samme på tværs, fx trivsel, økonomi eller forandring"),
            _("I vil styrke sammenhængen mellem områder"),
        ),
    ),
)


def guide_to(network_type: str) -> TypeGuide | None:
    return next((guide for guide in GUIDES if guide.type == network_type), None)


# --- Questions that lead to a suggestion -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    points_to: NetworkType
    label: str
    because: str


@dataclass(frozen=True)
class Question:
    name: str
    text: str
    answers: tuple[Answer, Answer]


QUESTIONS = (
    Question(
        "udfordring",
        _("Hvor kommer de udfordringer fra, som lederne skal hjælpe hinanden med?"),
        (
            Answer(NetworkType.FAGLIG, _("Mest fra faget"), _("udfordringerne kommer mest fra faget")),
            Answer(NetworkType.TVAERFAGLIG, _("Mest fra det at lede"), _("udfordringerne kommer mest fra det at lede")),
        ),
    ),
    Question(
        "gevinst",
        _("Hvad skal kommunen helst have ud af det?"),
        (
            Answer(NetworkType.FAGLIG, _("Stærkere faglig ledelse på ét område"), _("ét område skal løftes fagligt")),
            Answer(
                NetworkType.TVAERFAGLIG, _("Mere sammenhæng mellem områderne"), _("områderne skal hænge bedre sammen")
            ),
        ),
    ),
    Question(
        "kendskab",
        _("Hvad har lederne mest brug for at møde?"),
        (
            Answer(
                NetworkType.FAGLIG,
                _("Nogen, der forstår dem med det samme"),
                _("lederne har brug for nogen, der forstår dem med det samme"),
            ),
            Answer(
                NetworkType.TVAERFAGLIG,
                _("Nogen, der ser på det med andre øjne"),
                _("lederne har brug for andre øjne på det, de gør"),
            ),
        ),
    ),
    Question(
        "tid",
        _("Hvor hurtigt skal erfaringerne kunne bruges?"),
        (
            Answer(
                NetworkType.FAGLIG, _("Fra de første møder"), _("erfaringerne skal kunne bruges fra de første møder")
            ),
            Answer(
                NetworkType.TVAERFAGLIG,
                _("Det må gerne tage tid at forstå hinanden"),
                _("der er tid til at lære hinanden at kende"),
            ),
        ),
    ),
    Question(
        "niveau",
        _("Hvem ligner hinanden mest?"),
        (
            Answer(
                NetworkType.FAGLIG, _("De har samme fag, måske på flere niveauer"), _("deltagerne har faget til fælles")
            ),
            Answer(
                NetworkType.TVAERFAGLIG,
                _("De er på samme niveau med hver deres fag"),
                _("deltagerne har niveauet til fælles"),
            ),
        ),
    ),
)


@dataclass(frozen=True)
class Suggestion:
    """What the answers point to, and why; `type` is empty when they point equally both ways."""

    type: str
    reasons: list[str]
    against: list[str]


def suggest(answers: dict[str, str]) -> Suggestion | None:
    """From question to type, for those answered; None when none is."""
    given = [
        answer
        for question in QUESTIONS
        for answer in question.answers
        if answers.get(question.name) == answer.points_to.value
    ]
    if not given:
        return None
    by_type = {type: [str(answer.because) for answer in given if answer.points_to == type] for type in NetworkType}
    faglig, tvaerfaglig = by_type[NetworkType.FAGLIG], by_type[NetworkType.TVAERFAGLIG]
    if len(faglig) == len(tvaerfaglig):
        return Suggestion("", faglig, tvaerfaglig)
    if len(faglig) > len(tvaerfaglig):
        return Suggestion(NetworkType.FAGLIG, faglig, tvaerfaglig)
    return Suggestion(NetworkType.TVAERFAGLIG, tvaerfaglig, faglig)


# --- What each size gives --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SizeGuide:
    size: SizeClass
    members: str
    confidentiality: str
    breadth: str


SIZES = (
    SizeGuide(
        SizeClass.SMALL,
        _("Op til 8"),
        _("Størst: alle kender hinanden og kommer til orde hver gang"),
        _("Mindst: få vinkler, og mødet er sårbart over for afbud"),
    ),
    SizeGuide(
        SizeClass.MEDIUM,
        _("9–15"),
        _("God, når spillereglerne er aftalt"),
        _("God: nok forskellige erfaringer til hvert emne"),
    ),
    SizeGuide(
        SizeClass.LARGE,
        _("Over 15"),
        _("Mindst: del jer i faste mindre grupper til det fortrolige"),
        _("Størst: mange kontakter og stor viden om kommunen"),
    ),
)
