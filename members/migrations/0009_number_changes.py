from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0008_list_reads"),
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
                    ("number", "Nyt medarbejdernummer i stedet for:"),
                ],
                max_length=10,
            ),
        ),
    ]
