import hashlib
import json
from collections import Counter
from dataclasses import replace
from datetime import date, datetime
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from research.splits.folds import grouped_folds
from research.splits.items import KINDS, SIDES, Item, anchor
from research.splits.sides import Shares, leaks, needs_kfold, place, side_of, split
from species.images.perceptual import NEAR

# A busy machine is slow, not wrong.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")


def item(photo: str, **told) -> Item:
    """A photo of its own sighting, day and look, unless told otherwise."""
    digest = hashlib.sha256(photo.encode()).hexdigest()
    plain = {
        "occurrence": f"{photo} fish",
        "observation": f"{photo} sighting",
        "observer": f"{photo} person",
        "local_day": "2024-06-01",
        "cell": None,
        "trip": None,
        "organism_id": None,
        "phash": digest[:16],
        "label": "brown_trout",
        "sha256": digest,
    }
    return Item(photo=photo, **(plain | told))


def found_on(side: str, salt: str = "salt", shares: Shares = Shares(), nth: int = 0) -> Item:  # noqa: B008
    """The nth of item("0"), item("1"), … that lies on the side."""
    found = (
        each for n in range(10_000) if side_of(place(salt, anchor(each := item(str(n)))), shares) == side
    )
    for _ in range(nth):
        next(found)
    return next(found)


@st.composite
def libraries(draw, smallest: int = 0) -> list[Item]:
    """Sightings of few people, days, cells, trips and individuals, with looks that run into each other."""
    look = st.integers(0, 3).flatmap(
        lambda base: st.lists(st.integers(0, 63), max_size=6).map(
            lambda bits: base * 0x1111_0F0F_3333_5555 ^ sum(1 << bit for bit in set(bits))
        )
    )
    items = []
    for at in range(draw(st.integers(smallest, 14))):
        sighting = {
            "observation": f"sighting {at}",
            "observer": draw(st.sampled_from([None, "ann", "ben"])),
            "local_day": draw(st.sampled_from([None, "", "2024-06-01", date(2024, 6, 1), "2024-06-02"])),
            "cell": draw(st.sampled_from([None, "", "871e1", "871e2", "871e3"])),
            "trip": draw(st.sampled_from([None, "", "trip 1", "trip 2"])),
        }
        for frame in range(draw(st.integers(1, 2))):
            photo = f"photo {at}.{frame}"
            phash = draw(st.none() | look.map(lambda bits: f"{bits % 2**64:016x}"))
            sha256 = draw(st.sampled_from([f"{at}.{frame}", f"{at}.{frame}", "the same file"]))
            for organism in range(draw(st.integers(1, 2))):
                items.append(
                    Item(
                        photo=photo,
                        occurrence=f"fish {at}.{organism}",
                        organism_id=[None, "", "spot", f"tag {at % 3}"][(at + organism) % 4],
                        label=["brown", "chub", "perch"][(at * 2 + organism) % 3],
                        phash=phash,
                        sha256=sha256,
                        **sighting,
                    )
                )
    return items


shares = st.sampled_from([Shares(), Shares(0.3, 0.3), Shares(0.5, 0.5), Shares(0.4, 0.2)])
salts = st.sampled_from(["salt", "pepper", ""])


def linked(one: Item, other: Item) -> set[str]:
    """The links between two photos, by the plainest reading of the rule."""
    kinds = set()
    days = {str(one.local_day or ""), str(other.local_day or "")}
    if one.trip and one.trip == other.trip and len(days) == 1 and days != {""}:
        kinds.add("trip_day")
    if one.organism_id and one.organism_id == other.organism_id:
        kinds.add("individual")
    near = one.phash and other.phash and (int(one.phash, 16) ^ int(other.phash, 16)).bit_count() <= NEAR
    if near or one.sha256 == other.sha256:
        kinds.add("near_duplicate")
    return kinds


# The side


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"cell": "871e1"}, ("cell", "871e1", "2024-06-01")),
        ({"cell": "871e1", "local_day": date(2024, 6, 1)}, ("cell", "871e1", "2024-06-01")),
        ({"cell": "871e1", "local_day": datetime(2024, 6, 1, 17, 3)}, ("cell", "871e1", "2024-06-01")),
        ({}, ("observer", "a person", "2024-06-01")),
        ({"cell": ""}, ("observer", "a person", "2024-06-01")),
        ({"observer": None}, ("observation", "a sighting")),
        ({"local_day": None}, ("observation", "a sighting")),
        ({"local_day": None, "cell": "871e1"}, ("observation", "a sighting")),
    ],
)
def test_the_anchor_is_the_rough_place_and_day_as_far_as_they_are_known(told, expected):
    assert anchor(item("a", **told)) == expected


