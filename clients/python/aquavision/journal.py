"""What of a folder is at a site: one line a photo in a file beside them, so that a run that ended goes on."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

NAME = ".aquavision.jsonl"
# What the site reads; cameras' raw files are refused there.
PHOTOS = frozenset((".jpg", ".jpeg", ".png", ".heic", ".heif", ".avif", ".webp", ".gif", ".bmp"))


@dataclass(frozen=True)
class State:
    """A file as it is now: another size or moment of change, and it is looked at anew."""

    size: int
    changed: int

    @classmethod
    def of(cls, path: Path) -> State:
        found = path.stat()
        return cls(found.st_size, found.st_mtime_ns)


class Journal:
    """Which files of `folder` are at the site `url`. Lines are only added, and one that was cut off is passed over."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url, self.path = folder, url, folder / NAME
        self._known = dict(self._read())
        # A run that was killed in a line leaves it without its end; ours begins its own.
        self._before = "\n" if self.path.exists() and not self.path.read_bytes().endswith(b"\n") else ""

    def waiting(self) -> list[Path]:
        """Photos in the folder and below it that are not at the site as they are now, by name."""
        found = (each for each in self.folder.rglob("*") if each.suffix.lower() in PHOTOS)
        inside = [each for each in found if not any(p.startswith(".") for p in self._parts(each))]
        return sorted(
            each for each in inside if each.is_file() and self._known.get(self._name(each)) != State.of(each)
        )

    def done(self, path: Path, state: State, photo: str, observation: str) -> None:
        """`path`, which was `state` when it was read, is at the site."""
        name = self._name(path)
        line = {"site": self.url, "file": name, "size": state.size, "changed": state.changed}
        line |= {"photo": photo, "sighting": observation}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(f"{self._before}{json.dumps(line)}\n")
            file.flush()
            os.fsync(file.fileno())
        self._before, self._known[name] = "", state

    def _read(self) -> Iterator[tuple[str, State]]:
        if not self.path.exists():
            return
        for line in self.path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                said = json.loads(line)
                if said["site"] == self.url:
                    yield said["file"], State(said["size"], said["changed"])
            except (ValueError, KeyError, TypeError):
                continue

    def _name(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()

    def _parts(self, path: Path) -> tuple[str, ...]:
        return path.relative_to(self.folder).parts
