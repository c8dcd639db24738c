from django.apps import AppConfig


class LabelingConfig(AppConfig):
    name = "labeling"
    verbose_name = "Labeling"

    def ready(self):
        from allauth.account.signals import user_signed_up  # noqa: PLC0415

        from labeling.actions import (  # noqa: PLC0415 - models are not there before
            boxes,
            field_marks,
            flags,
            listing,
            sign_ups,
        )
        from labeling.queries import taxon_changes  # noqa: PLC0415
        from species.actions import observations, partings, visibility  # noqa: PLC0415
        from species.queries import taxon_changes as changes  # noqa: PLC0415

        user_signed_up.connect(sign_ups.follow_sign_up, dispatch_uid="labeling.sign_ups")
        visibility.settled.connect(listing.follow, dispatch_uid="labeling.listing")
        observations.published.connect(flags.raise_noticed, dispatch_uid="labeling.flags")
        partings.parted.connect(boxes.follow_photo, dispatch_uid="labeling.boxes")
        partings.parted.connect(field_marks.follow_photo, dispatch_uid="labeling.field_marks")
        changes.asked.connect(taxon_changes.touched, dispatch_uid="labeling.taxon_changes")
