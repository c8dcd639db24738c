from django.apps import AppConfig


class MlConfig(AppConfig):
    name = "ml"
    verbose_name = "Models"

    def ready(self):
        from ml.queries import models  # noqa: PLC0415 - models are not there before
        from species.queries import taxon_changes  # noqa: PLC0415

        taxon_changes.asked.connect(models.touched, dispatch_uid="ml.models")
