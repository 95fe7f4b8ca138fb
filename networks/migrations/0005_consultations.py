import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("networks", "0004_members_charter"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Consultation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("question", models.TextField(blank=True, verbose_name="Det vil vi gerne vide")),
                ("deadline", models.DateField(blank=True, null=True, verbose_name="Frist")),
                ("opened_at", models.DateTimeField(blank=True, null=True)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "network",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="consultations", to="networks.network"
                    ),
                ),
            ],
            options={
                "verbose_name": "høring",
                "verbose_name_plural": "høringer",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="ConsultationReply",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(blank=True, verbose_name="Høringssvar")),
                ("version", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("replied_at", models.DateTimeField(blank=True, null=True)),
                (
                    "consultation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="replies", to="networks.consultation"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="consultation_replies",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "høringssvar",
                "verbose_name_plural": "høringssvar",
            },
        ),
        migrations.CreateModel(
            name="ConsultationVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField()),
                ("texts", models.JSONField(default=dict)),
                ("sent_at", models.DateTimeField()),
                (
                    "consultation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="networks.consultation"
                    ),
                ),
                (
                    "sent_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["number"],
            },
        ),
        migrations.AddConstraint(
            model_name="consultation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at__isnull", True)),
                fields=("network",),
                name="one_unfinished_consultation_per_network",
            ),
        ),
        migrations.AddConstraint(
            model_name="consultationreply",
            constraint=models.UniqueConstraint(
                fields=("consultation", "user"), name="one_consultation_reply_per_person"
            ),
        ),
        migrations.AddConstraint(
            model_name="consultationversion",
            constraint=models.UniqueConstraint(
                fields=("consultation", "number"), name="one_consultation_version_of_each_number"
            ),
        ),
    ]
