from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    name = "jobs"
    verbose_name = "Background jobs"

    def ready(self) -> None:
        # The web process has to know every kind too: `enqueue` takes the queue and the number of attempts
        # from the registry, and refuses a kind that nobody would ever run.
        autodiscover_modules("tasks")
