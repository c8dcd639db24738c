"""Whatever people say and unsay, in whatever order: no act of a stranger lets anybody know a place more exactly.

Every public door is asked after every act: pages, filters, counts, API, manifest and export.
"""

import json
import re
from contextlib import suppress
from datetime import date

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from labeling.actions import identifications, rulings
from labeling.models import Identification, Ruling
from research.exports import FORMATS
from research.manifest import store
from species.actions import observations
from species.models import Observation, Occurrence, Taxon
from tests import universe
from tests.conftest import person
from tests.research.building import freeze, opened

LATITUDE, LONGITUDE, POOL = 48.123456, -113.654321, "Cedar pool"
BEFORE, BEND = (48.234567, -113.765432), "Alder bend"
EXACT, SQUARE, NOTHING = 2, 1, 0
# Each is somewhere: in degrees of four and more decimals, or by the name of a pool.
TELLING = ("48.123", "113.654", "-113.65432", POOL)
FORMER = ("48.234", "113.765", BEND)
LABELS = {
    "brown_trout": EXACT,
    "river_trout": EXACT,
    "salvelinus": EXACT,
    "brook_trout": EXACT,
    "bull_trout": SQUARE,
    "old_bull": SQUARE,
    "brook_bull": SQUARE,
    "huchen": NOTHING,
}
STRANGERS = ("bob", "charlie", "dora", "rita")


# "09.877123" of a second would pass for a degree.
TIME_OF_DAY = re.compile(r"\d\d:\d\d:\d\d(\.\d+)?")


class _Undo(Exception):
    pass


@pytest.fixture
def people(alice, bob, charlie, rita, db):
    return {"alice": alice, "bob": bob, "charlie": charlie, "rita": rita,
            "dora": person("Dora"), "ada": person("Ada", "admin")}  # fmt: skip


@pytest.fixture
def sighting(people, tree) -> Observation:
    bull, brook = tree["bull_trout"], tree["brook_trout"]
    Taxon.objects.create(scientific_name="Salvelinus old", rank="species", label="old_bull", synonym_of=bull)
    Taxon.objects.create(
        scientific_name="S. × bull", rank="hybrid", label="brook_bull", parent=brook, second_parent=bull
    )
    pool = universe.place(name=POOL, latitude=LATITUDE, longitude=LONGITUDE, uncertainty_m=20)
    bend = universe.place(name=BEND, latitude=BEFORE[0], longitude=BEFORE[1], uncertainty_m=20)
    sighting = universe.sighting(
        people["alice"], latitude=BEFORE[0], longitude=BEFORE[1], uncertainty_m=8, privacy="open", place=bend,
        local_date=date(2020, 5, 1),
    )  # fmt: skip
    # So that there is a history, of which no more may be told than of the place itself.
    moved = {"latitude": LATITUDE, "longitude": LONGITUDE, "place": pool}
    return observations.describe(observation=sighting, by=people["alice"], **moved)


def box(latitude: float, longitude: float) -> str:
    return f"{longitude - 1e-4},{latitude - 1e-4},{longitude + 1e-4},{latitude + 1e-4}"


def words(answer) -> str:
    return TIME_OF_DAY.sub("", answer.content.decode())


def within(client, name: str, found) -> int:
    """What a search in two tiny boxes tells: one around the true place, one around the square's middle."""
    answers = [
        found(client.get(reverse(name), {"bbox": box(*point)}))
        for point in ((LATITUDE, LONGITUDE), (48.15, -113.65))
    ]
    return EXACT if answers[0] else SQUARE if answers[1] else NOTHING


