import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("meetings", "0006_plan_in_full"),
        ("networks", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReminderChoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("days", models.JSONField(default=list, verbose_name="Påmindelse til dem, der deltager")),
                (
                    "answer_days",
                    models.JSONField(default=list, verbose_name="Svar venligst til dem, der ikke har svaret"),
                ),
                (
                    "is_required",
                    models.BooleanField(
                        default=False,
                        help_text="Så kan ingen vælge påmindelserne fra for sig selv.",
                        verbose_name="Gælder for alle medlemmer",
                    ),
                ),
                ("changed_at", models.DateTimeField()),
                (
                    "network",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reminder_choice",
                        to="networks.network",
                    ),
                ),
            ],
        ),
    ]