def test_the_place_on_the_line_never_changes():
    """Published splits rest on these numbers: another hash would move photos out of test."""
    assert place("salt", ("cell", "871e1", "2024-06-01")) == pytest.approx(0.2962606, abs=1e-7)
    assert place("", ("observation", "é")) == pytest.approx(0.3819580, abs=1e-7)
    assert place("a", ("b", "c")) != place("a", ("bc",)) != place("ab", ("c",))


def test_places_are_spread_evenly():
    found = [place("salt", ("observation", str(n))) for n in range(4000)]
    assert all(0 <= u < 1 for u in found)
    assert all(abs(count - 400) < 80 for count in Counter(int(u * 10) for u in found).values())


def test_the_lowest_are_test_then_validation():
    assert [side_of(u, Shares()) for u in (0, 0.149, 0.15, 0.299, 0.3, 0.999)] == [
        "test", "test", "validation", "validation", "train", "train",
    ]  # fmt: skip
    assert side_of(0, Shares(0, 0)) == "train"
    assert side_of(0.99999, Shares(1, 0)) == "test"


@given(st.floats(0, 1, exclude_max=True), st.floats(0, 0.5), st.floats(0, 0.5), st.floats(0, 0.5))
def test_a_larger_test_share_moves_nothing_out_of_test(u, smaller, more, validation):
    if side_of(u, Shares(smaller, validation)) == "test":
        assert side_of(u, Shares(smaller + more, 0)) == "test"


@pytest.mark.parametrize("wrong", [(-0.1, 0.5), (0.6, 0.5), (0.5, -0.1), (float("nan"), 0.1)])
def test_shares_that_are_none(wrong):
    with pytest.raises(ValueError, match="between 0 and 1"):
        Shares(*wrong)


# Links


LINKS = {
    "trip_day": {"trip": "trip 1"},
    "individual": {"organism_id": "spot"},
    "near_duplicate": {"phash": "00000000000000ff"},
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("sides", "lost"),
    [
        (("test", "train"), {"train"}),
        (("test", "validation"), {"validation"}),
        (("validation", "train"), {"train"}),
        (("test", "validation", "train"), {"validation", "train"}),
        (("train", "train"), set()),
    ],
)
def test_a_link_between_sides_drops_the_lesser_copy(kind, sides, lost):
    items = [replace(found_on(side, nth=at), **LINKS[kind]) for at, side in enumerate(sides)]
    done = split(items, "salt")
    assert {link.side for link in done.dropped} == lost
    assert {link.reason for link in done.dropped} <= {kind}
    assert len(done.side) == len(items) - len(lost)
    for link in done.dropped:
        # The partner named is on the side that matters most.
        assert link.other_side == sides[0]
        assert link.other in {each.photo for each in items} - {link.photo}
    assert done.report()["dropped_by"][kind] == len(lost)


def test_it_takes_the_same_day_of_a_trip_and_four_bits():
    train, test = found_on("train"), found_on("test")
    yesterday = [replace(train, trip="camera 1"), replace(test, trip="camera 1", observer=None, cell="x")]
    for other_day in ("2024-06-01", "2024-05-31"):
        items = [yesterday[0], replace(yesterday[1], local_day=other_day)]
        salt = next(
            salt for salt in map(str, range(999))
            if {side_of(place(salt, anchor(each)), Shares()) for each in items} == {"train", "test"}
        )  # fmt: skip
        assert bool(split(items, salt).dropped) == (other_day == "2024-06-01")
    for phash, near in (("000000000000000f", True), ("000000000000001f", False), (None, False), ("", False)):
        done = split([replace(train, phash=phash), replace(test, phash="0" * 16)], "salt")
        assert bool(done.dropped) == near


def test_the_same_file_is_a_near_duplicate_without_any_hash():
    items = [replace(found_on(side), sha256="ab", phash=None) for side in ("test", "train")]
    (link,) = split(items, "salt").dropped
    assert (link.reason, link.side, link.other) == ("near_duplicate", "train", items[0].photo)


@pytest.mark.parametrize("unknown", [None, ""])
def test_an_unknown_trip_or_individual_links_nothing(unknown):
    items = [replace(found_on(side), trip=unknown, organism_id=unknown) for side in ("test", "train")]
    assert split(items, "salt").dropped == ()
    dayless = [replace(each, trip="trip 1", local_day=unknown) for each in items]
    assert leaks(dayless, {dayless[0].photo: 0, dayless[1].photo: 1}) == []


def test_every_kind_that_drops_a_photo_is_listed():
    items = [
        replace(found_on(side), **LINKS["trip_day"], **LINKS["individual"], **LINKS["near_duplicate"])
        for side in ("test", "train")
    ]
    done = split(items, "salt")
    assert [link.reason for link in done.dropped] == sorted(KINDS)
    assert done.report()["dropped"] == 1
    assert done.report()["dropped_by"] == dict.fromkeys(KINDS, 1)
    assert done.report()["dropped_from"] == {"validation": 0, "train": 1}


