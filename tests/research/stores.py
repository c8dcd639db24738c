from django.core.files.storage import Storage


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