def doors(sighting: Observation, person=None) -> dict[str, int]:
    """Door to how much of the place it tells."""
    client = Client()
    if person is not None:
        client.force_login(person)
    occurrence = sighting.occurrences.get()
    texts = [
        words(client.get(address))
        for address in (
            reverse("observation", args=[sighting.pk]),
            reverse("gallery"),
            reverse("home"),
            reverse("taxa"),
            *(reverse("taxon", args=[label]) for label in ("brown_trout", "bull_trout", "salmonidae")),
            reverse("api-observation-detail", args=[sighting.pk]),
            reverse("api-observation-list"),
            reverse("api-occurrence-detail", args=[occurrence.pk]),
            reverse("api-occurrence-list"),
            reverse("api-identification-list"),
            reverse("api-photo-detail", args=[sighting.photos.get().pk]),
            reverse("ogc-observation-list"),
            reverse("ogc-occurrence-list"),
            reverse("ogc-occurrence-detail", args=[occurrence.pk]),
            reverse("api-observation-history", args=[sighting.pk]),
        )
    ]
    place = json.loads(texts[7])["place"]
    told = {
        "api": NOTHING if place is None else SQUARE if place["generalized"] else EXACT,
        "page": EXACT if "48.1235" in texts[0] else SQUARE if "48.15, -113.65" in texts[0] else NOTHING,
        "boxes of the page": within(client, "gallery", lambda answer: answer.context["counts"].total == 1),
        "boxes of the API": within(client, "api-observation-list", lambda answer: answer.json()["results"]),
        "maps": level(json.loads(texts[-2])),
        "boxes of maps": within(client, "ogc-occurrence-list", lambda answer: answer.json()["features"]),
    }
    for asked in ({"place": POOL}, {"q": POOL}):
        found = client.get(reverse("gallery"), asked).context["counts"].total
        assert bool(found) == (told["api"] == EXACT), (asked, told)
    if told["api"] != EXACT:
        assert not [word for word in (*TELLING, *FORMER) for text in texts if word in text]
    told |= history(json.loads(texts[-1])["results"], told["api"])
    assert len(set(told.values())) == 1, told
    return told


def level(feature: dict) -> int:
    """What a feature of a map tells."""
    if feature["geometry"] is None:
        return NOTHING
    return EXACT if feature["geometry"]["coordinates"] == [LONGITUDE, LATITUDE] else SQUARE


def history(rows: list[dict], now: int) -> dict[str, int]:
    """The least that an edit tells of a place that was open when it stood: as much as is told of the present one."""
    levels = {"exact": EXACT, "generalized": SQUARE, "withheld": NOTHING}
    sides = [(row[side], side) for row in rows for side in ("before", "after") if row[side].get("place")]
    assert all(levels[said["place"]["shown"]] <= now for said, _ in sides)
    return {f"{side} an edit": levels[said["place"]["shown"]] for said, side in sides}


def frozen(sighting: Observation, by) -> int | None:
    """The same of a dataset's files, where there is one."""
    dataset = freeze(by)
    if dataset.state != "frozen":
        return None
    content = store.read(dataset)
    place = content["observations"][0]["place"]
    table = opened(FORMATS["csv"].write(content)).read("photos.csv").decode()
    level = NOTHING if place is None else EXACT if place["latitude"] == LATITUDE else SQUARE
    if level != EXACT:
        assert not [word for word in TELLING if word in table + json.dumps(content)]
    return level


def act(people, who: str, what: str, sighting: Observation) -> None:
    occurrence = sighting.occurrences.get()
    if what == "withdraw":
        own = Identification.objects.filter(
            occurrence=occurrence, person=people[who], withdrawn_at=None
        ).first()
        if own is not None:
            identifications.withdraw(identification=own, by=people[who])
    elif what == "not bull":
        taxon, rejected = (Taxon.objects.get(label=label) for label in ("salmonidae", "bull_trout"))
        identifications.add(occurrence=occurrence, taxon=taxon, disagrees_with=rejected, by=people[who])
    else:
        taxon = Taxon.objects.get(label=what)
        identifications.add(occurrence=occurrence, taxon=taxon, by=people[who])


def allowed() -> int:
    """By what stands alone, whatever became of it before."""
    standing = Identification.objects.filter(withdrawn_at=None).values_list("taxon__label", flat=True)
    return min((LABELS.get(label, EXACT) for label in standing), default=EXACT)


said = st.tuples(st.sampled_from(("alice", *STRANGERS)), st.sampled_from([*LABELS, "not bull", "withdraw"]))


