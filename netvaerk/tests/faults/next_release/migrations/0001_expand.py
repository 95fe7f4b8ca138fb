from django.db import migrations


class Migration(migrations.Migration):
    operations = [
        migrations.RunSQL(
            "ALTER TABLE members_user ADD COLUMN greeting varchar(100) NOT NULL DEFAULT ''",
            "ALTER TABLE members_user DROP COLUMN greeting",
        )
    ]
