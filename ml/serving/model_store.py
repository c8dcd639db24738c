"""Model folders: three files, of newer models four, kept in the store under the sha256 of their names and bytes."""

import hashlib
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage

from ml.vision import known
from ml.vision.session import ModelRefused

FILES = ("card.json", "model.onnx", "weights.safetensors")
NEWER = (known.FILE,)  # what models made earlier lack
# In what the training program writes: weights alone, from which it goes on after a kill.
CHECKPOINTS = "checkpoints"
PIXELS = "pixels"  # in the folder of a training's attempt: everything there that shows photos


def digest(folder: Path) -> str:
    """sha256 over the folder's files, each as name, length and bytes. Raises ModelRefused if one is absent."""
    total = hashlib.sha256()
    for name in (*FILES, *NEWER):
        path = folder / name
        if not path.is_file():
            if name in NEWER:
                continue
            raise ModelRefused(f"{name} is missing.")
        total.update(f"{name}\0{path.stat().st_size}\0".encode())
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                total.update(piece)
    return total.hexdigest()


def present(folder: Path) -> list[str]:
    """The names of its files, of those that belong in one."""
    return [name for name in (*FILES, *NEWER) if (folder / name).is_file()]


def store(folder: Path) -> str:
    """Copy a folder into the store; its sha256. Storing it again changes nothing."""
    sha256 = digest(folder)
    for name in present(folder):
        with (folder / name).open("rb") as file:
            default_storage.save(f"models/{sha256}/{name}", File(file, name))
    return sha256


def local(sha256: str) -> Path:
    """The folder on this machine's disk, copied from the store on first use and checked by its digest each time.

    A copy that is no longer what it was is made anew. Raises ModelRefused when what the store holds is not
    what was stored.
    """
    target = Path(settings.MODELS) / sha256
    if target.is_dir():
        if _holds(target, sha256):
            return target
        _put_away(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    incoming = Path(tempfile.mkdtemp(dir=target.parent, prefix=".incoming-"))
    try:
        _fetch(sha256, incoming)
        try:
            os.rename(incoming, target)
        except OSError:
            # Another process was faster; the same digest means the same bytes.
            if not target.is_dir():
                raise
    finally:
        shutil.rmtree(incoming, ignore_errors=True)
    return target


def check(sha256: str) -> None:
    """Raises ModelRefused when what the store holds is not what was stored."""
    with tempfile.TemporaryDirectory() as folder:
        _fetch(sha256, Path(folder))


def _fetch(sha256: str, target: Path) -> None:
    for name in (*FILES, *NEWER):
        try:
            source = default_storage.open(f"models/{sha256}/{name}")
        except OSError as error:
            if name in NEWER and isinstance(error, FileNotFoundError):
                continue  # where it should be there, the digest says so
            raise ModelRefused(f"{name} cannot be read from the store.") from error
        with source, (target / name).open("wb") as file:
            shutil.copyfileobj(source, file)
    if digest(target) != sha256:
        raise ModelRefused("Its files are not the ones that were stored.")


def _holds(folder: Path, sha256: str) -> bool:
    try:
        return digest(folder) == sha256
    except (ModelRefused, OSError):
        return False


def _put_away(folder: Path) -> None:
    """Under another name first: whoever looks for it meanwhile finds none rather than half of one."""
    aside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".broken-"))
    with suppress(FileNotFoundError):  # another process was faster
        os.rename(folder, aside / folder.name)
    shutil.rmtree(aside, ignore_errors=True)
