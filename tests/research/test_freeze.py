"""Freezing: what goes in, what stays out and why, and that a job can die anywhere."""

import json
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F
from django.urls import reverse

from accounts.actions import set_news
from accounts.models import User
from jobs import actions as jobs
from jobs import leases, worker
from jobs.context import Context
from jobs.models import Job
from jobs.outcomes import LostLease, Stopped
from labeling.actions import identifications, rulings, verdicts
from labeling.models import Identification, Verdict
from notices.models import Notification
from research import tasks
from research.actions import datasets
from research.manifest import store
from research.models import Dataset, DatasetPerson, DatasetPhoto
from research.presenters import summaries
from research.queries import datasets as datasets_queries
from research.queries import people
from research.queries import photos as photos_queries
from research.splits.sides import Shares
from species.actions import observations, photos
from species.actions import taxa as taxon_actions
from species.models import Occurrence, Photo
from species.queries import taxa
from tests import universe
from tests.research import golden
from tests.research.building import agreed, freeze


def test_what_nobody_named_blind_stays_out_of_test(rosa, alice, bob, charlie, tree):
    """In the other sides it stays, and says so; with one blind word it is tested on."""
    organisms = [
        agreed(alice, tree[("brown_trout", "chub")[number % 2]], [bob], seed=number) for number in range(6)
    ]
    shares = Shares(test=1.0, validation=0.0)
    assert len(ids(freeze(rosa, shares=shares))) == 6
    first = organisms[0]
    Identification.objects.filter(occurrence=first, person=alice).update(model_on_screen="resnet34-v7")
    Identification.objects.filter(occurrence=first, person=bob).update(others_on_screen=True)
    verdicts.recompute(occurrences=[first.pk])
    dataset = freeze(rosa, shares=shares)
    [photo] = first.photos.all()
    content = store.read(dataset)
    assert ids(dataset) == {str(each.photos.get().pk) for each in organisms[1:]}
    [dropped] = content["split"]["dropped_photos"]
    assert (dropped["photo"], dropped["side"], dropped["reason"]) == (str(photo.pk), "test", "anchored")
    assert content["split"]["anchored"] == 1 and dataset.summary["anchored"] == 1
    learned = store.read(freeze(rosa, shares=Shares(test=0.0, validation=0.0)))
    anchored = [each["id"] for each in learned["occurrences"] if each["votes"].get("anchored")]
    assert anchored == [str(first.pk)] and len(learned["photos"]) == 6 and "anchored" not in learned["split"]
    identifications.add(occurrence=first, taxon=tree["brown_trout"], by=charlie)
    assert len(ids(freeze(rosa, shares=shares))) == 6


def test_what_is_agreed_and_not_handed_on_stays_out(rosa, alice, bob, charlie, tree):
    """The dataset takes what is handed on."""
    occurrence = agreed(alice, tree["brown_trout"], [bob])
    agreed(alice, tree["chub"], [bob], seed=1)
    Occurrence.objects.filter(pk=occurrence.pk).update(exported_taxon=None)
    assert {each["label"] for each in store.read(freeze(rosa))["occurrences"]} == {"chub"}


LEFT_OUT = ("not_shown", "no_research_consent", "no_licence", "surroundings_hidden")


def ids(dataset) -> set[str]:
    return {photo["id"] for photo in store.read(dataset)["photos"]}


def test_what_is_verified_goes_in(dataset, library):
    every = {str(photo.pk) for organism in library for photo in organism.photos.all()}
    assert ids(dataset) == every
    assert dataset.content_hash and dataset.frozen_at and dataset.job.state == "done"
    listed = DatasetPhoto.objects.filter(dataset=dataset)
    assert {str(row.photo_id) for row in listed} == every
    assert {str(row.photo_id): row.side for row in listed} == {
        photo["id"]: photo["side"] for photo in store.read(dataset)["photos"]
    }
    assert dataset.summary["photos"] == 7 and dataset.summary["occurrences"] == 6
    assert sum(dataset.summary["sides"].values()) == 7
    for each in dataset.summary["classes"]:
        assert each["occurrences"] == 2
    assert dataset.summary["needs_kfold"] is True


