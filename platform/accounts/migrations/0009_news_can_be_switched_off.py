from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_photos_start_from_the_account")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="muted",
            field=models.JSONField(
                blank=True, default=list, help_text="Of News, what they don’t want to be told."
            ),
        ),
    ]
