from django.apps import AppConfig
from django.conf import settings


class OpsConfig(AppConfig):
    name = "ops"

    def ready(self) -> None:
        # Before Django checks that it is there. Its parent holds the database.
        settings.FILE_UPLOAD_TEMP_DIR.mkdir(parents=True, exist_ok=True)
