"""The catalogue of exercises that comes with the product: ways for a group of leaders to work together."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from networks.models import NetworkType

Text = str | Promise


@dataclass(frozen=True)
class Exercise:
    """One exercise. `best_for` names the type it helps with its pitfall; empty for what suits both alike."""

    slug: str
    name: Text
    purpose: Text
    time: Text
    roles: Text
    steps: tuple[Text, ...]
    best_for: str = ""


EXERCISES = (
    Exercise(
        "her-og-nu-runde",
        _("Her og nu-runde"),
        _("Alle lander i rummet, og gruppen hører, hvad der fylder hos den enkelte lige nu."),
        _("5–10 minutter i begyndelsen af mødet"),
        _("Mødelederen holder tiden. Alle andre lytter."),
        (
            _("Hver siger højst tre sætninger om, hvad der optager dem som leder i dag."),
            _("Ingen spørger ind, trøster eller løser noget undervejs."),
            _("Mødelederen spørger til sidst, om noget af det skal have plads på dagsordenen."),
        ),
    ),
    Exercise(
        "kollegial-sparring",
        _("Kollegial sparring"),
        _("Et medlem bliver klogere på en konkret ledelsesopgave ved hjælp af gode spørgsmål."),
        _("30–45 minutter pr. sag"),
        _("En fokusperson ejer sagen, en sparringspartner stiller spørgsmål og styrer tiden, resten lytter."),
        (
            _("Aftal, at det sagte bliver i rummet."),
            _("Fokuspersonen fortæller om sagen i fem minutter og siger, hvad der ønskes hjælp til."),
            _("Sparringspartneren spørger: Hvad har du prøvet? Hvad vil du gerne opnå? Hvad holder dig tilbage?"),
            _("Resten deler, hvad de hørte, uden at vurdere."),
            _("Fokuspersonen slutter med at sige, hvad næste skridt er."),
        ),
    ),
    Exercise(
        "reflekterende-team",
        _("Reflekterende team"),
        _("En sag bliver set fra flere sider, mens den, der ejer den, kan nøjes med at lytte."),
        _("45–60 minutter"),
        _("Fokusperson, interviewer og et team på tre til seks, der iagttager."),
        (
            _("Intervieweren taler med fokuspersonen om sagen, mens teamet er stille."),
            _("Teamet taler sammen om, hvad de lagde mærke til, med ord som “jeg blev nysgerrig på”."),
            _("Teamet giver ingen råd og fælder ingen dom. Fokuspersonen lytter."),
            _("Fokuspersonen vælger, hvad der var værd at gå videre med."),
        ),
    ),
    Exercise(
        "aktionslaering",
        _("Aktionslæring"),
        _("Gruppen lærer af små forsøg i hverdagen mellem møderne."),
        _("15 minutter til at aftale, 20–30 minutter til at følge op på næste møde"),
        _("Alle er både den, der prøver, og den, der spørger. Tovholderen husker gruppen på forsøgene."),
        (
            _("Hver vælger ét forsøg i egen praksis og siger, hvad der skal holdes øje med."),
            _("Mellem møderne afprøves forsøget, og iagttagelserne skrives ned."),
            _("På næste møde fortæller hver, hvad der skete, og hvad det har lært dem."),
            _("Gruppen samler det, der kan bruges af flere, og aftaler nye forsøg."),
        ),
    ),
    Exercise(
        "relationsaabner",
        _("Relationsåbner"),
        _("To, der ikke kender hinandens hverdag, får tillid til hinanden på kort tid."),
        _("30–40 minutter: et kvarter til hver og en kort runde til sidst"),
        _("To og to interviewer hinanden. Helst på tværs af områder."),
        (
            _("Fortæl om en gang, du var stolt af din ledelse. Hvad gjorde du, og hvem hjalp dig?"),
            _("Intervieweren spørger nysgerrigt ind til styrker og værdier og tager ikke over."),
            _("Byt roller."),
            _("I plenum siger hver én ting, de tog med fra den andens fortælling, efter aftale med den anden."),
        ),
        best_for=NetworkType.TVAERFAGLIG,
    ),
    Exercise(
        "balint-inspireret-runde",
        _("Balint-inspireret runde"),
        _("Gruppen får øje på følelser og relationer i en sag, der er svær at komme videre med."),
        _("45–60 minutter"),
        _("En fortæller, en leder af runden og resten som tænkende gruppe."),
        (
            _("Fortælleren lægger sagen frem uden papirer."),
            _("Gruppen stiller få opklarende spørgsmål."),
            _("Fortælleren trækker sig lidt tilbage og er fredet, mens gruppen deler billeder, tanker og følelser."),
            _("Fortælleren kommer med igen og siger, hvad der gjorde indtryk. Sagen løses ikke."),
        ),
    ),
    Exercise(
        "besoeg-udefra",
        _("Besøg udefra"),
        _("En, der ikke er en del af faget eller gruppen, ser på jeres praksis med friske øjne."),
        _("60–90 minutter"),
        _("En vært inviterer og forbereder gæsten. Gæsten er der kun under øvelsen."),
        (
            _("Bestem, hvilken vane eller selvfølge I vil have udfordret."),
            _("Gæsten hører jer fortælle og spørger: Hvorfor gør I sådan?"),
            _("Gæsten fortæller, hvordan det ser ud fra et andet sted."),
            _("Sig farvel til gæsten, og aftal så, hvad I vil gøre anderledes."),
        ),
        best_for=NetworkType.FAGLIG,
    ),
    Exercise(
        "ud-af-komfortzonen",
        _("Kom ud af komfortzonen"),
        _("I undgår at bekræfte hinanden i det, I ved i forvejen."),
        _("30 minutter"),
        _("En eller to får opgaven som kærlig modstander. Rollen går på skift."),
        (
            _("Et medlem siger en holdning til ledelse, som de fleste i gruppen deler."),
            _("Modstanderen argumenterer for det modsatte i fem minutter, så godt det lader sig gøre."),
            _("Gruppen leder efter det, der er rigtigt i modstanden."),
            _("Hver vælger én ting at gøre, der føles lidt for svær, inden næste møde."),
        ),
        best_for=NetworkType.FAGLIG,
    ),
    Exercise(
        "faelles-ordbog",
        _("Fælles ordbog"),
        _("I opdager, hvor samme ord betyder noget forskelligt, og kommer hurtigere til at forstå hinanden."),
        _("30–45 minutter på et af de første møder"),
        _("Mødelederen vælger ordene. En skriver på tavlen."),
        (
            _("Vælg tre ord, alle bruger, fx kvalitet, kerneopgave og ansvar."),
            _("Hver skriver, hvad ordet betyder i deres hverdag, med et eksempel."),
            _("Læs op, og find forskellene, før I leder efter det fælles."),
            _("Aftal, hvad ordene betyder, når I bruger dem her."),
        ),
        best_for=NetworkType.TVAERFAGLIG,
    ),
    Exercise(
        "speed-sparring",
        _("Speedsparring"),
        _("Mange får hjælp til noget lille på kort tid."),
        _("30 minutter"),
        _("To rækker stole over for hinanden. Mødelederen holder tiden."),
        (
            _("Hver har ét spørgsmål fra sin hverdag."),
            _("Fem minutter pr. par: den ene spørger, den anden tænker højt."),
            _("Den ene række rykker en plads, til alle har mødt tre."),
            _("Byt roller, og slut med det bedste råd, hver fik."),
        ),
    ),
    Exercise(
        "check-ud",
        _("Check-ud"),
        _("Mødet slutter samlet, og alle siger, hvad de tager med sig."),
        _("5–10 minutter i slutningen af mødet"),
        _("Mødelederen holder tiden. Tovholderen tager noter om næste møde."),
        (
            _("Hver siger en til tre sætninger: Hvad tager jeg med hjem, og hvad vil jeg gøre?"),
            _("Ingen svarer eller kommenterer."),
            _("Slut med én ting, I vil gentage, og én, I vil ændre næste gang."),
        ),
    ),
)
BY_SLUG = {exercise.slug: exercise for exercise in EXERCISES}


def choices() -> list[tuple[str, Text]]:
    return [(exercise.slug, exercise.name) for exercise in EXERCISES]


def chosen(slugs) -> list[Exercise]:
    """The exercises of `slugs`, in the catalogue's order; one that has left the catalogue is passed over."""
    return [exercise for exercise in EXERCISES if exercise.slug in set(slugs)]


def suggested_for(network_type: str) -> list[Exercise]:
    """Those that meet the type's own pitfall."""
    return [exercise for exercise in EXERCISES if exercise.best_for and exercise.best_for == network_type]