def test_a_finished_dataset_is_told_to_who_asked_and_to_whose_photos_are_in_it(dataset, rosa, alice, bob):
    told = {each.user: each for each in Notification.objects.filter(kind__in=["dataset", "in_dataset"])}
    assert set(told) == {rosa, alice}
    assert told[rosa].text == "The dataset Trout of the Enns v1 is frozen."
    assert told[alice].text == "7 of your photos are in the dataset Trout of the Enns v1."
    assert told[alice].url == told[rosa].url == reverse("dataset", args=[dataset.pk])


def test_whose_photos_it_holds_is_counted_once(library, rosa, alice, bob):
    photo = library[1].photos.get()
    photos.say(photo=photo, purpose="train", granted=False, by=alice)
    dataset = freeze(rosa)
    counted = DatasetPerson.objects.get(dataset=dataset)
    assert (counted.person, counted.photos, counted.trainable) == (alice, 7, 6)
    assert list(people.holding(alice)) == [counted] and not people.holding(bob).exists()
    assert list(people.to_tell(dataset)) == [alice.pk]


def test_who_does_not_want_to_be_told_is_not(library, rosa, alice):
    set_news(user=alice, by=alice, kinds=[])
    set_news(user=rosa, by=rosa, kinds=[])
    dataset = freeze(rosa)
    told = Notification.objects.filter(about=f"dataset:{dataset.pk}")
    assert [each.user for each in told] == [rosa], "it answers to what she asked for"


def test_a_failed_one_is_told_to_who_asked_alone(rosa, alice, tree):
    failed = freeze(rosa)
    notice = Notification.objects.get()
    assert notice.user == rosa and failed.summary["why"] in notice.text


def test_what_is_not_verified_or_not_published_stays_out(library, rosa, alice, tree):
    universe.sighting(alice, seed="nobody said anything", size=(160, 80))
    universe.sighting(alice, seed="draft", published=False, size=(160, 80))
    dataset = freeze(rosa)
    assert dataset.summary["photos"] == 7
    assert dataset.summary["left_out"] == dict.fromkeys(LEFT_OUT, 0)


def test_consents_and_licences_decide_and_are_counted(library, rosa, alice):
    hidden, unwilling, bare, untrained = (organism.photos.first() for organism in library[1:5])
    photos.say(photo=hidden, purpose="show", granted=False, by=alice)
    photos.say(photo=unwilling, purpose="research", granted=False, by=alice)
    Photo.objects.filter(pk=bare.pk).update(licence="NOASSERTION")
    photos.say(photo=untrained, purpose="train", granted=False, by=alice)
    dataset = freeze(rosa)
    assert dataset.summary["left_out"] == dict.fromkeys(LEFT_OUT, 1) | {"surroundings_hidden": 0}
    assert ids(dataset).isdisjoint(str(photo.pk) for photo in (hidden, unwilling, bare))
    train = {photo["id"]: photo["train"] for photo in store.read(dataset)["photos"]}
    assert train.pop(str(untrained.pk)) is False
    assert all(train.values())
    assert dataset.summary["train_photos"] == 3


@pytest.mark.parametrize("choice", ["cropped", "softened"])
def test_of_which_others_see_less_is_in_no_dataset(library, rosa, alice, choice):
    """Whoever signs in downloads its files, and must not get more there than here."""
    sighting = library[1].observation
    kept = {str(each.pk) for each in sighting.photos.all()}
    observations.describe(observation=sighting, by=alice, privacy="generalized", surroundings=choice)
    dataset = freeze(rosa)
    assert dataset.summary["left_out"] == dict.fromkeys(LEFT_OUT, 0) | {"surroundings_hidden": len(kept)}
    assert ids(dataset).isdisjoint(kept) and dataset.summary["photos"] == 7 - len(kept)
    observations.describe(observation=sighting, by=alice, privacy="open")
    assert kept <= ids(freeze(rosa)), "where everybody knows the place, everybody sees the photo"


