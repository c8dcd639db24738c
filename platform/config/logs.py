"""What is logged, and where to."""

from typing import Any


def to_the_console(level: str) -> dict[str, Any]:
    """LOGGING: everything from `level` on, one line each."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
        "filters": {
            # No model is live yet, or everybody asks at once: the answer says so, and whoever waits asks often.
            "no_503": {
                "()": "django.utils.log.CallbackFilter",
                "callback": lambda record: getattr(record, "status_code", None) != 503,
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django.request": {"level": "ERROR", "filters": ["no_503"]},
            "kombu": {"level": "ERROR"},
            # Said here, since Celery gives the root the level of its own chatter: what is being done, how far it
            # is and that a model went live are for whoever watches the console.
            "jobs": {"level": level},
        },
    }