def test_a_photo_of_two_organisms_goes_as_one():
    test, train = found_on("test"), found_on("train")
    second = replace(train, occurrence="second fish", organism_id="spot", label="chub")
    done = split([replace(test, organism_id="spot"), train, second], "salt")
    assert set(done.side) == {test.photo}
    assert done.test_groups == {"brown_trout": 1, "chub": 0}


def test_groups_are_anchors_numbered_by_content():
    frames = [item(name, observer="ann") for name in ("a", "b")] + [item("c")]
    done = split(frames, "salt")
    first = min(frames, key=lambda each: each.sha256)
    assert done.group[first.photo] == "g0001"
    assert done.group["a"] == done.group["b"] != done.group["c"]
    assert set(done.group.values()) == {"g0001", "g0002"}


def test_more_than_9999_groups_still_sort_as_text():
    done = split([item(str(n), phash=None) for n in range(10_001)], "salt")
    assert {len(name) for name in done.group.values()} == {6}


def test_random_sides_leak_and_the_report_says_how():
    """What splitting photo by photo would have done: frames of one sighting on both sides."""
    frames = [
        replace(item(str(n)), observation="one", observer="ann", phash=f"{1 << n:016x}") for n in range(4)
    ]
    found = leaks(frames, {"0": "test", "1": "train", "2": "train"})
    assert {(link.photo, link.reason) for link in found} == {
        ("1", "group"), ("1", "near_duplicate"), ("2", "group"), ("2", "near_duplicate"),
    }  # fmt: skip
    assert split(frames, "salt").leaks() == []


def test_the_report_is_json_and_its_numbers_add_up():
    items = [item(str(n), phash=f"{n % 50:016x}") for n in range(300)]
    done = split(items, "salt")
    report = json.loads(json.dumps(done.report()))
    assert report == done.report()
    assert sum(report["photos"].values()) + report["dropped"] == 300
    assert report["dropped"] == sum(report["dropped_from"].values()) > 0
    assert report["groups"] == report["photos"]
    assert report["leaks"] == 0
    assert report["test_groups"] == {"brown_trout": report["groups"]["test"]}


def test_cross_validation_is_needed_until_every_label_has_ten_test_groups():
    test = [found_on("test", nth=n) for n in range(10)]
    assert not needs_kfold(split(test, "salt"))
    assert needs_kfold(split(test[:9], "salt"))
    assert not needs_kfold(split(test[:9], "salt"), minimum=9)
    chub = replace(found_on("train"), label="chub")
    assert needs_kfold(split([*test, chub], "salt"))
    # Ten photos of one group are one group.
    assert needs_kfold(split([replace(each, observer="ann") for each in test], "salt"))
    assert needs_kfold(split([], "salt"))


# Bad input


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"photo": "a", "occurrence": "z", "sha256": "another"}, "Photo a is told in two ways"),
        ({"photo": "a", "occurrence": "z", "observation": "another"}, "Photo a is told in two ways"),
        ({"observation": "a sighting", "occurrence": "z", "cell": "871e1"}, "Observation a sighting"),
        ({"observation": "a sighting", "observer": "a person", "label": "chub"}, "Occurrence a fish"),
        ({"photo": "a"}, "Photo a comes twice with the same occurrence"),
    ],
)
def test_items_that_contradict_each_other_are_refused_by_name(other, says):
    first = item("a")
    with pytest.raises(ValueError, match=says):
        split([first, replace(item(other.get("photo", "b")), **({"occurrence": "a fish"} | other))], "salt")


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"phash": "xyz"}, "Photo a has the perceptual hash 'xyz'"),
        ({"phash": "f" * 17}, "16 hex digits"),
        ({"phash": "ff"}, "16 hex digits"),
        ({"phash": "-" + "f" * 15}, "16 hex digits"),
        ({"sha256": ""}, "Photo a has no sha256"),
        ({"local_day": "June"}, "a sighting has the day 'June'"),
    ],
)
def test_values_that_cannot_be_are_refused_by_name(told, says):
    with pytest.raises(ValueError, match=says):
        split([item("a", **told)], "salt")


# Properties


