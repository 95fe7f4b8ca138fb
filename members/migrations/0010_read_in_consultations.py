from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0009_number_changes"),
    ]

    operations = [
        migrations.AlterField(
            model_name="listread",
            name="kind",
            field=models.CharField(
                choices=[
                    ("leaders", "Listen over ledere"),
                    ("outside", "Ledere uden netværk"),
                    ("search", "Resultat af en søgning"),
                    ("import", "Fil med ledere, før den blev indlæst"),
                    ("members", "Medlemmer og tilmeldinger i et netværk"),
                    ("candidates", "Ledere, der kan inviteres til et netværk"),
                    ("consulted", "Personer, der kan spørges i en høring"),
                    ("roles", "Personer og roller"),
                    ("deliveries", "Mails, der er sendt eller venter"),
                    ("erasure", "Personer, hvis persondata kan slettes"),
                ],
                max_length=20,
            ),
        ),
    ]