def test_a_photo_that_others_see_less_of_before_it_is_published_stays_out(library, rosa, alice, monkeypatch):
    sighting = library[1].observation
    write = store.write

    def meanwhile(*arguments):
        monkeypatch.setattr(store, "write", write)
        observations.describe(observation=sighting, by=alice, surroundings="softened")
        return write(*arguments)

    monkeypatch.setattr(store, "write", meanwhile)
    assert ids(freeze(rosa)).isdisjoint(str(each.pk) for each in sighting.photos.all())


def test_a_withdrawal_keeps_a_photo_out_of_the_next_one_only(dataset, library, rosa, alice):
    photo = library[1].photos.first()
    photos.say(photo=photo, purpose="research", granted=False, by=alice)
    later = freeze(rosa)
    assert str(photo.pk) in ids(dataset) and str(photo.pk) not in ids(later)
    assert list(datasets_queries.datasets_containing(photo)) == [dataset]


def test_nothing_verified_says_what_is_missing(rosa):
    dataset = freeze(rosa)
    assert dataset.state == "failed" and dataset.job.state == "failed"
    assert dataset.summary["why"].startswith("Nothing is verified yet.")
    assert dataset.job.message == dataset.summary["why"]


def test_nothing_allowed_says_what_is_missing(library, rosa, alice):
    for photo in Photo.objects.all():
        photos.say(photo=photo, purpose="research", granted=False, by=alice)
    dataset = freeze(rosa)
    assert dataset.state == "failed"
    assert dataset.summary["why"] == (
        "No verified photo may be used in a dataset: 7 not allowed for research."
    )


def test_a_failed_freeze_can_be_tried_again(rosa, alice, bob, tree):
    dataset = freeze(rosa)
    agreed(alice, tree["chub"], [bob], seed="late", size=(160, 80))
    jobs.retry(job=dataset.job, by=rosa)
    worker.run_due()
    dataset.refresh_from_db()
    assert dataset.state == "frozen" and dataset.summary["photos"] == 1


def test_sides_stay_when_data_grows(dataset, rosa, alice, bob, tree):
    before = {photo["id"]: photo["side"] for photo in store.read(dataset)["photos"]}
    for number in range(3):
        day = date(2021, 1, 1 + number)
        agreed(alice, tree["bream"], [bob], seed=f"more {number}", local_date=day, size=(160, 80))
    after = {photo["id"]: photo["side"] for photo in store.read(freeze(rosa))["photos"]}
    assert len(after) == len(before) + 3
    assert {photo: after[photo] for photo in before} == before


def test_the_salt_is_the_site_s_and_decides_the_sides(db, settings):
    with transaction.atomic():
        golden.plant()
    rosa = User.objects.get(email="rosa@example.org")
    first = freeze(rosa)
    assert first.salt == "aqua-vision-1"
    settings.DATASET_SALT = "another river"
    second = freeze(rosa)
    assert second.salt == "another river"
    sides = [{photo["id"]: photo["side"] for photo in store.read(each)["photos"]} for each in (first, second)]
    assert sides[0] != sides[1]
    settings.DATASET_SHARES = (1.0, 0.0)
    assert freeze(rosa).summary["sides"]["train"] == 0


def test_near_duplicates_across_sides_are_dropped_and_said(db):
    """One picture everywhere: whatever lies in train or validation has a copy in test."""
    with transaction.atomic():
        golden.plant()
    Photo.objects.update(phash="0123456789abcdef")
    dataset = freeze(User.objects.get(email="rosa@example.org"))
    split = store.read(dataset)["split"]
    near = {each["photo"] for each in split["dropped_photos"] if each["reason"] == "near_duplicate"}
    assert dataset.summary["dropped_by"]["near_duplicate"] == len(near) > 10
    assert f"{len(near)} nearly the same picture" in dataset.job.message
    assert dataset.summary["photos"] + dataset.summary["dropped"] == Photo.objects.count()
    assert dataset.summary["sides"]["train"] == dataset.summary["sides"]["validation"] == 0
    assert not DatasetPhoto.objects.filter(dataset=dataset, photo__in=near).exists()


