"""The levels and fields Danish municipalities usually have, to start from; HR's imports add their own."""

from django.db import migrations

LEVELS = ["Leder", "Chef", "Strategisk chef", "Direktør"]
FIELDS = [
    "Dagtilbud",
    "Skole",
    "Ældre og sundhed",
    "Social og handicap",
    "Beskæftigelse",
    "Teknik og miljø",
    "Kultur og fritid",
    "Borgerservice",
    "Stab og administration",
]


def seed(apps, schema_editor):
    for model, names in (("LeadershipLevel", LEVELS), ("ProfessionalField", FIELDS)):
        manager = apps.get_model("members", model).objects
        for rank, name in enumerate(names, start=1):
            manager.get_or_create(name=name, defaults={"rank": rank})


class Migration(migrations.Migration):
    dependencies = [("members", "0001_initial")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
