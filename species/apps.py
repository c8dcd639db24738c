from django.apps import AppConfig


class SpeciesConfig(AppConfig):
    name = "species"
    verbose_name = "Species and sightings"

    def ready(self):
        from accounts.models import named  # noqa: PLC0415 - models are not there before
        from species.actions import words  # noqa: PLC0415

        named.connect(words.follow, dispatch_uid="species.words")