@given(libraries(), salts, shares, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(items, salt, shares, random):
    shuffled = items.copy()
    random.shuffle(shuffled)
    one, other = split(items, salt, shares), split(shuffled, salt, shares)
    assert (one.side, one.group, one.dropped) == (other.side, other.group, other.dropped)
    assert list(one.side) == list(other.side)
    assert one.report() == other.report()


@given(libraries(), libraries(), salts, shares)
def test_photos_that_come_later_move_no_photo_to_another_side(before, after, salt, shares):
    later = [
        replace(
            each,
            photo=f"later {each.photo}",
            observation=f"later {each.observation}",
            occurrence=f"later {each.occurrence}",
        )
        for each in after
    ]
    one, other = split(before, salt, shares), split([*before, *later], salt, shares)
    for photo, side in other.side.items():
        assert one.side.get(photo, side) == side
    # What was dropped stays dropped: a photo does not come back into training because its partner went.
    assert not {link.photo for link in one.dropped} & set(other.side)


@given(libraries(), salts, shares)
def test_no_link_survives_and_nothing_is_dropped_without_one(items, salt, shares):
    done = split(items, salt, shares)
    assert done.leaks() == []
    raw = {each.photo: side_of(place(salt, anchor(each)), shares) for each in items}
    lost: set[tuple[str, str]] = set()
    for one, other in combinations(items, 2):
        for kind in linked(one, other):
            if raw[one.photo] != raw[other.photo]:
                lesser = max(one, other, key=lambda each: SIDES.index(raw[each.photo]))
                lost.add((lesser.photo, kind))
    assert {(link.photo, link.reason) for link in done.dropped} == lost
    assert set(done.side) == set(raw) - {photo for photo, _ in lost}
    assert len(done.dropped) == len(lost)
    for link in done.dropped:
        assert (raw[link.photo], raw[link.other]) == (link.side, link.other_side)
        # Of several partners the one named is on the side that matters most, then the first by content.
        partners = [
            (SIDES.index(raw[other.photo]), other.sha256, other.photo)
            for one in items
            for other in items
            if one.photo == link.photo and link.reason in linked(one, other)
        ]
        assert link.other == min(partners)[2]


@given(libraries(), salts, shares)
def test_test_neither_gains_nor_loses_by_dropping(items, salt, shares):
    done = split(items, salt, shares)
    drawn = {each.photo for each in items if side_of(place(salt, anchor(each)), shares) == "test"}
    assert {photo for photo, side in done.side.items() if side == "test"} == drawn


@given(libraries(), salts)
def test_from_70_15_15_to_70_30_nothing_leaves_test(items, salt):
    three, two = split(items, salt, Shares(0.15, 0.15)), split(items, salt, Shares(0.30, 0))
    assert {photo for photo, side in three.side.items() if side == "test"} <= {
        photo for photo, side in two.side.items() if side == "test"
    }
    assert {p for p, side in two.side.items() if side == "train"} == {
        p for p, side in three.side.items() if side == "train"
    }


@given(libraries(), salts, shares)
def test_photos_of_one_sighting_stay_together(items, salt, shares):
    done = split(items, salt, shares)
    homes: dict = {}
    for each in items:
        if each.photo in done.side:
            home = done.side[each.photo], done.group[each.photo]
            assert homes.setdefault(each.observation, home) == home


# Folds


@settings(max_examples=60)
@given(libraries(smallest=2), st.integers(2, 4), st.randoms(use_true_random=False))
def test_folds_hold_every_photo_once_and_no_link_crosses(items, k, random):
    try:
        folds = grouped_folds(items, k)
    except ValueError as error:
        assert "groups" in str(error)
        return
    assert set(folds.fold) == {each.photo for each in items}
    assert set(folds.fold.values()) == set(range(k))
    assert leaks(items, folds.fold) == []
    for one, other in combinations(items, 2):
        if linked(one, other) or anchor(one) == anchor(other):
            assert folds.fold[one.photo] == folds.fold[other.photo]
            assert folds.group[one.photo] == folds.group[other.photo]
    random.shuffle(items)
    assert grouped_folds(items, k) == folds


def test_folds_share_out_every_label():
    items = [item(str(n), label=f"label {n % 3}") for n in range(60)]
    folds = grouped_folds(items, 5)
    spread = Counter((folds.fold[each.photo], each.label) for each in items)
    assert set(spread.values()) == {4}
    assert folds.class_groups == {"label 0": 20, "label 1": 20, "label 2": 20}
    assert folds.largest == pytest.approx(1 / 60)


def test_one_large_group_gets_a_fold_nearly_to_itself():
    items = [item(f"video {n}", observer="ann") for n in range(30)] + [item(str(n)) for n in range(30)]
    folds = grouped_folds(items, 3)
    assert folds.largest == 0.5
    assert Counter(folds.fold.values()) == {0: 30, 1: 15, 2: 15}


def test_too_few_groups_or_folds_say_so():
    same = [item(str(n), observer="ann") for n in range(9)]
    with pytest.raises(ValueError, match="5 folds need at least 5 groups that show different things, not 1"):
        grouped_folds(same)
    with pytest.raises(ValueError, match="at least 2 folds, not 1"):
        grouped_folds(same, 1)
