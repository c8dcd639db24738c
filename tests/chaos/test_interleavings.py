"""People at one sighting at the same moment, in every order that chance brings: what stands decides."""

import random
import threading
import time

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.http import Http404
from django.utils import timezone

from accounts import actions as accounts
from labeling.actions import boxes, drafts, identifications, queue, rulings, verdicts
from labeling.imports import run as run_imports
from labeling.models import Identification, Ruling, Suggestion
from labeling.queries import identifications as identifications_queries
from labeling.queries import rulings as rulings_queries
from species.actions import observations, occurrences, photos
from species.models import Observation, Occurrence, Photo, Privacy
from tests import universe
from tests.chaos.standing import differences
from tests.labeling.browsing import guess

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both]

# What a page answers with a sentence, each where it is documented; anything else would be a 500.
REFUSALS = (ValidationError, PermissionDenied, Http404)
PAUSE = 0.004  # seconds at most, about as long as one action takes
NAMES = ["brown_trout", "rainbow_trout", "cutbow", "bull_trout", "salmo", "salmonidae"]


@pytest.fixture
def rounds(full) -> int:
    return 200 if full else 20


def at_once(*everybody) -> None:
    """Run all of these, each in a thread and on a connection of its own; raises what is no refusal."""
    start = threading.Barrier(len(everybody))
    failures: list[BaseException] = []

    def run(work):
        try:
            start.wait(30)
            work()
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in everybody]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads), "They wait for each other for good."
    if failures:
        raise failures[0]


def steps(chance: random.Random, *choices):
    """A thread's work: a few of `choices`, each after a short pause; refusals are answers, too."""
    chosen = [chance.choice(choices) for _ in range(chance.randint(2, 4))]
    pauses = [chance.uniform(0, PAUSE) for _ in chosen]

    def work():
        for step, pause in zip(chosen, pauses, strict=True):
            time.sleep(pause)
            try:
                step()
            except REFUSALS:
                continue

    return work


def identifies(chance: random.Random, tree, occurrence, person):
    label = chance.choice(NAMES)
    rejects = tree["brown_trout"] if label == "salmonidae" and chance.random() < 0.5 else None
    cannot = label in ("salmo", "salmonidae") and chance.random() < 0.5

    def step():
        identifications.add(
            occurrence=occurrence, taxon=tree[label], by=person, disagrees_with=rejects, cannot_improve=cannot
        )

    return step


def withdraws(occurrence, person):
    def step():
        standing = Identification.objects.filter(occurrence=occurrence, person=person, withdrawn_at=None)
        for identification in standing:
            identifications.withdraw(identification=identification, by=person)

    return step


def rules(chance: random.Random, tree, occurrence, reviewer):
    taxon = chance.choice([tree["bull_trout"], tree["rainbow_trout"], None])
    return lambda: rulings.rule(
        occurrence=occurrence, taxon=taxon, reason="Seen closely.", by=reviewer, confirmed=True
    )


def withdraws_ruling(occurrence, reviewer):
    def step():
        for ruling in Ruling.objects.filter(occurrence=occurrence, withdrawn_at=None):
            rulings.withdraw(ruling=ruling, by=reviewer)

    return step


def describes(chance: random.Random, observation, owner):
    privacy = chance.choice(Privacy.values)
    return lambda: observations.describe(observation=observation, by=owner, privacy=privacy)


def clears(chance: random.Random):
    """What goes through what was discarded does without waiting for it; nothing may refuse it."""
    pauses = [chance.uniform(0, PAUSE) for _ in range(3)]

    def work():
        for pause in pauses:
            time.sleep(pause)
            drafts.clear(before=timezone.now())

    return work


def public_place_follows(observation: Observation) -> bool:
    """What others see of the place is what the verdicts ask for: writing it anew changes nothing."""
    seen = Observation.objects.values_list(*observations.PUBLIC).get(pk=observation.pk)
    observations.describe(observation=observation, by=observation.observer)
    return seen == Observation.objects.values_list(*observations.PUBLIC).get(pk=observation.pk)


