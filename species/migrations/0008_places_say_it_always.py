from django.db import migrations, models


class Migration(migrations.Migration):
    """Not with the one before: PostgreSQL alters no table while what was written to it is still checked."""

    dependencies = [("species", "0007_places_say_what_protects_them")]

    operations = [
        migrations.AddConstraint(
            model_name='observation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('place_shown__in', ['exact', 'generalized']), ('public_latitude__isnull', False)), models.Q(('latitude__isnull', False), ('place_shown', 'withheld'), ('public_latitude', None)), models.Q(('latitude', None), ('place_shown', '')), _connector='OR'), name='observation_says_what_is_shown'),
        ),
        migrations.AddConstraint(
            model_name='observation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('place_rule', ''), ('place_shown', '')), models.Q(models.Q(('place_shown', ''), _negated=True), models.Q(('place_rule', ''), _negated=True)), _connector='OR'), name='observation_says_by_which_rule'),
        ),
        migrations.AddConstraint(
            model_name='occurrence',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('place_floor', 'open'), ('place_floor_rule', '')), models.Q(models.Q(('place_floor', 'open'), _negated=True), models.Q(('place_floor_rule', ''), _negated=True)), _connector='OR'), name='occurrence_floor_says_why'),
        ),
    ]
