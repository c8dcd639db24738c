from django.db import migrations

from species.images.surroundings import union

SIDES = ("x", "y", "width", "height")
READ = 2000


def follow_what_was_drawn(apps, schema_editor):
    """As `labeling.actions.boxes.settle_frame` does from now on, for what was drawn before."""
    box, photo = (apps.get_model(*name.split(".")) for name in ("labeling.Box", "species.Photo"))
    own = box.objects.filter(withdrawn_at=None).order_by("photo", "created", "id")
    drawn: dict = {}
    # Two steps, because a source account's photos are drawn on by whoever imported them.
    owners = ("person", "photo__observation__observer", "photo__observation__batch__operator")
    for row in own.values_list("photo", "occurrence", *SIDES, *owners).iterator(READ):
        if row[6] in row[7:]:
            drawn.setdefault(row[0], {})[row[1]] = row[2:6]
    for pk, frames in drawn.items():
        photo.objects.filter(pk=pk).update(frame=union(list(frames.values())))


class Migration(migrations.Migration):
    dependencies = [
        ("labeling", "0017_every_one_has_a_box"),
        ("species", "0027_what_others_see_of_photos"),
    ]

    operations = [migrations.RunPython(follow_what_was_drawn, migrations.RunPython.noop)]