def test_what_stands_decides_whatever_the_order(rounds, record, tree, alice, bob, charlie, rita, ada):
    started = time.monotonic()
    for number in range(rounds):
        chance = random.Random(number)
        sighting = universe.sighting(alice, seed=number, latitude=47.26812, longitude=11.39325)
        one = sighting.occurrences.get()
        other = occurrences.add(observation=sighting, photos=sighting.photos.all(), by=alice)

        def voter(person, one=one, other=other, chance=chance):
            return steps(
                chance,
                identifies(chance, tree, one, person),
                identifies(chance, tree, one, person),
                identifies(chance, tree, other, person),
                withdraws(one, person),
            )

        at_once(
            voter(alice),
            voter(bob),
            voter(charlie),
            steps(chance, rules(chance, tree, one, rita), withdraws_ruling(one, rita)),
            steps(chance, rules(chance, tree, one, ada), withdraws_ruling(other, ada)),
            steps(
                chance,
                describes(chance, sighting, alice),
                lambda s=sighting: observations.describe(observation=s, by=alice),
            ),
            steps(chance, lambda pair=(other.pk, one.pk): verdicts.recompute(occurrences=pair)),
        )
        assert differences([one, other]) == [], f"round {number}"
        assert public_place_follows(sighting), f"round {number}"
    record(
        "interleavings of people at one sighting", rounds=rounds, seconds=round(time.monotonic() - started)
    )


def test_a_draft_is_filled_in_sent_and_discarded_at_once(rounds, tree, alice):
    """In several tabs of its owner, while what was discarded is cleared: it ends whole or not at all, and nobody
    hears of a database.
    """
    for number in range(rounds):
        chance = random.Random(number)
        draft = universe.sighting(alice, seed=f"draft {number}", photos=2, published=False)
        shown = list(draft.photos.all())
        one = occurrences.add(observation=draft, photos=shown, by=alice)

        def save(draft=draft, send=False):
            drafts.save(
                observation=draft,
                by=alice,
                described={"note": "Seen from the bridge.", "privacy": "private"},
                licence="CC0-1.0",
                consents=["show"],
                taxon=tree["brown_trout"],
                length_mm=300,
                send=send,
            )

        def draw(one=one, photo=shown[0]):
            boxes.draw(occurrence=one, photo=photo, by=alice, x=0.1, y=0.1, width=0.5, height=0.5)

        def measure(one=one):
            occurrences.measure(occurrence=one, kind="weight", value=400, by=alice)

        at_once(
            steps(chance, save, lambda save=save: save(send=True)),
            steps(chance, identifies(chance, tree, one, alice), withdraws(one, alice), draw, measure),
            steps(chance, lambda photo=shown[1]: photos.erase(photo=photo, by=alice)),
            steps(
                chance,
                lambda draft=draft: observations.set_aside(observation=draft, by=alice),
                lambda draft=draft: observations.restore(observation=draft, by=alice),
                lambda photo=shown[0]: drafts.drop(photo=photo, by=alice),
                lambda photo=shown[0]: photos.restore(photo=photo, by=alice),
            ),
            steps(chance, lambda one=one: verdicts.recompute(occurrences=[one.pk])),
            clears(chance),
        )
        clears(chance)()
        assert not Photo.objects.exclude(pk__in=Photo.objects.kept()).exists(), f"round {number}"
        left = Observation.objects.filter(pk=draft.pk).first()
        if left is None:
            assert not Occurrence.objects.filter(pk=one.pk).exists(), f"round {number}"
            assert not Photo.objects.filter(pk__in=[photo.pk for photo in shown]).exists(), f"round {number}"
        else:
            assert differences(left.occurrences.all()) == [], f"round {number}"