def ask(library, rosa) -> tuple[Dataset, Context]:
    """A dataset that was asked for, and one attempt at its job."""
    dataset = datasets.freeze(title="Trout", by=rosa)
    job = leases.claim(dataset.job_id)
    return dataset, Context(job)


def test_a_worker_that_shuts_down_leaves_a_freeze_that_finishes_later(library, rosa):
    dataset, context = ask(library, rosa)
    context.stop()
    with pytest.raises(Stopped):
        tasks.freeze(context)
    leases.release(context.job)
    dataset.refresh_from_db()
    assert dataset.state == "freezing"
    worker.run_due()
    dataset.refresh_from_db()
    assert dataset.state == "frozen"


def test_an_attempt_that_lost_its_job_publishes_nothing(library, rosa):
    dataset, context = ask(library, rosa)
    Job.objects.filter(pk=context.job.pk).update(fence=context.job.fence + 1)
    with pytest.raises(LostLease):
        tasks.freeze(context)
    dataset.refresh_from_db()
    assert dataset.state == "freezing" and not DatasetPhoto.objects.exists()


def test_an_attempt_that_loses_its_job_at_the_last_moment_publishes_nothing(library, rosa, settings):
    """Another worker takes the job just as the manifest is written."""
    dataset, context = ask(library, rosa)
    stored = settings.STORAGES["default"]
    taken = Job.objects.filter(pk=context.job.pk)
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "tests.research.stores.Watched",
            "OPTIONS": stored["OPTIONS"]
            | {"name": "manifest.json", "then": lambda: taken.update(fence=F("fence") + 1)},
        }
    }
    with pytest.raises(LostLease):
        tasks.freeze(context)
    dataset.refresh_from_db()
    assert default_storage.listdir(f"datasets/{dataset.pk}")[1]
    assert dataset.state == "freezing" and not dataset.content_hash


def test_an_attempt_that_slept_while_another_published_spoils_nothing(library, rosa):
    dataset, context = ask(library, rosa)
    late = dataset.__class__.objects.get(pk=dataset.pk)
    tasks.freeze(context)
    dataset.refresh_from_db()
    content = store.read(dataset)
    store.write(late, content | {"photos": content["photos"][1:]})
    assert store.read(dataset) == content


def test_an_attempt_clears_up_after_one_that_died(library, rosa, alice):
    dataset, context = ask(library, rosa)
    stray = universe.sighting(alice, seed="stray", size=(160, 80)).photos.get()
    datasets.list_photos(dataset=dataset, sides=[(stray.pk, "train")])
    tasks.freeze(context)
    assert not DatasetPhoto.objects.filter(photo=stray).exists()
    assert DatasetPhoto.objects.filter(dataset=dataset).count() == 7


def test_what_was_read_before_a_kill_is_not_read_again(library, rosa):
    dataset, context = ask(library, rosa)
    photo = library[0].photos.first()
    noted = {"size": 1008, "width": 9, "height": 8, "sha256": "f" * 64, "bytes": 7}
    name = f"datasets/{dataset.pk}/renditions.json"
    default_storage.save(name, ContentFile(json.dumps({str(photo.pk): noted}).encode()))
    tasks.freeze(context)
    dataset.refresh_from_db()
    rendition = {each["id"]: each["rendition"] for each in store.read(dataset)["photos"]}
    assert rendition[str(photo.pk)] == noted
    assert rendition[str(library[1].photos.first().pk)]["sha256"] != "f" * 64
    assert not default_storage.exists(name)


def test_broken_notes_are_no_obstacle(library, rosa):
    dataset, context = ask(library, rosa)
    default_storage.save(f"datasets/{dataset.pk}/renditions.json", ContentFile(b"{"))
    tasks.freeze(context)
    dataset.refresh_from_db()
    assert dataset.state == "frozen"


