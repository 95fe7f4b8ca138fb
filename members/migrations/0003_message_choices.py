import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0002_seed_levels_and_fields"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="message",
            name="messages_about_a_thing",
        ),
        migrations.AddField(
            model_name="message",
            name="digest",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                editable=False,
                help_text="The weekly mail it went with.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="gathered",
                to="members.message",
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="is_held",
            field=models.BooleanField(default=False, help_text="Waits to be gathered in its receiver's weekly mail."),
        ),
        migrations.AddField(
            model_name="user",
            name="digest_hour",
            field=models.PositiveSmallIntegerField(
                choices=[
                    (5, "kl. 5.00"),
                    (6, "kl. 6.00"),
                    (7, "kl. 7.00"),
                    (8, "kl. 8.00"),
                    (9, "kl. 9.00"),
                    (10, "kl. 10.00"),
                    (11, "kl. 11.00"),
                    (12, "kl. 12.00"),
                    (13, "kl. 13.00"),
                    (14, "kl. 14.00"),
                    (15, "kl. 15.00"),
                    (16, "kl. 16.00"),
                    (17, "kl. 17.00"),
                    (18, "kl. 18.00"),
                    (19, "kl. 19.00"),
                    (20, "kl. 20.00"),
                    (21, "kl. 21.00"),
                ],
                default=8,
                verbose_name="Tidspunkt",
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="digest_weekday",
            field=models.PositiveSmallIntegerField(
                choices=[
                    (0, "Mandag"),
                    (1, "Tirsdag"),
                    (2, "Onsdag"),
                    (3, "Torsdag"),
                    (4, "Fredag"),
                    (5, "Lørdag"),
                    (6, "Søndag"),
                ],
                default=0,
                verbose_name="Ugedag",
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="messages_read_at",
            field=models.DateTimeField(
                blank=True, editable=False, help_text="Messages after this are marked as new.", null=True
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="reminder_amount",
            field=models.CharField(
                choices=[
                    ("fewer", "Færre: kun den sidste før mødet"),
                    ("usual", "Som netværket har valgt"),
                    ("more", "Flere: også en uge og en dag før mødet"),
                ],
                default="usual",
                max_length=6,
                verbose_name="Hvor mange påmindelser",
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="wants_digest",
            field=models.BooleanField(default=False, verbose_name="Saml nyheder i én ugentlig mail"),
        ),
        migrations.AlterField(
            model_name="message",
            name="recipient",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="messages_received",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("digest__isnull", False)), fields=["digest"], name="messages_gathered"
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("is_held", True), ("state", "due")),
                fields=["recipient", "due_at"],
                name="messages_held",
            ),
        ),
    ]
