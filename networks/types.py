"""The two types of network: what each is good at, what to watch for, and when to choose it."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from networks.models import NetworkType


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
