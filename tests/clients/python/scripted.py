"""A server that says what a test wrote down, one answer a connection, and remembers what it was asked."""

import json
import socket
import threading
from contextlib import contextmanager

from tests.clients.python.cutting import read_question


def answer(said: object = None, status: str = "200 OK", body: bytes | None = None, **headers: str) -> bytes:
    """A whole answer in JSON; `headers` with _ for -."""
    body = json.dumps(said).encode() if body is None else body
    fields = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status}\r\nConnection: close\r\n{head}\r\n".encode() + body


def problem(status: str, detail: str, code: str = "invalid", **headers: str) -> bytes:
    said = {"type": "/api/docs#x", "title": "No.", "status": int(status[:3]), "code": code, "detail": detail}
    said["errors"] = [{"pointer": "#/privacy", "code": code, "detail": detail}]
    return answer(said, status, Content_Type="application/problem+json", **headers)


class Script:
    """`answers` in their turn, the last of them for good; `questions` as they came: head and body."""

    def __init__(self, listener: socket.socket, answers: list[bytes]) -> None:
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.answers = answers
        self.questions: list[bytes] = []
        self._listener = listener

    def serve(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            with sock:
                head, body = read_question(sock)
                if head:
                    self.questions.append(head + body)
                    sock.sendall(self.answers[min(len(self.questions), len(self.answers)) - 1])


@contextmanager
def scripted(*answers: bytes):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        script = Script(listener, list(answers))
        thread = threading.Thread(target=script.serve, daemon=True)
        thread.start()
        try:
            yield script
        finally:
            listener.shutdown(socket.SHUT_RDWR)
    thread.join(10)
