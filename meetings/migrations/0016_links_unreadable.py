"""The link to a meeting on screen is the members' own, and becomes unreadable in the database like their words."""

from django.db import migrations, models

import members.encryption

MODELS = ("Meeting", "MeetingPlan")
BATCH = 500


def make_unreadable(apps, schema_editor):
    _rewrite(apps, members.encryption.encrypt)


def make_readable(apps, schema_editor):
    _rewrite(apps, members.encryption.decrypt)


def _rewrite(apps, change) -> None:
    """Each link anew, a batch at a time; while this runs the column is plain text to Django."""
    for name in MODELS:
        model = apps.get_model("meetings", name)
        last = 0
        while rows := list(model.objects.filter(pk__gt=last).exclude(link="").order_by("pk").only("link")[:BATCH]):
            for row in rows:
                row.link = change(row.link)
            model.objects.bulk_update(rows, ["link"])
            last = rows[-1].pk


def _every(field) -> list:
    return [migrations.AlterField(name.lower(), "link", field) for name in MODELS]


class Migration(migrations.Migration):
    dependencies = [("meetings", "0015_meeting_roles")]

    operations = [
        *_every(models.TextField(blank=True, default="", verbose_name="Link til onlinemøde")),
        migrations.RunPython(make_unreadable, make_readable),
        *_every(members.encryption.EncryptedTextField(blank=True, default="", verbose_name="Link til onlinemøde")),
    ]
