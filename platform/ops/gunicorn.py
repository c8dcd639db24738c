"""Settings of the web server that `make run` starts."""

import os

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
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")
loglevel = "warning"
