"""Taking in a collection of labelled photos, so that doing it again is doing it once.

Every id follows from the source and the key of a row, every photo comes through `species.ingest`, and a
sighting is published with its identification and verdict in one transaction: an import that is killed and begun
again completes what is missing. Expert labels become identifications of the source's account, never of the
person who runs the import.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid5

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404
from django.utils import timezone
from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from accounts.actions import source_account
from accounts.models import Licence, User
from labeling.actions import boxes, identifications, rulings, verdicts
from labeling.consensus.boxes import Rectangle
from labeling.imports import collection as collection_imports
from labeling.imports import readers
from labeling.imports.collection import BadLine, IncomingPhoto, IncomingSighting, Problem
from labeling.imports.known import Known
from labeling.queries import identifications as identifications_queries
from labeling.queries import rulings as rulings_queries
from species import ingest
from species.actions import import_batches, observations, occurrences
from species.fetching import FetchRefused, fetch
from species.images.refusals import ImageRefused
from species.models import ImportBatch, Measurement, Observation, Occurrence, Photo, State, Taxon
from species.queries.names import Names, Unknown

Progress = Callable[[int, int, str], object]
METHOD = "as imported"
TOGETHER = 200  # sightings that are asked about at once


class ImportRefused(Exception):
    """Nothing was imported; the text says why to the person who asked."""


@dataclass
class Report:
    """What came of an import; `problems` are the rows that were skipped."""

    rows: int = 0
    new: int = 0
    known: int = 0
    sightings: int = 0
    problems: list[Problem] = field(default_factory=list)

    def sentence(self) -> str:
        text = f"{self.new} photos new, {self.known} here already, in {self.sightings} sightings."
        return f"{text} {len(self.problems)} of {self.rows} rows skipped." if self.problems else text

    def skipped(self) -> dict[str, list[str]]:
        """Reason to the lines it holds for, both in the order met."""
        reasons: dict[str, list[str]] = {}
        for problem in self.problems:
            reasons.setdefault(problem.what, []).append(problem.where)
        return reasons


def import_collection(
    *,
    path: Path,
    source: str,
    by: User,
    licence: str,
    credit: str = "",
    consents: list[str],
    trust: bool = False,
    reason: str = "",
    progress: Progress | None = None,
) -> Report:
    """Take in the collection at `path` as `source`, in the name of the reviewer `by`.

    `consents` are purposes (show, research, train) promised for every photo. With `trust` everything the
    source says counts as ruled, for `reason`, unless it is trusted already. `progress(done, total, message)`
    counts rows and may raise to stop. Raises ImportRefused; a bad row is reported and skipped.
    """
    check(by=by, source=source, trust=trust, reason=reason)
    licence = spdx(licence)
    try:
        collection = readers.read(path)
    except collection_imports.Unreadable as error:
        raise ImportRefused(str(error)) from error
    account = source_account(name=source.strip())
    try:
        batch = _batch(account, licence, credit.strip(), consents, by)
    except ValidationError as error:
        raise ImportRefused(_words(error)) from error
    stood = rulings_queries.trust_in(account)
    if trust and stood is None:
        try:
            rulings.trust(source=account, reason=reason, by=by)
        except ValidationError as error:
            # Unless another import of the same source has just said it.
            if rulings_queries.trust_in(account) is None:
                raise ImportRefused(_words(error)) from error
    started = timezone.now()
    report = Report(collection.rows, problems=collection.problems)
    run = _Run(account, batch, by, {"": account}, Names(), report, progress, done=len(collection.problems))
    for first in range(0, len(collection.sightings), TOGETHER):
        some = collection.sightings[first : first + TOGETHER]
        known = Known(some, run.id_of)
        run.taxa.clear()  # somebody may merge names while thousands are taken in
        for sighting in some:
            if not run.pass_over(sighting, known):
                run.take(sighting)
    if trust and stood is None:
        # What the source had said before this import; the job that does it too may have no worker here.
        earlier = identifications_queries.occurrences_of_source(account).exclude(
            verdict__computed_at__gte=started
        )
        verdicts.recompute(occurrences=earlier.order_by("created", "id").values_list("pk", flat=True))
    if progress:
        progress(report.rows, report.rows, report.sentence())
    return report


def check(*, by: User, source: str, trust: bool, reason: str) -> None:
    """Raises ImportRefused, as `spdx` does."""
    if not (by.is_authenticated and by.is_reviewer):
        raise ImportRefused(f"Only a reviewer or an admin imports a collection, and {by} is neither.")
    if not source.strip() or len(source.strip()) > 80:
        raise ImportRefused("Say what the collection is called, in up to 80 characters.")
    if trust and not reason.strip():
        raise ImportRefused("Say why this source is trusted; others will read it.")


def spdx(licence: str) -> str:
    if licence.strip() == Licence.NONE:
        return str(Licence.NONE)
    try:
        return str(canonicalize_license_expression(licence.strip()))
    except InvalidLicenseExpression:
        raise ImportRefused(
            f"“{licence}” is no licence by its SPDX id; MIT or CC-BY-4.0 would be. See spdx.org/licenses."
        ) from None


def _batch(account: User, licence: str, credit: str, consents: list[str], by: User) -> ImportBatch:
    """The batch of this very import if it was begun before, else a new one."""
    same = ImportBatch.objects.filter(source=account, operator=by, licence=licence, credit=credit)
    for batch in same.order_by("-created", "-id"):
        if batch.consents == sorted(set(consents)):
            withdrawn = import_batches.standing_withdrawal(batch)
            if withdrawn is not None:
                raise ImportRefused(
                    f"{withdrawn.by} withdrew what was imported so before: “{withdrawn.reason}” Restore that first."
                )
            return batch
    return import_batches.start(source=account, licence=licence, credit=credit, consents=consents, by=by)


@dataclass
class _Run:
    account: User
    batch: ImportBatch
    by: User
    people: dict[str, User]
    names: Names
    report: Report
    progress: Progress | None
    done: int
    taxa: dict[str, Taxon] = field(default_factory=dict)

    def pass_over(self, sighting: IncomingSighting, known: Known) -> bool:
        """Whether an earlier import took it in just as it is told here; then it is counted, and not touched.

        So an import that was broken off near its end is there again soon. What is told otherwise, or cannot be
        used, is for `take` to say.
        """
        if not known.is_published(sighting):
            return False
        reports = len(self.report.problems)
        try:
            said = {self._person(sighting.recorded_by): self._taxon(sighting.name)}
            said |= self._others(sighting)
            same = all(_is_stored(photo, known.sha256(photo.key)) for photo in sighting.photos)
        except REFUSALS:
            same = False
        names = [(person.pk, taxon.pk) for person, taxon in said.items()] if same else []
        if not same or len(self.report.problems) > reports or not known.holds(sighting, names):
            del self.report.problems[reports:]
            return False
        if self.progress:
            self.progress(self.done, self.report.rows, f"Taking in photos from {self.account}")
        self.report.known += len(sighting.photos)
        self.report.sightings += 1
        self.done += len(sighting.photos) + len(sighting.identifications)
        return True

    def take(self, sighting: IncomingSighting) -> None:
        """One sighting, whole, or each of its rows reported."""
        before = self.done
        try:
            taxon = self._taxon(sighting.name)
            observation = observations.start(
                by=self.by,
                id=self.id_of("observation", sighting.key),
                observer=self._person(sighting.recorded_by),
                batch=self.batch,
                **sighting.fields,
            )
            here = self._photos(sighting, observation)
            if here:
                # Accounts before the transaction: it holds no lock while it makes them.
                said = {self._person(sighting.recorded_by): taxon} | self._others(sighting)
                self._complete(sighting, observation, here, said)
                self.report.sightings += 1
            elif observation.state == State.DRAFT:
                observations.discard(observation=observation, by=self.by)
        except (Unknown, ValidationError, PermissionDenied, Http404) as error:
            reported = {problem.where for problem in self.report.problems}
            for row in (*sighting.photos, *sighting.identifications):
                if row.where not in reported:
                    self.report.problems.append(Problem(row.where, _words(error)))
        self.done = before + len(sighting.photos) + len(sighting.identifications)

    def _taxon(self, name: str) -> Taxon:
        """Raises Unknown."""
        if name not in self.taxa:
            self.taxa[name] = self.names.find(name)
        return self.taxa[name]

    def _person(self, name: str) -> User:
        """The account of somebody whom the collection names; the collection's own where it names nobody."""
        if name not in self.people:
            self.people[name] = source_account(name=name, within=self.account)
        return self.people[name]

    def _others(self, sighting: IncomingSighting) -> dict[User, Taxon]:
        """What people besides the observer say; a name that nobody knows is reported and left out."""
        said = {}
        for identification in sighting.identifications:
            try:
                said[self._person(identification.person)] = self._taxon(identification.name)
            except Unknown as error:
                self.report.problems.append(Problem(identification.where, str(error)))
        return said

    def _photos(self, sighting: IncomingSighting, observation: Observation) -> list[Photo]:
        known = {photo.pk: photo for photo in Photo.objects.filter(observation=observation)}
        here: dict[UUID, Photo] = {}
        for position, photo in enumerate(sighting.photos):
            # With every photo: whoever wants it to stop is heard here, and one sighting can have hundreds.
            if self.progress:
                self.progress(self.done, self.report.rows, f"Taking in photos from {self.account}")
            self.done += 1
            try:
                id = self.id_of("photo", photo.key)
                found, new = self._photo(photo, id, known.get(id), observation, position)
            except REFUSALS as error:
                self.report.problems.append(Problem(photo.where, _words(error)))
            else:
                here[found.pk] = found
                self.report.new += new
                self.report.known += not new
        return list(here.values())

    def _photo(
        self,
        photo: IncomingPhoto,
        id: UUID,
        known: Photo | None,
        observation: Observation,
        position: int,
    ) -> tuple[Photo, bool]:
        if photo.licence and _canonical(photo.licence) != self.batch.licence:
            raise BadLine(f"Its licence is {photo.licence}. Import what has that licence by itself.")
        if known is not None and photo.path is None:
            return known, False  # not fetched a second time
        data = _read(photo)
        digest = sha256(data).hexdigest()
        if photo.sha256 and photo.sha256 != digest:
            raise BadLine("Is not the file the table describes: its sha256 is another.")
        if known is not None:
            if known.sha256 != digest:
                raise BadLine("Has changed since it was imported. Give the new photo another name.")
            return known, False
        received = ingest.receive(
            data=data,
            owner=observation.observer,
            by=self.by,
            observation=observation,
            id=id,
            file_name=photo.key,
            credit=photo.credit,
            batch=self.batch,
            position=position,
        )
        if received.photo.observation_id != observation.pk:
            raise BadLine("The same photo came with another sighting already.")
        return received.photo, received.created

    @transaction.atomic
    def _complete(
        self,
        sighting: IncomingSighting,
        observation: Observation,
        here: list[Photo],
        said: dict[User, Taxon],
    ) -> None:
        """Organism, length, identifications, verdict and publication: all or none."""
        id = self.id_of("occurrence", sighting.key)
        occurrence = Occurrence.objects.filter(pk=id, observation=observation).first()
        if occurrence is None:
            occurrence = occurrences.add(observation=observation, photos=here, by=self.by, id=id)
        if sighting.length_mm is not None:
            self._measure(occurrence, sighting.length_mm)
        identifications.add_imported(occurrence=occurrence, said=said, by=self.by)
        self._draw(sighting, occurrence, here)
        # After the verdict: where a protected taxon lives is never public, not for a moment.
        if observation.state == State.DRAFT:
            observations.publish(observation=observation, by=self.by)

    def _draw(self, sighting: IncomingSighting, occurrence: Occurrence, here: list[Photo]) -> None:
        person = self._person(sighting.recorded_by)
        photos = {photo.pk: photo for photo in here}
        for each in sighting.photos:
            photo = photos.get(self.id_of("photo", each.key))
            if photo is not None and each.box is not None:
                boxes.add_imported(
                    occurrence=occurrence,
                    photo=photo,
                    rectangle=Rectangle(*each.box),
                    person=person,
                    by=self.by,
                )

    def _measure(self, occurrence: Occurrence, length: float) -> None:
        kind = Measurement.Kind.TOTAL_LENGTH
        same = Measurement.objects.filter(occurrence=occurrence, kind=kind, value=length, method=METHOD)
        if not same.exists():
            occurrences.measure(occurrence=occurrence, kind=kind, value=length, by=self.by, method=METHOD)

    def id_of(self, kind: str, key: str) -> UUID:
        return uuid5(self.account.pk, f"{kind}:{key}")


REFUSALS = (BadLine, FetchRefused, ImageRefused, Unknown, ValidationError, PermissionDenied, Http404)


def _canonical(licence: str) -> str:
    try:
        return str(canonicalize_license_expression(licence.strip()))
    except InvalidLicenseExpression:
        return licence


def _is_stored(photo: IncomingPhoto, stored: str | None) -> bool:
    """Whether it is what was stored under its key; an address is not asked a second time."""
    if stored is None or photo.path is None:
        return stored is not None
    return sha256(_read(photo)).hexdigest() == stored and photo.sha256 in ("", stored)


def _read(photo: IncomingPhoto) -> bytes:
    if photo.path is None:
        return fetch(photo.url)
    try:
        with photo.path.open("rb") as file:
            return ingest.read(file)
    except OSError as error:
        raise BadLine(f"The file cannot be read: {error.strerror}.") from error


def _words(error: Exception) -> str:
    return " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