def test_trust_comes_and_goes_while_its_collection_is_imported(rounds, tmp_path, tree, bob, rita, ada):
    """Twice at once, as when a job was thought dead; with people at what is there, and drafts discarded."""
    rounds //= 4
    for number in range(rounds):
        chance = random.Random(number)
        folder = tmp_path / str(number)
        for place, name in enumerate(("Salmo trutta", "Salvelinus confluentus")):
            (folder / name).mkdir(parents=True)
            for photo in range(2):
                data = universe.photo_bytes(f"trust {number} {place} {photo}")
                (folder / name / f"{photo}.jpg").write_bytes(data)
        source = accounts.source_account(name=f"Cameras {number}")
        rulings.trust(source=source, reason="Experts.", by=rita)

        def import_collection(folder=folder, source=source):
            run_imports.import_collection(
                path=folder, source=source.display_name, by=ada, licence="CC0-1.0", consents=["show"]
            )

        def distrust(source=source):
            standing = rulings_queries.trust_in(source)
            if standing is not None:
                rulings.withdraw(ruling=standing, by=rita)

        def resettle(source=source):
            found = identifications_queries.occurrences_of_source(source).order_by("created", "id")
            verdicts.recompute(occurrences=found.values_list("pk", flat=True))

        def discard(source=source):
            for draft in Observation.objects.filter(observer=source, state="draft"):
                observations.discard(observation=draft, by=ada)

        def identify(source=source, chance=chance):
            for occurrence in identifications_queries.occurrences_of_source(source):
                identifies(chance, tree, occurrence, bob)()

        trust = lambda source=source: rulings.trust(source=source, reason="Experts.", by=rita)  # noqa: E731
        at_once(
            import_collection,
            import_collection,
            steps(chance, distrust, trust),
            steps(chance, resettle),
            steps(chance, discard),
            steps(chance, identify),
        )
        import_collection()
        # What the job does that every change of trust leaves behind.
        resettle()
        imported = identifications_queries.occurrences_of_source(source)
        assert imported.count() == 4, f"round {number}"
        assert differences(imported) == [], f"round {number}"


def doubts_that_differ() -> list[tuple[float, float]]:
    """What an organism's place in the queue goes by, and the most that a model doubts of its photos, where not the
    same."""
    found = []
    for each in Occurrence.objects.all():
        said = Suggestion.objects.filter(photo__occurrences=each, region=None).values_list(
            "uncertainty", flat=True
        )
        if each.doubt != max(said, default=1.0):
            found.append((each.doubt, max(said, default=1.0)))
    return found


def test_of_two_models_that_speak_at_once_the_less_sure_counts(tree, alice):
    """The second waits for the first one's row; what it then writes has to know of the first one's suggestion."""
    photo = universe.sighting(alice).photos.get()
    spoken = threading.Event()

    def first():
        with transaction.atomic():
            guess(photo, tree, ("brown_trout", 0.125), source="first")
            spoken.set()
            time.sleep(0.5)  # long enough for the second to come and wait

    def second():
        spoken.wait(30)
        guess(photo, tree, ("brown_trout", 0.75), source="second")

    at_once(first, second)
    assert Occurrence.objects.get().doubt == 0.875


def test_places_in_the_queue_follow_what_models_say_meanwhile(rounds, tree, alice, bob):
    """Of several photos in one transaction, in any order, while people are at the same sightings."""
    for number in range(rounds):
        chance = random.Random(number)
        sightings = [universe.sighting(alice, seed=(number, each), photos=2) for each in range(2)]
        shown = list(Photo.objects.filter(observation__in=sightings))

        def speaks(source, chance=chance, shown=shown):
            some = chance.sample(shown, 3)
            said = [chance.randrange(1, 8) / 8 for _ in some]

            def step():
                with transaction.atomic():
                    queue.hold(some)
                    for photo, sure in zip(some, said, strict=True):
                        if Photo.objects.filter(pk=photo.pk).exists():
                            guess(photo, tree, ("brown_trout", sure), source=source)

            return step

        def adds(sighting=sightings[0], shown=shown):
            on_it = [each for each in shown if each.observation_id == sighting.pk]
            occurrences.add(observation=sighting, photos=on_it[:1], by=alice)

        at_once(
            steps(chance, speaks("first"), speaks("first")),
            steps(chance, speaks("second"), speaks("second")),
            steps(chance, identifies(chance, tree, sightings[0].occurrences.get(), bob), adds),
            steps(
                chance,
                lambda photo=shown[0]: photos.say(photo=photo, purpose="show", granted=False, by=alice),
                lambda photo=shown[1]: photos.erase(photo=photo, by=alice),
            ),
        )
        assert doubts_that_differ() == [], f"round {number}"
