import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("networks", "0002_sign_up_in_full"),
    ]

    operations = [
        migrations.AddField(
            model_name="network",
            name="term",
            field=models.CharField(
                choices=[("ongoing", "Løbende"), ("fixed", "Tidsbegrænset")],
                default="ongoing",
                max_length=8,
                verbose_name="Varighed",
            ),
        ),
        migrations.AddField(
            model_name="network",
            name="ends_on",
            field=models.DateField(blank=True, null=True, verbose_name="Slutter den"),
        ),
        migrations.AddField(
            model_name="network",
            name="meeting_form",
            field=models.CharField(
                choices=[("physical", "Fysisk"), ("online", "Online"), ("both", "Skiftevis fysisk og online")],
                default="physical",
                max_length=8,
                verbose_name="Mødeform",
            ),
        ),
        migrations.AddField(
            model_name="network",
            name="time_needed",
            field=models.CharField(blank=True, max_length=200, verbose_name="Tid"),
        ),
        migrations.AddField(
            model_name="network",
            name="guests",
            field=models.TextField(blank=True, verbose_name="Gæster"),
        ),
        migrations.AddField(
            model_name="network",
            name="exercises",
            field=models.JSONField(blank=True, default=list, verbose_name="Øvelser"),
        ),
        migrations.AddField(
            model_name="network",
            name="review_date",
            field=models.DateField(blank=True, null=True, verbose_name="Grundlaget tages op igen"),
        ),
        migrations.CreateModel(
            name="GoalHierarchy",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rank", models.PositiveSmallIntegerField()),
                ("goal", models.CharField(max_length=200, verbose_name="Mål")),
                ("why", models.TextField(blank=True, verbose_name="Hvorfor?")),
                ("how", models.TextField(blank=True, verbose_name="Hvordan?")),
                (
                    "network",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="goal_hierarchy",
                        to="networks.network",
                    ),
                ),
            ],
            options={
                "verbose_name": "mål i målhierarkiet",
                "verbose_name_plural": "målhierarki",
                "ordering": ["rank", "pk"],
            },
        ),
    ]
