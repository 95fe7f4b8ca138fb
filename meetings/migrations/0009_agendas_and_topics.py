import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import members.encryption

KINDS = [
    ("here_and_now", "Her og nu-runde"),
    ("theme", "Tema"),
    ("exercise", "Øvelse"),
    ("sparring", "Sparring"),
    ("agreements", "Aftaler fra sidst"),
    ("check_out", "Check-ud"),
    ("topic", "Emne"),
    ("free_space", "Frirum"),
    ("flexibility", "Fleksibilitet"),
    ("commitment", "Forpligtelse"),
    ("feedback", "Feedback"),
    ("other", "Andet"),
]
PERSON = {
    "blank": True,
    "null": True,
    "on_delete": django.db.models.deletion.SET_NULL,
    "related_name": "+",
    "to": settings.AUTH_USER_MODEL,
}


def row_id():
    return ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


def carried_over():
    return ("is_carried_over", models.BooleanField(default=False, help_text="Not reached at an earlier meeting."))


class Migration(migrations.Migration):
    dependencies = [
        ("meetings", "0008_answers_by_mail"),
        ("networks", "0008_upward_and_personal_goals"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Topic",
            fields=[
                row_id(),
                (
                    "kind",
                    models.CharField(
                        choices=[("experience", "Erfaring"), ("value", "Værdi"), ("opinion", "Holdning")],
                        max_length=10,
                        verbose_name="Hvad er det?",
                    ),
                ),
                ("title", members.encryption.EncryptedTextField(verbose_name="Emne")),
                (
                    "text",
                    members.encryption.EncryptedTextField(
                        blank=True, default="", verbose_name="Hvad vil du gerne tale om?"
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("discussed_at", models.DateTimeField(blank=True, null=True)),
                carried_over(),
                ("version", models.PositiveIntegerField(default=1)),
                ("author", models.ForeignKey(**PERSON)),
                (
                    "meeting",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="topics",
                        to="meetings.meeting",
                    ),
                ),
                (
                    "network",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="topics", to="networks.network"
                    ),
                ),
            ],
            options={"verbose_name": "emne", "verbose_name_plural": "emner", "ordering": ["created_at", "pk"]},
        ),
        migrations.CreateModel(
            name="TopicMark",
            fields=[
                row_id(),
                (
                    "topic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="marks", to="meetings.topic"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("topic", "user"), name="one_mark_per_person")],
            },
        ),
        migrations.CreateModel(
            name="AgendaItem",
            fields=[
                row_id(),
                ("position", models.PositiveSmallIntegerField(help_text="From 1, without gaps.")),
                ("kind", models.CharField(choices=KINDS, default="other", max_length=12)),
                ("title", members.encryption.EncryptedTextField(blank=True, default="", verbose_name="Punkt")),
                ("minutes", models.PositiveSmallIntegerField(verbose_name="Minutter")),
                ("exercise", models.CharField(blank=True, max_length=40, verbose_name="Øvelse")),
                carried_over(),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="agenda_items",
                        to="meetings.meeting",
                    ),
                ),
                ("responsible", models.ForeignKey(verbose_name="Ansvarlig", **PERSON)),
                (
                    "topic",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="agenda_items",
                        to="meetings.topic",
                    ),
                ),
            ],
            options={
                "verbose_name": "dagsordenspunkt",
                "verbose_name_plural": "dagsordenspunkter",
                "ordering": ["position", "pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("meeting", "topic"), name="a_topic_once_on_an_agenda"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Agenda",
            fields=[
                row_id(),
                (
                    "version",
                    models.PositiveIntegerField(
                        default=1, help_text="Rises with every change, the meeting's course too."
                    ),
                ),
                ("laid_out_at", models.DateTimeField()),
                ("current_since", models.DateTimeField(blank=True, null=True)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "meeting",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="agenda", to="meetings.meeting"
                    ),
                ),
                (
                    "current",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="meetings.agendaitem",
                    ),
                ),
            ],
        ),
    ]
