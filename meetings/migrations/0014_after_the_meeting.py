import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import members.encryption


class Migration(migrations.Migration):
    dependencies = [
        ("meetings", "0013_date_polls"),
        ("networks", "0009_next_seasons"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="meeting",
            name="closed_at",
            field=models.DateTimeField(
                blank=True,
                help_text="Since then what was said of it stands: attendance, agreements, referat.",
                null=True,
            ),
        ),
        migrations.CreateModel(
            name="Minutes",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "carried_over",
                    members.encryption.EncryptedTextField(blank=True, default="", verbose_name="Med til næste gang"),
                ),
                (
                    "version",
                    models.PositiveIntegerField(default=0, help_text="Raised by every save: tells of a second editor."),
                ),
                (
                    "closed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "meeting",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="minutes", to="meetings.meeting"
                    ),
                ),
            ],
            options={
                "verbose_name": "referat",
                "verbose_name_plural": "referater",
            },
        ),
        migrations.CreateModel(
            name="ReflectionNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("prompt", models.CharField(blank=True, max_length=16)),
                ("text", members.encryption.EncryptedTextField(verbose_name="Din note")),
                (
                    "version",
                    models.PositiveIntegerField(default=1, help_text="Raised by every save: tells of a second window."),
                ),
                (
                    "form_key",
                    models.UUIDField(default=uuid.uuid4, help_text="Of the form it was written in.", unique=True),
                ),
                ("written_at", models.DateTimeField()),
                (
                    "meeting",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="reflection_notes",
                        to="meetings.meeting",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reflection_notes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "refleksionsnote",
                "verbose_name_plural": "refleksionsnoter",
                "ordering": ["-written_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Reopening",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", members.encryption.EncryptedTextField(verbose_name="Hvorfor?")),
                ("reopened_at", models.DateTimeField()),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reopenings", to="meetings.meeting"
                    ),
                ),
                (
                    "reopened_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-reopened_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="Agreement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", members.encryption.EncryptedTextField(verbose_name="Hvad er aftalt?")),
                ("is_everyones", models.BooleanField(default=False, help_text="The whole group's: no single owner.")),
                ("due_on", models.DateField(blank=True, null=True, verbose_name="Hvornår?")),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "I gang"), ("done", "Gjort"), ("dropped", "Faldet bort")],
                        default="open",
                        max_length=8,
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(
                        default=1,
                        help_text="Raised by every save: tells of a second editor, and which reminder counts.",
                    ),
                ),
                (
                    "form_key",
                    models.UUIDField(default=uuid.uuid4, help_text="Of the form it was written in.", unique=True),
                ),
                ("created_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(blank=True, null=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="agreements", to="meetings.meeting"
                    ),
                ),
                (
                    "network",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="agreements", to="networks.network"
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="agreements",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "aftale",
                "verbose_name_plural": "aftaler",
                "indexes": [
                    models.Index(fields=["network", "state"], name="agreements_of_a_network"),
                    models.Index(fields=["owner", "state"], name="agreements_of_a_person"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("is_everyones", False), ("owner", None), _connector="OR"),
                        name="an_owner_or_everyone",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LearningCard",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("theme", members.encryption.EncryptedTextField(verbose_name="Tema")),
                ("challenge", members.encryption.EncryptedTextField(verbose_name="Udfordringen")),
                ("tried", members.encryption.EncryptedTextField(blank=True, default="", verbose_name="Det prøvede vi")),
                (
                    "outcome",
                    members.encryption.EncryptedTextField(blank=True, default="", verbose_name="Det kom der ud af det"),
                ),
                ("shows_author", models.BooleanField(default=False)),
                (
                    "version",
                    models.PositiveIntegerField(default=1, help_text="Raised by every save: tells of a second editor."),
                ),
                (
                    "form_key",
                    models.UUIDField(default=uuid.uuid4, help_text="Of the form it was written in.", unique=True),
                ),
                ("created_at", models.DateTimeField()),
                (
                    "author",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="learning_cards",
                        to="meetings.meeting",
                    ),
                ),
                (
                    "network",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="learning_cards",
                        to="networks.network",
                    ),
                ),
            ],
            options={
                "verbose_name": "erfaringskort",
                "verbose_name_plural": "erfaringskort",
                "ordering": ["-created_at", "-pk"],
                "indexes": [models.Index(fields=["network", "created_at"], name="cards_of_a_network")],
            },
        ),
    ]
