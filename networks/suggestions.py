"""Ground rules and values to pick from. They are a start: what the group agrees is in its own words."""

from typing import NamedTuple

from django.utils.translation import gettext_lazy as _


class Principle(NamedTuple):
    """One of the four f's, what it asks of a group, and rules that carry it."""

    key: str
    label: str
    question: str
    rules: tuple


FOUR_FS = (
    Principle(
        "free_space",
        _("Frirum"),
        _("Hvad skal der til, for at vi tør sige det, som det er?"),
        (
            _("Det, vi siger til hinanden, bliver her, medmindre vi udtrykkeligt aftaler andet."),
            _("Vi må gerne være i tvivl og sige det højt."),
            _("Vi taler om vores egen ledelse og nævner ikke navne på borgere og medarbejdere."),
        ),
    ),
    Principle(
        "flexibility",
        _("Fleksibilitet"),
        _("Hvordan gør vi plads til det, der fylder lige nu?"),
        (
            _("Vi laver dagsordenen om, når noget andet er vigtigere."),
            _("Rollerne som vært og mødeleder går på skift."),
            _("Vi siger til, når en form ikke virker, og prøver en anden."),
        ),
    ),
    Principle(
        "commitment",
        _("Forpligtelse"),
        _("Hvad kan vi regne med hos hinanden?"),
        (
            _("Vi kommer til tiden, bliver til slut og lader telefonen ligge."),
            _("Vi prioriterer møderne og melder afbud senest dagen før."),
            _("Alle bringer noget med, og alle får noget med hjem."),
        ),
    ),
    Principle(
        "feedback",
        _("Feedback"),
        _("Hvordan vil vi gerne have det sagt?"),
        (
            _("Vi spørger, før vi giver råd."),
            _("Vi siger det, vi ser, ærligt og venligt."),
            _("Vi slutter hvert møde med at fortælle, hvad vi tager med os."),
        ),
    ),
)

VALUES = (
    _("Ærlighed: Vi siger, hvad vi mener, også når det er svært."),
    _("Nysgerrighed: Vi spørger en gang til, før vi dømmer."),
    _("Mod: Vi viser også det, der ikke lykkedes."),
    _("Omsorg: Vi passer på hinanden og på det, vi får betroet."),
    _("Ligeværd: Alles erfaring tæller lige meget, uanset fag og antal medarbejdere."),
    _("Handling: Vi prøver noget af mellem møderne og fortæller, hvordan det gik."),
    _("Lethed: Vi tager opgaven alvorligt og os selv lidt mindre."),
)
