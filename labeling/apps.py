from django.apps import AppConfig


class LabelingConfig(AppConfig):
    name = "labeling"
    verbose_name = "Labeling"

    def ready(self):
        from labeling.actions import listing  # noqa: PLC0415 - models are not there before
        from species.actions import visibility  # noqa: PLC0415

        visibility.settled.connect(listing.follow, dispatch_uid="labeling.listing")