@given(acts=st.lists(said, min_size=1, max_size=6))
@example(
    acts=[("bob", "bull_trout"), ("bob", "withdraw"), ("charlie", "brown_trout"), ("dora", "brown_trout")]
)
@example(acts=[("alice", "brown_trout"), ("bob", "brown_trout"), ("charlie", "old_bull"), ("charlie", "withdraw"),
               ("bob", "brown_trout"), ("alice", "brown_trout"), ("charlie", "brook_bull")])  # fmt: skip
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_act_of_a_stranger_makes_an_answer_finer(people, sighting, acts):
    with suppress(_Undo), transaction.atomic():
        before = EXACT
        for who, what in acts:
            act(people, who, what, sighting)
            told = doors(sighting)["api"]
            assert told <= allowed(), (who, what)
            if who != "alice":
                assert told <= before, (who, what)
            before = told
        assert doors(sighting, people["bob"])["api"] == before
        assert frozen(sighting, people["ada"]) in (None, before)
        raise _Undo


@given(
    acts=st.lists(said, max_size=4), ruled=st.sampled_from([*LABELS, None]), then=st.lists(said, max_size=3)
)
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_ruling_decides_and_leaves_no_trace_when_it_is_taken_back(people, sighting, acts, ruled, then):
    with suppress(_Undo), transaction.atomic():
        for who, what in acts:
            act(people, who, what, sighting)
        before = doors(sighting)["api"]
        taxon = Taxon.objects.get(label=ruled) if ruled else None
        rulings.rule(
            occurrence=Occurrence.objects.get(),
            taxon=taxon,
            reason="Seen.",
            by=people["ada"],
            confirmed=True,
        )
        told = doors(sighting)["api"]
        assert told <= LABELS.get(ruled, EXACT)
        if ruled in ("brown_trout", "brook_trout"):
            assert told == EXACT
        for who, what in then:
            if who != "alice":
                act(people, who, what, sighting)
                assert (now := doors(sighting)["api"]) <= told
                told = now
        rulings.withdraw(ruling=Ruling.objects.get(), by=people["ada"])
        assert doors(sighting)["api"] <= before
        raise _Undo


def test_the_owners_own_choice_is_never_made_finer(people, sighting):
    observations.describe(observation=sighting, by=people["alice"], privacy="private")
    for who in ("alice", "bob", "charlie"):
        act(people, who, "brown_trout", sighting)
    assert doors(sighting)["api"] == frozen(sighting, people["ada"]) == NOTHING


def read(sighting: Observation) -> str:
    """What a stranger reads of its history, on the page and from the API."""
    client = Client()
    answers = [
        client.get(reverse(name, args=[sighting.pk])) for name in ("observation", "api-observation-history")
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    return "".join(words(answer) for answer in answers)


edited = st.one_of(
    st.tuples(st.just("privacy"), st.sampled_from(("open", "generalized", "private"))),
    st.tuples(st.just("move"), st.sampled_from((0, 1, 2, 3))),
    st.tuples(st.just("name"), st.sampled_from(("bull_trout", "huchen", "brown_trout"))),
)
SPOTS = [(47.111222, 11.222333), (47.333444, 11.444555), (46.555666, 10.666777), (40.123456, 9.876543)]


@given(edits=st.lists(edited, min_size=1, max_size=6))
@example(edits=[("privacy", "private"), ("move", 0), ("privacy", "open"), ("move", 1), ("privacy", "open")])
@example(edits=[("move", 0), ("move", 1), ("name", "huchen"), ("move", 2)])
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_history_tells_more_of_a_place_than_was_told_while_it_stood_or_is_told_now(people, tree, edits):
    """Each spot is said exactly only if it was open to everybody once, and everything is open now."""
    with suppress(_Undo), transaction.atomic():
        sighting = universe.sighting(
            people["alice"], latitude=SPOTS[3][0], longitude=SPOTS[3][1], privacy="generalized"
        )
        open_once: set[int] = set()
        for what, value in edits:
            if what == "privacy":
                observations.describe(observation=sighting, by=people["alice"], privacy=value)
            elif what == "move":
                latitude, longitude = SPOTS[value]
                observations.describe(
                    observation=sighting, by=people["alice"], latitude=latitude, longitude=longitude
                )
            else:
                act(people, "bob", value, sighting)
            sighting.refresh_from_db()
            spots = [(sighting.latitude, sighting.longitude) == spot for spot in SPOTS]
            if sighting.place_shown == "exact" and any(spots):
                open_once.add(spots.index(True))
            text = read(sighting)
            for number, (latitude, longitude) in enumerate(SPOTS):
                said = any(f"{each:.3f}"[:6] in text for each in (latitude, longitude))
                assert not said or (number in open_once and sighting.place_shown == "exact")
        raise _Undo
