from django.apps import AppConfig


class LabelingConfig(AppConfig):
    name = "labeling"
    verbose_name = "Labeling"

    def ready(self):
        from labeling.actions import boxes, field_marks, flags, listing  # noqa: PLC0415 - models are not there before
        from labeling.queries import taxon_changes  # noqa: PLC0415
        from species.actions import observations, partings, visibility  # noqa: PLC0415
        from species.queries import taxon_changes as changes  # noqa: PLC0415

        visibility.settled.connect(listing.follow, dispatch_uid="labeling.listing")
        observations.published.connect(flags.raise_noticed, dispatch_uid="labeling.flags")
        partings.parted.connect(boxes.follow_photo, dispatch_uid="labeling.boxes")
        partings.parted.connect(field_marks.follow_photo, dispatch_uid="labeling.field_marks")
        changes.asked.connect(taxon_changes.touched, dispatch_uid="labeling.taxon_changes")
