"""The demo's networks: what they are for, and how far each has come."""

from dataclasses import dataclass, field

from networks.models import Access, Network, NetworkType, OrganisationalGain, Participation, Reach

State = Network.State
Gain = OrganisationalGain


@dataclass(frozen=True, kw_only=True)
class Spec:
    """One network of the demo. `members` of those who fit are enrolled, then `waiting` more apply."""

    name: str
    type: NetworkType
    state: State
    purpose: str
    type_reason: str
    fields: tuple[str, ...]
    level: str = "Leder"
    unit: str
    gains: tuple[str, ...]
    themes: tuple[str, ...] = ()
    access: Access = Access.OPEN
    reach: Reach = Reach.BROAD
    participation: Participation = Participation.VOLUNTARY
    size: tuple[int, int] = (6, 12)
    rhythm: str = "Hver 6. uge, to timer"
    members: int = 0
    waiting: int = 0
    with_logins: tuple[str, ...] = ()
    reason: str = ""
    seasons: int = 0
    hour: int = 13
    place: str = "Rådhuset, mødelokale 2"
    meeting_themes: tuple[str, ...] = field(default=())


NETWORKS = (
    Spec(
        name="Ledere på tværs",
        type=NetworkType.TVAERFAGLIG,
        state=State.ACTIVE,
        purpose="Vi bruger hinandens forskellige fag til at blive klogere på den ledelse, alle fag har til fælles.",
        type_reason="Opgaven er ledelse i sig selv. Den bliver tydeligst for den, der må forklare sit fag for andre.",
        fields=("Dagtilbud", "Skole", "Ældre og sundhed", "Social og handicap", "Teknik og miljø", "Borgerservice"),
        unit="Stab",
        gains=(Gain.SHARED_FOCUS, Gain.CULTURAL_INTEGRATION),
        themes=("Den svære samtale", "At lede opad", "Når kerneopgaven flytter sig", "Fravær og nærvær"),
        members=9,
        with_logins=("tovholder", "leder"),
        seasons=2,
        place="Biblioteket, mødelokale 2",
        meeting_themes=("Den svære samtale", "At lede opad", "Når nogen går i stå", "Mod til at prioritere"),
    ),
    Spec(
        name="Dagtilbudsledere i hele kommunen",
        type=NetworkType.FAGLIG,
        state=State.ACTIVE,
        purpose="Vi deler det, der virker i hverdagen med børn, forældre og personale, og prøver det af sammen.",
        type_reason="Udfordringerne med normering, forældresamarbejde og læringsmiljø er særlige for dagtilbud.",
        fields=("Dagtilbud",),
        unit="Børn og Unge",
        gains=(Gain.UNIFORM_STRUCTURE,),
        themes=("Læringsmiljøer", "Forældresamarbejde", "Rekruttering"),
        members=10,
        with_logins=("leder",),
        seasons=2,
        hour=9,
        place="Egehuset, personalerummet",
    ),
    Spec(
        name="Plejens ledere",
        type=NetworkType.FAGLIG,
        state=State.ACTIVE,
        purpose="Vi styrker ledelsen tæt på borgeren, så ældre møder den samme kvalitet, uanset hvor de bor.",
        type_reason="Døgndrift og sundhedsfaglig ledelse kræver sparring med nogen, der kender den indefra.",
        fields=("Ældre og sundhed",),
        unit="Sundhed og Omsorg",
        gains=(Gain.UNIFORM_STRUCTURE, Gain.POLICY_BASIS),
        themes=("Vagtplan og fællesskab", "Pårørende", "Faglig ledelse i døgndrift"),
        size=(6, 8),
        members=8,
        waiting=3,
        seasons=2,
        hour=14,
        place="Plejecenter Åhaven",
    ),
    Spec(
        name="Chefer med nye opgaver",
        type=NetworkType.TVAERFAGLIG,
        state=State.ACTIVE,
        purpose="Vi hjælper hinanden med at være leder af ledere, mens organisationen flytter sig.",
        type_reason="Cheferne sidder alene med opgaven i hver deres forvaltning og har mest brug for ligestillede.",
        fields=("Skole", "Ældre og sundhed", "Social og handicap", "Teknik og miljø"),
        level="Chef",
        unit="Stab",
        gains=(Gain.SHARED_FOCUS, Gain.POLICY_BASIS),
        themes=("At lede ledere", "Politisk betjening"),
        access=Access.CLOSED,
        size=(4, 8),
        members=5,
        seasons=1,
        hour=8,
    ),
    Spec(
        name="Kollegial sparring på tværs",
        type=NetworkType.TVAERFAGLIG,
        state=State.ACTIVE,
        purpose="Vi øver os i at stille hinanden gode spørgsmål, så vi går hjem med noget, vi kan bruge i morgen.",
        type_reason="Spørgsmål fra nogen, der ikke kender faget, åbner det, vi selv tager for givet.",
        fields=("Skole", "Social og handicap", "Teknik og miljø", "Stab og administration", "Beskæftigelse"),
        unit="Stab",
        gains=(Gain.SHARED_FOCUS, Gain.CULTURAL_INTEGRATION),
        themes=("Kollegial sparring", "Reflekterende team"),
        members=12,
        seasons=1,
        hour=10,
    ),
    Spec(
        name="Ledere i socialområdet",
        type=NetworkType.FAGLIG,
        state=State.ACTIVE,
        purpose="Vi holder fast i fagligheden og hinanden, når sagerne er svære og ressourcerne få.",
        type_reason="Myndighed og udfører har samme borgere og brug for en fælles ledelsesfaglighed.",
        fields=("Social og handicap",),
        unit="Social og Arbejdsmarked",
        gains=(Gain.UNIFORM_STRUCTURE, Gain.POLICY_BASIS),
        themes=("Faglig kvalitet", "Arbejdsmiljø efter vold og trusler"),
        members=10,
        seasons=1,
        hour=13,
        place="Familiehuset",
    ),
    Spec(
        name="Teamledere i teknik og miljø",
        type=NetworkType.FAGLIG,
        state=State.ACTIVE,
        purpose="Vi bliver bedre til at lede specialister, der ved mere om faget, end vi gør.",
        type_reason="Specialistledelse i forvaltningen ligner ikke den, andre fagområder kender.",
        fields=("Teknik og miljø",),
        unit="Teknik og Miljø",
        gains=(Gain.SHARED_FOCUS,),
        themes=("At lede specialister", "Borgermøder"),
        size=(6, 14),
        members=11,
        seasons=1,
        hour=9,
        place="Materielgården",
    ),
    Spec(
        name="Afdelingsledere i skolerne",
        type=NetworkType.FAGLIG,
        state=State.ACTIVE,
        purpose="Vi finder vores egen rolle mellem skolelederen og klasselokalet.",
        type_reason="Rollen som afdelingsleder findes kun i skolen.",
        fields=("Skole",),
        unit="Børn og Unge",
        gains=(Gain.UNIFORM_STRUCTURE,),
        themes=("Mellemlederens rum", "Skole og hjem"),
        members=12,
        waiting=2,
        seasons=1,
        hour=14,
        place="Øster Skole",
    ),
    Spec(
        name="Stabens ledere",
        type=NetworkType.FAGLIG,
        state=State.ACTIVE,
        purpose="Vi gør det lettere at være leder ude i driften ved at tale sammen, før vi skriver ud.",
        type_reason="Staben har en fælles opgave: at betjene resten af organisationen.",
        fields=("Stab og administration",),
        unit="Stab",
        gains=(Gain.POLICY_BASIS,),
        themes=("Betjening af driften",),
        members=9,
        seasons=1,
        hour=8,
    ),
    Spec(
        name="Døgnets ledere",
        type=NetworkType.TVAERFAGLIG,
        state=State.ACTIVE,
        purpose="Vi leder mennesker, der arbejder, når andre sover, og deler det, der får det til at hænge sammen.",
        type_reason="Vagtplaner, natarbejde og afløsere er et fælles vilkår på tværs af plejen og bostederne.",
        fields=("Ældre og sundhed", "Social og handicap", "Dagtilbud"),
        unit="Sundhed og Omsorg",
        gains=(Gain.CULTURAL_INTEGRATION,),
        themes=("Ledelse på afstand", "Vagtplaner"),
        size=(8, 16),
        members=14,
        seasons=1,
        hour=12,
        place="Sundhedshuset",
    ),
    Spec(
        name="Skoleledernes netværk",
        type=NetworkType.FAGLIG,
        state=State.ENROLLING,
        purpose="Vi bliver bedre til at lede læring ved at besøge hinandens skoler og give ærlig feedback.",
        type_reason="Skoleledelse har sin egen lovgivning, sit eget sprog og sine egne dilemmaer.",
        fields=("Skole",),
        unit="Børn og Unge",
        gains=(Gain.UNIFORM_STRUCTURE,),
        themes=("Skolebesøg", "Fravær", "Læring og trivsel"),
        members=4,
        waiting=3,
    ),
    Spec(
        name="Nye ledere på tværs",
        type=NetworkType.TVAERFAGLIG,
        state=State.ENROLLING,
        purpose="Det første år som leder går ikke om igen. Vi går det sammen og lærer af hinandens begyndelse.",
        type_reason="Nye ledere har rollen til fælles, ikke faget, og lærer mest af at høre, at andre også er nye.",
        fields=("Dagtilbud", "Skole", "Borgerservice", "Beskæftigelse", "Kultur og fritid", "Stab og administration"),
        unit="Stab",
        gains=(Gain.SHARED_FOCUS, Gain.CULTURAL_INTEGRATION),
        themes=("Fra kollega til leder", "De første medarbejdersamtaler"),
        members=3,
        waiting=2,
        rhythm="Hver 4. uge, to timer",
    ),
    Spec(
        name="Beskæftigelse og social sammen",
        type=NetworkType.TVAERFAGLIG,
        state=State.SUBMITTED,
        purpose="Vi finder fælles fodslag om de borgere, der har sager hos os begge.",
        type_reason="Borgeren går på tværs. Det må lederne også kunne.",
        fields=("Beskæftigelse", "Social og handicap"),
        unit="Social og Arbejdsmarked",
        gains=(Gain.POLICY_BASIS,),
        themes=("Helhedsorienteret indsats",),
    ),
    Spec(
        name="Kultur, fritid og foreninger",
        type=NetworkType.FAGLIG,
        state=State.RETURNED,
        purpose="Vi deler erfaringer med frivillige og foreninger.",
        type_reason="Samarbejdet med foreninger er særligt for området.",
        fields=("Kultur og fritid",),
        unit="Kultur og Borgerservice",
        gains=(Gain.CULTURAL_INTEGRATION,),
        reason="God idé. Beskriv, hvad I vil opnå det første år, og tag bibliotekerne med.",
    ),
    Spec(
        name="Drift og anlæg",
        type=NetworkType.FAGLIG,
        state=State.APPROVED,
        purpose="Vi samler erfaringer om at lede mandskab, der er ude hele dagen.",
        type_reason="Ledelse på afstand af udekørende hold er et fag for sig.",
        fields=("Teknik og miljø",),
        unit="Teknik og Miljø",
        gains=(Gain.UNIFORM_STRUCTURE,),
        themes=("Sikkerhed", "Ledelse på afstand"),
    ),
    Spec(
        name="Digitale ledere",
        type=NetworkType.TVAERFAGLIG,
        state=State.DRAFT,
        purpose="Vi bliver klogere på, hvad ny teknologi gør ved ledelse.",
        type_reason="",
        fields=("Stab og administration", "Borgerservice"),
        unit="Stab",
        gains=(Gain.SHARED_FOCUS,),
    ),
    Spec(
        name="Ledere i ledelsesakademiet",
        type=NetworkType.TVAERFAGLIG,
        state=State.REJECTED,
        purpose="Vi følges ad gennem akademiuddannelsen i ledelse.",
        type_reason="Deltagerne kommer fra alle forvaltninger.",
        fields=("Skole", "Ældre og sundhed"),
        unit="Stab",
        gains=(Gain.SHARED_FOCUS,),
        reason="Det er et uddannelseshold med en slutdato. Brug holdets egen ramme i stedet.",
    ),
    Spec(
        name="Jobcentrets ledere",
        type=NetworkType.FAGLIG,
        state=State.PAUSED,
        purpose="Vi skaber ro og retning i en tid med mange reformer.",
        type_reason="Reformerne rammer netop vores område.",
        fields=("Beskæftigelse",),
        unit="Social og Arbejdsmarked",
        gains=(Gain.POLICY_BASIS,),
        members=6,
    ),
    Spec(
        name="Sundhedsledere, sæson 2024",
        type=NetworkType.FAGLIG,
        state=State.CLOSED,
        purpose="Vi samlede træning, hjemmepleje og plejecentre om rehabilitering.",
        type_reason="Rehabilitering er et fælles fagligt felt.",
        fields=("Ældre og sundhed",),
        unit="Sundhed og Omsorg",
        gains=(Gain.SHARED_FOCUS,),
        members=5,
    ),
)
