from collections.abc import Callable

from django.core.files.storage import Storage

from species.storage import DurableFileSystemStorage


class Elsewhere(Storage):
    """A store on another machine: opens and saves, but has no path on this one's disk."""

    def __init__(self, files: Storage) -> None:
        self.files = files

    def _open(self, name, mode="rb"):
        return self.files.open(name, mode)

    def _save(self, name, content):
        return self.files.save(name, content)

    def exists(self, name):
        return self.files.exists(name)

    def delete(self, name):
        self.files.delete(name)


class Watched(DurableFileSystemStorage):
    """The ordinary store, in which something happens after a file of this name is written."""

    def __init__(self, *, name: str, then: Callable[[], object], **options) -> None:
        super().__init__(**options)
        self.name, self.then = name, then

    def _save(self, name, content):
        saved = super()._save(name, content)
        if name.endswith(self.name):
            self.then()
        return saved
