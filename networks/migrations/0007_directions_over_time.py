import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("networks", "0006_goals"),
    ]

    operations = [
        migrations.AddField(
            model_name="strategicdirection",
            name="version",
            field=models.PositiveIntegerField(default=1, help_text="Raised by every act: tells of a second editor."),
        ),
        migrations.CreateModel(
            name="DirectionDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("submitted", "Sendt til godkendelse"),
                            ("political", "Godkendt politisk"),
                            ("administrative", "Godkendt administrativt"),
                            ("taken_back", "Taget tilbage og ændret"),
                        ],
                        max_length=14,
                    ),
                ),
                ("approver", models.CharField(blank=True, max_length=200)),
                ("approved_on", models.DateField(blank=True, null=True)),
                ("recorded_at", models.DateTimeField()),
                (
                    "direction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="decisions",
                        to="networks.strategicdirection",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["-recorded_at", "-pk"],
            },
        ),
    ]
