from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules

from jobs import broker

# Imported because it registers its transport, in the process that sends as in the one that listens.
__all__ = ["JobsConfig", "broker"]


class JobsConfig(AppConfig):
    name = "jobs"
    verbose_name = "Background jobs"

    def ready(self) -> None:
        # The web process has to know every kind too: `enqueue` takes the queue and the number of attempts
        # from the registry, and refuses a kind that nobody would ever run.
        autodiscover_modules("tasks")
