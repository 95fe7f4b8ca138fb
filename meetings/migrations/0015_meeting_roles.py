import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("meetings", "0014_after_the_meeting"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MeetingRole",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("host", "Vært"),
                            ("chair", "Mødeleder"),
                            ("focus", "Fokusperson"),
                            ("sparring", "Sparringspartner"),
                        ],
                        max_length=8,
                    ),
                ),
                ("taken_at", models.DateTimeField()),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="roles", to="meetings.meeting"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="meeting_roles",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "mødets rolle",
                "verbose_name_plural": "mødets roller",
                "constraints": [
                    models.UniqueConstraint(fields=("meeting", "role"), name="one_person_per_role_and_meeting"),
                ],
            },
        ),
    ]
