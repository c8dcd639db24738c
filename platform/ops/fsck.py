"""Do rows and files agree? Every app says which files its rows refer to; here they are compared with the store.

It looks at a site that is alive: files appear before their rows and go after them. So what seems wrong is asked
about again, and a file without a row is an upload under way until it is older than the grace.
"""

import heapq
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from uuid import UUID

from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from home import kept_uploads, takeouts
from home.tasks.strangers import uploads_cut_off
from labeling.actions import verdicts
from labeling.queries import passes
from labeling.queries.verdicts import not_following
from species import stored_files as species_files
from species import uploads
from species.actions import tallies, words
from species.models import Observation, Occurrence
from species.queries import taxa, visibility

if apps.is_installed("research"):
    from research import stored_files as research_files
if apps.is_installed("ml"):
    from ml import stored_files as ml_files

UNFINISHED_FILE = ".incoming-"


@dataclass
class Findings:
    """`faults` are sentences; `strays` the names and paths of files and folders that nobody refers to.

    `verdicts` are the ids of occurrences whose verdict is not what stands adds up to, or cannot be read; `shown`
    the sightings of which more or less is shown than their owners allow; `unfound` what has not the words of
    its text; `asked` organisms that are asked about, or are not, against what was said of their photos.
    """

    files: int = 0
    faults: list[str] = field(default_factory=list)
    verdicts: list[UUID] = field(default_factory=list)
    shown: list[Observation] = field(default_factory=list)
    counters: list[str] = field(default_factory=list)
    unfound: list[words.Holder] = field(default_factory=list)
    asked: list[Occurrence] = field(default_factory=list)
    strays: list[str | Path] = field(default_factory=list)
    young: int = 0


def look(*, grace: float, deep: bool = False) -> Findings:
    """Compare; with `deep` read every file and compute every verdict, too. `grace` is in seconds."""
    findings = Findings()
    for owner in _owners():
        _compare(owner, findings, grace)
    findings.faults += species_files.unfinished()
    if apps.is_installed("research"):
        findings.faults += research_files.unfinished()
    if apps.is_installed("ml"):
        findings.faults += ml_files.unfinished()
        findings.strays += ml_files.abandoned()
        findings.strays += [path for path in ml_files.temporary() if _age(path.stat().st_mtime) > grace]
    findings.strays += uploads_cut_off(grace)
    findings.faults += taxa.faults()
    findings.faults += not_following()
    if deep:
        for damaged in _depths():
            findings.faults += damaged()
        findings.verdicts = [occurrence.pk for occurrence in verdicts.differing()]
        findings.counters = tallies.differing()
        findings.unfound = words.differing()
        findings.asked = list(passes.differing().select_related("observation"))
        findings.shown = list(visibility.differing().only("pk"))
    return findings


def mend(stray: str | Path) -> bool:
    """Remove one stray; False when somebody refers to it after all."""
    if isinstance(stray, Path):
        shutil.rmtree(stray) if stray.is_dir() else stray.unlink(missing_ok=True)
        return True
    if _is_expected(stray):
        return False
    try:
        with default_storage.open(stray) as file:
            data = file.read()
    except FileNotFoundError:
        return True
    default_storage.delete(stray)
    # Somebody may have sent the same between the question and the deletion.
    if _is_expected(stray):
        default_storage.save(stray, ContentFile(data))
        return False
    return True


def _owners() -> list:
    """Modules with FOLDERS, `files_expected(folder)`, which is sorted, and `is_expected(name)`."""
    owners = [species_files, uploads, kept_uploads, takeouts]
    if apps.is_installed("research"):
        owners.append(research_files)
    if apps.is_installed("ml"):
        owners.append(ml_files)
    return owners


def _depths() -> list[Callable[[], Iterable[str]]]:
    return [owner.damaged for owner in _owners() if hasattr(owner, "damaged")]


def _is_expected(name: str) -> bool:
    if name.split("/")[-1].startswith(UNFINISHED_FILE):
        return False
    return any(owner.is_expected(name) for owner in _owners() if name.split("/")[0] in owner.FOLDERS)


def _compare(owner, findings: Findings, grace: float) -> None:
    for folder in sorted(owner.FOLDERS):
        for name, is_stored, expected in _beside(_walk(folder), owner.files_expected(folder)):
            if is_stored and expected:
                findings.files += 1
            elif expected:
                # It may have come since the store was listed, or its row gone since the rows were.
                if not default_storage.exists(name) and _is_expected(name):
                    findings.faults.append(f"{name} is missing.")
            else:
                _look_at_stray(name, findings, grace)


def _look_at_stray(name: str, findings: Findings, grace: float) -> None:
    try:
        if _is_expected(name):
            findings.files += 1
            return
        age = _age(default_storage.get_modified_time(name).timestamp())
    # Every store has errors of its own; most often somebody else removed it.
    except Exception:
        if default_storage.exists(name):
            raise
        return
    if age > grace:
        findings.strays.append(name)
    else:
        findings.young += 1


def _beside(stored: Iterator[str], expected: Iterator[str]) -> Iterator[tuple[str, bool, bool]]:
    """Every name of two sorted lists, with whether it is in the one and in the other. Neither is held in memory: a
    million sightings have eight million files."""
    both = heapq.merge(((name, 0) for name in stored), ((name, 1) for name in expected))
    for name, found in groupby(both, key=itemgetter(0)):
        where = {each for _, each in found}
        yield name, 0 in where, 1 in where


def _walk(folder: str) -> Iterator[str]:
    """The names in it, sorted as whole names are."""
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in sorted([*files, *(f"{each}/" for each in folders)]):
        if name.endswith("/"):
            yield from _walk(f"{folder}/{name[:-1]}")
        else:
            yield f"{folder}/{name}"


def _age(modified: float) -> float:
    return time.time() - modified
