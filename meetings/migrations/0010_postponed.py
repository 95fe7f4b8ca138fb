from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("meetings", "0009_agendas_and_topics")]

    operations = [
        migrations.AlterField(
            model_name="meetingchange",
            name="kind",
            field=models.CharField(
                choices=[
                    ("moved", "Flyttet"),
                    ("place", "Nyt sted"),
                    ("postponed", "Udsat"),
                    ("cancelled", "Aflyst"),
                ],
                max_length=10,
            ),
        ),
    ]
