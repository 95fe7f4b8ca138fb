import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0007_roles_from_groups"),
    ]

    operations = [
        migrations.AlterField(
            model_name="rolechange",
            name="act",
            field=models.CharField(
                choices=[
                    ("given", "Fik rollen"),
                    ("taken", "Mistede rollen"),
                    ("closed", "Adgang lukket"),
                    ("opened", "Adgang åbnet"),
                    ("reset", "Totrinslogin nulstillet"),
                    ("address", "Ny e-mail i stedet for:"),
                ],
                max_length=10,
            ),
        ),
        migrations.CreateModel(
            name="ListRead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("leaders", "Listen over ledere"),
                            ("outside", "Ledere uden netværk"),
                            ("search", "Resultat af en søgning"),
                            ("import", "Fil med ledere, før den blev indlæst"),
                            ("members", "Medlemmer og tilmeldinger i et netværk"),
                            ("candidates", "Ledere, der kan inviteres til et netværk"),
                            ("roles", "Personer og roller"),
                            ("deliveries", "Mails, der er sendt eller venter"),
                            ("erasure", "Personer, hvis persondata kan slettes"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "selection",
                    models.TextField(blank=True, help_text="The filters, as JSON. Never a name searched for."),
                ),
                ("network_id", models.BigIntegerField(default=0, help_text="Zero for a list across networks.")),
                ("is_export", models.BooleanField(default=False, verbose_name="Hentet som fil")),
                ("day", models.DateField(verbose_name="Dag")),
                (
                    "reader",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-day", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="ListSighting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "list_read",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sightings",
                        to="members.listread",
                        verbose_name="Liste",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sightings",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="listread",
            index=models.Index(fields=["day"], name="lists_read_by_day"),
        ),
        migrations.AddConstraint(
            model_name="listread",
            constraint=models.UniqueConstraint(
                fields=("reader", "kind", "selection", "network_id", "is_export", "day"),
                name="one_list_read_per_reader_and_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="listsighting",
            constraint=models.UniqueConstraint(fields=("list_read", "person"), name="one_sighting_per_list_and_person"),
        ),
    ]
