from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_news_can_be_switched_off")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="keys",
            field=models.JSONField(
                blank=True,
                default=dict,
                help_text="Of accounts.keys, those they changed: what it does, and its key.",
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="keys_on",
            field=models.BooleanField(
                default=True, help_text="Whether single letters are keys in the labeling room."
            ),
        ),
    ]
