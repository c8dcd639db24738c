import os
import warnings

from celery import Celery

# Containers run everything as root; the warning is about pickled messages, and ours are JSON.
warnings.filterwarnings("ignore", message="You're running the worker with superuser privileges")

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("aqua_vision")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