def test_a_frozen_dataset_is_not_frozen_again(dataset, library, alice):
    photos.say(photo=library[1].photos.first(), purpose="research", granted=False, by=alice)
    tasks.freeze(Context(dataset.job))
    dataset.refresh_from_db()
    assert dataset.summary["photos"] == 7


def standing() -> list[tuple[str, str]]:
    found = photos_queries.EVERYTHING.organisms().order_by("pk")
    return [(str(each.pk), datasets_queries.stands(each)) for each in found]


def test_what_changes_while_it_is_read_is_noticed(dataset, library, alice, bob, charlie, rita, tree):
    stood = standing()
    assert not datasets_queries.changed(dataset, photos=7, stood=stood, tree=taxa.tree())
    assert datasets_queries.changed(dataset, photos=8, stood=stood, tree=taxa.tree())
    # Somebody else's new sighting is none of this dataset's business.
    later = agreed(bob, tree["bream"], [alice], seed="later", size=(160, 80))
    assert not datasets_queries.changed(dataset, photos=7, stood=stood, tree=taxa.tree())
    assert datasets_queries.changed(
        dataset,
        photos=7,
        stood=sorted((dict(stood) | {str(library[0].pk): datasets_queries.stands(later)}).items()),
        tree=taxa.tree(),
    )
    identifications.add(occurrence=library[1], taxon=tree["bream"], by=bob)
    assert datasets_queries.changed(dataset, photos=7, stood=stood, tree=taxa.tree())
    identifications.add(occurrence=library[1], taxon=tree["chub"], by=bob)
    assert not datasets_queries.changed(dataset, photos=7, stood=stood, tree=taxa.tree())
    photos.say(photo=library[2].photos.first(), purpose="research", granted=False, by=alice)
    assert datasets_queries.changed(dataset, photos=7, stood=stood, tree=taxa.tree())


def test_a_place_that_becomes_rougher_while_it_is_read_is_noticed(library, rosa, alice, rita, tree):
    observations.describe(observation=library[0].observation, by=alice, privacy="open")
    rulings.rule(occurrence=library[0], taxon=tree["bull_trout"], reason="Seen.", by=rita, confirmed=True)
    dataset = freeze(rosa)
    stood = standing()
    assert not datasets_queries.changed(dataset, photos=7, stood=stood, tree=taxa.tree())
    observations.describe(observation=library[0].observation, by=alice, privacy="private")
    assert datasets_queries.changed(dataset, photos=7, stood=stood, tree=taxa.tree())


def test_a_change_of_names_that_no_worker_has_followed_yet_is(library, rosa, tree):
    dataset = datasets.freeze(title="Before its job", by=rosa)
    tree["brown_trout"].sensitive = "private"
    tree["brown_trout"].save()
    taxon_actions.settle_later(taxa=[tree["brown_trout"]])
    worker.run(dataset.job_id)
    dataset.refresh_from_db()
    assert dataset.state == "frozen"
    assert all(each["place"] is None for each in store.read(dataset)["observations"])


def test_a_change_of_names_while_it_is_read_has_it_read_again(library, rosa, tree, monkeypatch):
    real, moved = tasks.build, []

    def build(*args, **options):
        if not moved:
            moved.append(True)
            tree["brown_trout"].sensitive = "private"
            tree["brown_trout"].save()
            taxon_actions.settle_later(taxa=[tree["brown_trout"]])
        return real(*args, **options)

    monkeypatch.setattr(tasks, "build", build)
    dataset = freeze(rosa)
    assert dataset.state == "frozen"
    assert all(each["place"] is None for each in store.read(dataset)["observations"])


def test_a_missing_picture_is_named(library, rosa):
    photo = library[2].photos.first()
    default_storage.delete(photo.rendition_name(1008))
    dataset = freeze(rosa)
    assert dataset.state == "failed"
    assert dataset.summary["why"] == f"The stored picture of photo {photo.pk} is missing or broken."
    assert not DatasetPhoto.objects.filter(dataset=dataset).exists()


