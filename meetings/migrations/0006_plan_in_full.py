"""A season may meet on several weekdays and end by a date; and the members have a rule for moving a meeting."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import members.encryption


def one_to_several(apps, schema_editor):
    for plan in apps.get_model("meetings", "MeetingPlan").objects.only("pk", "weekday").iterator():
        plan.weekdays = [plan.weekday]
        plan.save(update_fields=["weekdays"])


def several_to_one(apps, schema_editor):
    for plan in apps.get_model("meetings", "MeetingPlan").objects.only("pk", "weekdays").iterator():
        plan.weekday = plan.weekdays[0] if plan.weekdays else 0
        plan.save(update_fields=["weekday"])


class Migration(migrations.Migration):
    dependencies = [
        ("meetings", "0005_closed_periods"),
        ("networks", "0008_upward_and_personal_goals"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="meetingplan",
            name="weekdays",
            field=models.JSONField(default=list, help_text="Monday is 0.", verbose_name="Ugedage"),
        ),
        migrations.AlterField(
            model_name="meetingplan",
            name="weekday",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.RunPython(one_to_several, several_to_one),
        migrations.RemoveField(model_name="meetingplan", name="weekday"),
        migrations.AddField(
            model_name="meetingplan",
            name="last_date",
            field=models.DateField(
                blank=True, help_text="Where the rhythm ends by a date.", null=True, verbose_name="Slutdato"
            ),
        ),
        migrations.CreateModel(
            name="MovingRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", members.encryption.EncryptedTextField(verbose_name="Sådan flytter vi et møde")),
                ("version", models.PositiveIntegerField(default=1)),
                ("changed_at", models.DateTimeField()),
                ("agreed_by", models.ManyToManyField(related_name="+", to=settings.AUTH_USER_MODEL)),
                (
                    "changed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "network",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="moving_rule",
                        to="networks.network",
                    ),
                ),
            ],
        ),
    ]
