from django.db import migrations, models
from django.db.models import F
import django.db.models.deletion


def what_is_verified(apps, schema_editor):
    apps.get_model("species", "Occurrence").objects.filter(status="verified").update(exported_taxon=F("agreed_taxon"))


class Migration(migrations.Migration):

    dependencies = [
        ('species', '0031_sets_to_work_on'),
    ]

    operations = [
        migrations.AddField(
            model_name='occurrence',
            name='exported_taxon',
            field=models.ForeignKey(blank=True, help_text='What researchers are given: said by two who are independent of each other, or ruled.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='species.taxon'),
        ),
        migrations.AddConstraint(
            model_name='occurrence',
            constraint=models.CheckConstraint(condition=models.Q(('exported_taxon', None), ('status', 'verified'), _connector='OR'), name='occurrence_exported_is_verified'),
        ),
        migrations.RunPython(what_is_verified, migrations.RunPython.noop),
    ]