def test_a_picture_that_still_tells_where_it_was_taken_stops_the_freeze(library, rosa):
    photo = library[2].photos.first()
    told = universe.photo_bytes(1, (160, 80), exif={"latitude": 47.268, "longitude": 11.393})
    default_storage.save(photo.rendition_name(1008), ContentFile(told))
    dataset = freeze(rosa)
    assert dataset.state == "failed" and "still holds exif" in dataset.summary["why"]


def test_it_waits_for_the_job_before_it(library, rosa):
    first = datasets.freeze(title="First", by=rosa)
    second = datasets.freeze(title="Second", by=rosa, after=first.job)
    assert second.job.after == first.job
    assert (first.version, second.version) == (1, 2)
    assert worker.run_due() == 2
    second.refresh_from_db()
    assert second.state == "frozen"


def test_only_researchers_and_admins_freeze(alice, bob, charlie, rita, rosa, ada):
    for person in (alice, bob, charlie, rita):
        with pytest.raises(PermissionDenied):
            datasets.freeze(title="Trout", by=person)
    for person in (rosa, ada):
        assert datasets.freeze(title="Trout", by=person).state == "freezing"


@pytest.mark.parametrize("title", ["", "   ", "x" * 121])
def test_a_dataset_needs_a_name(rosa, title):
    with pytest.raises(ValidationError, match="name"):
        datasets.freeze(title=title, by=rosa)
    assert not Dataset.objects.exists() and not Job.objects.exists()


def test_only_admins_take_a_dataset_back_and_say_why(dataset, rosa, rita, ada, alice):
    for person in (alice, rita, rosa):
        with pytest.raises(PermissionDenied):
            datasets.retire(dataset=dataset, by=person, reason="Wrong")
    with pytest.raises(ValidationError):
        datasets.retire(dataset=dataset, by=ada, reason="  ")
    retired = datasets.retire(dataset=dataset, by=ada, reason="Two kinds were mixed up.")
    assert (retired.state, retired.retired_reason) == ("retired", "Two kinds were mixed up.")
    with pytest.raises(ValidationError):
        datasets.retire(dataset=dataset, by=ada, reason="Again")


def test_erasing_a_photo_takes_its_datasets_back(
    dataset, library, alice, ada, rosa, django_capture_on_commit_callbacks
):
    photo = library[1].photos.first()
    with pytest.raises(ValidationError):
        photos.erase(photo=photo, by=alice)
    with pytest.raises(PermissionDenied):
        datasets.erase(photo=photo, by=alice)
    names = [photo.rendition_name(1008), photo.original_name]
    with django_capture_on_commit_callbacks(execute=True):
        assert datasets.erase(photo=photo, by=ada) == [dataset]
    dataset.refresh_from_db()
    assert dataset.state == "retired" and "erased at its owner's wish" in dataset.retired_reason
    assert not Photo.objects.filter(pk=photo.pk).exists()
    assert not any(default_storage.exists(name) for name in names)
    assert freeze(rosa).summary["photos"] == 6


def test_words_for_the_test_side():
    plenty = {"classes": [{"test_groups": 10}, {"test_groups": 31}]}
    assert summaries.kfold_sentence(plenty).startswith("Every class has at least 10 groups")
    thin = {"classes": [{"test_groups": 9}, {"test_groups": 31}]}
    assert summaries.kfold_sentence(thin).startswith("1 of 2 classes have fewer than 10 groups")


def test_a_verdict_that_cannot_be_read_stops_it_with_a_sentence(library, rosa):
    Verdict.objects.filter(occurrence=library[0]).update(explanation={"version": 99})
    dataset = freeze(rosa)
    assert dataset.state == "failed"
    assert dataset.summary["why"].startswith(f"Why occurrence {library[0].pk} is verified cannot be read.")
    assert "manage.py fsck --deep --mend" in dataset.summary["why"]
