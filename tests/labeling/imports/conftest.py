import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.universe import photo_bytes


@pytest.fixture
def web(tmp_path, settings):
    """Photos on a web server, and what it was asked for."""
    folder = tmp_path / "www"
    folder.mkdir()
    for number in range(2):
        (folder / f"{number}.jpg").write_bytes(photo_bytes(f"web {number}"))
    asked: list[str] = []

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *args):
            asked.append(self.path)

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=folder))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    port = server.server_address[1]
    settings.URL_FETCH_ALLOW = [f"127.0.0.1:{port}"]
    yield f"http://127.0.0.1:{port}", asked
    server.shutdown()
    server.server_close()
