"""The rows about made-up organisms: what people say of them, and what follows."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from random import Random
from typing import Any

from benchmarks import world as worlds
from benchmarks.bulk import Model, Row
from benchmarks.said import CANNOT_BE_SETTLED, IMPORTED, REASONS, SAID, Ruled, Settled, Verdicts, Word
from benchmarks.world import DAY, Chance, World, stamp, uid
from labeling.models import (
    DIGEST,
    Box,
    Identification,
    Pass,
    Region,
    ReviewCase,
    Ruling,
    ShownSuggestion,
    Verdict,
)
from notices.models import Notification
from research.models import DatasetPhoto
from species.models import Measurement, Occurrence, OccurrencePhoto
from species.places import geoprivacy
from species.queries import taxa as taxon_queries

SKIPPED = 500
CONFIDENCE, PASSES = Identification.Confidence.values, Pass.Kind.values
# Id, import batches, and whether it is trusted.
Source = tuple[str, list[str], bool]


@dataclass(slots=True)
class Sighting:
    """What its rows are made from. Moments are seconds since 1970; `published` is None for a draft."""

    id: str
    observer: str
    batch: str | None
    licence: str
    created: float
    published: float | None
    water: worlds.Water
    taxon: str = ""
    updated: float = 0.0
    shown: bool = False
    floors: dict[str, str] = field(default_factory=dict)
    photos: list[Taken] = field(default_factory=list)
    organisms: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Taken:
    id: str
    sha256: str
    shown: bool
    suggestion: str | None = None
    # The greatest uncertainty of what models say of it; None where none has.
    doubt: float | None = None


class Organisms:
    """Adds rows to `out`, drawn by `random`; both are those of the chunk that is being made."""

    random: Random
    out: dict[Model, list[Row]]

    def __init__(self, world: World) -> None:
        self.world = world
        self._verdicts = Verdicts(world.tree, taxon_queries.protected(world.tree))
        self._labelers = Chance.falling(len(world.people), 0.9)
        self._by_labels = in_order(world, worlds.LABELER)
        self._own_taxa = Chance.falling(8, 1.0)
        self._taxa = worlds.taxon_chance(world)
        self._said = Chance.of([share for share, _ in SAID])
        self._skipped = 0

    def _taxon(self, it: Sighting) -> str:
        """What lives in its water, and now and then anything."""
        everything = self.random.random() < 0.1
        place = (
            self._taxa.draw(self.random) if everything else it.water.taxa[self._own_taxa.draw(self.random)]
        )
        return self.world.taxa[place]

    def organism(
        self, it: Sighting, photos: list[Taken], source: Source | None, said: str | None = None
    ) -> Settled | None:
        random, id = self.random, uid(self.random)
        if said is None:
            imported = random.choices(IMPORTED, cum_weights=(80, 100))[0][1]
            said = imported if source else SAID[self._said.draw(random)][1]
        taxon = it.taxon if photos is it.photos else self._taxon(it)
        words, people, withdrawn, last = self._speak(it, id, photos, taxon, said)
        ruled, by = self._rule(it, id, words, source, last)
        settled = self._verdicts.of(tuple(words), ruled) if words else None
        level, rule = "open", ""
        if settled:
            named = withdrawn.union(word.taxon for word in words)
            level, rule = self._verdicts.floor(settled.taxon, ruled is not None, named)
        if rule:
            it.floors[rule] = geoprivacy.strictest(level, it.floors.get(rule, level))
        agreement = settled and {
            "ruled": ruled is not None,
            "ruled_by": dashed(by) if ruled else "",
            "agreeing": sorted(dashed(people[each]) for each in settled.agreeing),
            "disagreeing": sorted(dashed(people[each]) for each in settled.disagreeing),
        }
        agreed = settled.taxon and digits(settled.taxon) if settled else None
        self.out[Occurrence].append(
            {
                "id": id,
                "observation_id": it.id,
                "organism_id": "",
                "agreed_taxon_id": agreed,
                "exported_taxon_id": digits(settled.exported) if settled and settled.exported else None,
                "status": settled.status if settled else "needs_id",
                "settled_at": stamp(last) if settled else None,
                "place_floor": level,
                "place_floor_rule": rule,
                "agreement": agreement and json.dumps(agreement),
                "created": stamp(it.created + 5),
                "listed_at": stamp(it.published or it.created),
                "listed": it.published is not None,
                "shown": any(photo.shown for photo in photos),
                "doubt": max((photo.doubt for photo in photos if photo.suggestion), default=1.0),
                "last_said": stamp(last if words else 0.0),
                "unclear": False,
                "counted": None,
            }
        )
        it.organisms.append(self.out[Occurrence][-1])
        if settled:
            self.out[Verdict].append(
                {
                    "occurrence_id": id,
                    "status": settled.status,
                    "taxon_id": agreed,
                    "explanation": settled.explanation,
                    "tree_version": self.world.tree.version,
                    "reliability_version": settled.reliability_version,
                    "computed_at": stamp(last),
                }
            )
            it.updated = max(it.updated, last)
            if it.published is not None and settled.status == "verified":
                self._review(id, agreed, last)
        for photo in photos:
            self.out[OccurrencePhoto].append({"occurrence_id": id, "photo_id": photo.id})
        self._extras(it, id, photos, settled, last)
        return settled

    def _review(self, id: str, agreed: str | None, last: float) -> None:
        """Some are a reason for a reviewer to look, of which most are dealt with."""
        # By a chance of its own: all that is drawn after it stays as it was.
        random = Random(f"review {id}")
        if random.random() < 0.03:
            closed = None if random.random() < 0.2 else stamp(last + 3600)
            row = {
                "id": uid(random),
                "occurrence_id": id,
                "queue": random.choice(ReviewCase.Queue.values),
                "taxon_id": agreed,
                "weight": random.random(),
                "details": "{}",
                "created": stamp(last + 60),
                "checked_at": stamp(last + 60),
                "closed_at": closed,
                "closed_by_id": closed and random.choice(self.world.reviewers),
            }
            self.out[ReviewCase].append(row)

    def _speak(
        self, it: Sighting, id: str, photos: list[Taken], taxon: str, said: str
    ) -> tuple[list[Word], list[str], frozenset[str], float]:
        """What stands and by whom, what was taken back, and when the last of it was said."""
        random = self.random
        words: list[Word] = []
        people: list[str] = []
        withdrawn: set[str] = set()
        moment = it.created + 10
        for each in said.split():
            if each[0] == "o":
                person = self.somebody(it.observer, people)
                moment = self.later(max(moment, it.published or 0))
            else:
                person = it.observer
            name = self._named(it, taxon, each[1])
            if random.random() < 0.08:
                before = self._named(it, taxon, "O")
                self._identify(it, id, person, Word(before), None, moment - 5, moment)
                withdrawn.add(before)
            word = Word(name, person == it.observer, taxon if each[2:] == "!" else None, each[2:] == "?")
            seen = photos[0] if each[0] == "o" and photos[0].suggestion and random.random() < 0.25 else None
            self._identify(it, id, person, word, seen, moment, None)
            words.append(word)
            people.append(person)
        return words, people, frozenset(withdrawn), moment

    def _named(self, it: Sighting, taxon: str, which: str) -> str:
        if which == "G":
            return str(next(iter(self.world.tree.ancestors(taxon)), taxon))
        if which == "T":
            return taxon
        here = [self.world.taxa[place] for place in it.water.taxa]
        return next((each for each in here if each != taxon), self.world.taxa[taxon == self.world.taxa[0]])

    def _identify(
        self,
        it: Sighting,
        id: str,
        person: str,
        word: Word,
        seen: Taken | None,
        moment: float,
        withdrawn: float | None,
    ) -> None:
        random = self.random
        self.out[Identification].append(
            {
                "id": uid(random),
                "occurrence_id": id,
                "person_id": person,
                "taxon_id": digits(word.taxon),
                "confidence": random.choice(CONFIDENCE),
                "disagrees_with_id": word.disagrees_with and digits(word.disagrees_with),
                "cannot_improve": word.cannot_improve,
                "note": "Pale halos around the spots." if random.random() < 0.05 else "",
                "suggestion_on_screen_id": seen and seen.suggestion,
                "model_on_screen": worlds.SUGGESTS if seen else "",
                "created": stamp(moment),
                "withdrawn_at": None if withdrawn is None else stamp(withdrawn),
                **in_lists(it, moment),
            }
        )
        if seen:
            shown = {"person_id": person, "photo_digest": seen.sha256[:DIGEST], "source": worlds.SUGGESTS}
            self.out[ShownSuggestion].append({**shown, "created": stamp(moment - 1)})

    def _rule(
        self, it: Sighting, id: str, words: list[Word], source: Source | None, last: float
    ) -> tuple[Ruled | None, str]:
        """Reviewers decide on some of what people disagree about; a trusted source speaks for itself."""
        random = self.random
        if source and source[2]:
            return Ruled(words[0].taxon, worlds.TRUST, trust=True), self.world.cast[worlds.REVIEWER]
        names = {word.taxon for word in words}
        if not words or it.published is None or random.random() > (0.1 if len(names) > 1 else 0.002):
            return None, ""
        reviewer = random.choice(self.world.reviewers)
        if reviewer == it.observer:
            return None, ""
        reason = random.choice(REASONS)
        ruled = Ruled(None if reason == CANNOT_BE_SETTLED else words[0].taxon, reason)
        row = {
            "id": uid(random),
            "occurrence_id": id,
            "source_id": None,
            "taxon_id": ruled.taxon and digits(ruled.taxon),
            "reviewer_id": reviewer,
            "reason": reason,
            "created": stamp(last - 1),
            "withdrawn_at": None,
            **in_lists(it, last - 1),
        }
        self.out[Ruling].append(row)
        if random.random() < 0.1:
            before = {"id": uid(random), "created": stamp(last - 5), "withdrawn_at": stamp(last - 1)}
            self.out[Ruling].append({**row, **before})
        return ruled, reviewer

    def _extras(
        self, it: Sighting, id: str, photos: list[Taken], settled: Settled | None, last: float
    ) -> None:
        random, world = self.random, self.world
        if random.random() < 0.12:
            self.out[Measurement].append(
                {
                    "id": uid(random),
                    "occurrence_id": id,
                    "kind": "total_length",
                    "value": float(random.randint(80, 700)),
                    "unit": "mm",
                    "by_id": it.observer,
                    "created": stamp(it.created + 30),
                }
            )
        if it.published is None:
            return
        if random.random() < 0.06:
            self._boxes(it, id, photos[0], last)
        # As the queue reckons it: what no model has seen is as uncertain as can be.
        doubt = max((photo.doubt for photo in photos if photo.doubt is not None), default=1.0)
        waits = settled is None or settled.status in ("needs_id", "disputed")
        # What the queue asks first, so that whoever passes it over has to be led past all of it.
        if waits and doubt == 1.0 and it.shown and self._skipped < min(SKIPPED, world.size // 100):
            self._skipped += 1
            self._pass(id, world.cast[worlds.SKIPPER], Pass.Kind.SKIP, world.end - 3600)
        elif waits and random.random() < 0.05:
            person = self._by_labels[self._labelers.draw(random)].id
            if person not in (it.observer, world.cast[worlds.SKIPPER]):
                self._pass(id, person, random.choice(PASSES), self.later(it.published or it.created))
        before = world.end - 90 * DAY
        may = settled is not None and settled.status == "verified" and photos[0].shown and last < before
        if may and random.random() < 0.06:
            side = random.choices(("train", "validation", "test"), cum_weights=(70, 85, 100))[0]
            self.out[DatasetPhoto].append(
                {"dataset_id": world.dataset, "photo_id": photos[0].id, "side": side}
            )

    def _pass(self, id: str, person: str, kind: str, moment: float) -> None:
        row = {"id": uid(self.random), "occurrence_id": id, "person_id": person, "kind": kind}
        self.out[Pass].append({**row, "created": stamp(moment), "withdrawn_at": None})

    def _boxes(self, it: Sighting, id: str, photo: Taken, last: float) -> None:
        random = self.random
        drawn = {
            "occurrence_id": id,
            "photo_id": photo.id,
            "x": round(random.uniform(0.05, 0.3), 4),
            "y": round(random.uniform(0.05, 0.3), 4),
            "width": round(random.uniform(0.2, 0.6), 4),
            "height": round(random.uniform(0.2, 0.6), 4),
        }
        people = [it.observer, self.somebody(it.observer, [])][: random.choice((1, 1, 2))]
        for person in people:
            taken_back = stamp(last) if random.random() < 0.05 else None
            row = {"id": uid(random), **drawn, "person_id": person, "created": stamp(it.created + 60)}
            self.out[Box].append({**row, "withdrawn_at": taken_back, **in_lists(it, it.created + 60)})
        if len(people) > 1:
            self.out[Region].append({"id": uid(random), **drawn, "created": stamp(it.created + 61)})

    def notice(self, it: Sighting, settled: Settled | None) -> None:
        random = self.random
        if settled is None or it.batch or random.random() > 0.2:
            return
        self.out[Notification].append(
            {
                "id": uid(random),
                "user_id": it.observer,
                "kind": "sighting",
                "text": "2 people named your sighting.",
                "url": f"/sightings/{dashed(it.id)}",
                "about": f"observation:{dashed(it.id)}",
                "created": stamp(it.updated),
                "read_at": stamp(it.updated + 1) if random.random() < 0.8 else None,
            }
        )

    def somebody(self, observer: str, others: list[str]) -> str:
        while True:
            person = self._by_labels[self._labelers.draw(self.random)].id
            if person != observer and person not in others:
                return person

    def later(self, moment: float) -> float:
        """Days after that, and before the end."""
        left = self.world.end - 60 - moment
        return moment + max(1.0, min(self.random.expovariate(1 / (6 * DAY)), left * self.random.random()))


def in_order(world: World, cast: str) -> list[worlds.Person]:
    """People from who does most to who does least: whoever plays that part first, the ordinary one in the middle."""
    played = {id: name for name, id in world.cast.items()}
    last = (worlds.SKIPPER, worlds.SMALL, worlds.ADMIN, worlds.REVIEWER)
    places = {cast: 0.0, worlds.CONTRIBUTOR: len(world.people) / 2, **dict.fromkeys(last, float("inf"))}
    numbered = enumerate(world.people, start=1)
    ordered = sorted(numbered, key=lambda each: places.get(played.get(each[1].id, ""), each[0]))
    return [person for _, person in ordered]


def in_lists(it: Sighting, moment: float) -> Row:
    """As `labeling.actions.listing` puts what is said into lists."""
    return {"listed_at": stamp(max(moment, it.published or 0.0)), "shown": it.shown}


def digits(id: str) -> str:
    return id.replace("-", "")


def dashed(id: str) -> str:
    return f"{id[:8]}-{id[8:12]}-{id[12:16]}-{id[16:20]}-{id[20:]}"
