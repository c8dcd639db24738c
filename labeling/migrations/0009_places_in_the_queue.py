from django.db import migrations
from django.db.models import FloatField, Max, OuterRef, Subquery
from django.db.models.functions import Coalesce


def take_places(apps, schema_editor):
    """As labeling.actions.queue says it."""
    suggestions, identifications = (
        apps.get_model("labeling", name).objects.order_by() for name in ("Suggestion", "Identification")
    )
    occurrences = apps.get_model("species", "Occurrence").objects
    here = "photo__occurrence_photos__occurrence"
    doubts = suggestions.filter(**{here: OuterRef("pk")}, region=None).values(here)
    doubts = doubts.annotate(most=Max("uncertainty")).values("most")
    occurrences.update(doubt=Coalesce(Subquery(doubts, output_field=FloatField()), 1.0))
    said = identifications.filter(occurrence=OuterRef("pk"), withdrawn_at=None).values("occurrence")
    last = Subquery(said.annotate(last=Max("created")).values("last"))
    occurrences.update(last_said=Coalesce(last, "last_said"))


class Migration(migrations.Migration):

    dependencies = [
        ('labeling', '0008_said_has_its_place_in_lists'),
        ('species', '0014_what_waits_is_in_order'),
    ]

    operations = [migrations.RunPython(take_places, migrations.RunPython.noop)]
