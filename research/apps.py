from django.apps import AppConfig


class ResearchConfig(AppConfig):
    name = "research"
    verbose_name = "Research"

    def ready(self):
        from research.queries import datasets  # noqa: PLC0415 - models are not there before
        from species.queries import elsewhere, taxon_changes  # noqa: PLC0415

        elsewhere.asked.connect(datasets.keep, dispatch_uid="research.datasets")
        taxon_changes.asked.connect(datasets.touched, dispatch_uid="research.datasets")
