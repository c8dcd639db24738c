"""Settings of the web server that `make run` starts."""

import os

from ops.development_key import REFUSAL, is_loopback

workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "ops.web_worker.WebWorker"
# More than INFERENCE_SLOTS and INFERENCE_LINE together: pages are answered while predictions wait.
threads = int(os.environ.get("WEB_THREADS", "16"))
timeout = 60
# It would wait for ever for a phone that fell silent in a download.
sendfile = False
graceful_timeout = 5
keepalive = 5
# A worker's heartbeat file on a slow disk makes the master shoot healthy workers.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None
# Whom a proxy speaks for is read in one place, accounts.client_address; gunicorn would believe any program on
# this machine what scheme and path it says.
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""
loglevel = "warning"


def on_starting(server):
    """Refused before anybody is answered; `development_key` refuses each request where this is not read."""
    if not os.environ.get("SECRET_KEY"):
        elsewhere = [str(each) for each in server.cfg.address if not _is_here(each)]
        if elsewhere:
            raise SystemExit(f"Not on {', '.join(elsewhere)}: {REFUSAL}")


def _is_here(address) -> bool:
    return isinstance(address, tuple) and is_loopback(address[0])
