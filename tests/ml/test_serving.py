import threading
import time

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from ml import serving
from ml.actions import promotions
from ml.models import Promotion
from species.imaging import ImageRefused
from tests.ml.folder import CLASSES, colour_photo


def test_without_a_live_model_it_says_so(db):
    with pytest.raises(serving.NoLiveModel):
        serving.Server().predict(colour_photo("brown_trout"))


@pytest.mark.parametrize("label", CLASSES)
def test_it_answers_from_the_live_model(live, label):
    prediction = serving.Server().predict(colour_photo(label))
    assert prediction.live.name == live.name
    assert prediction.live.dataset_hash == live.run.dataset.content_hash
    assert prediction.ranked[0][0] == label
    assert sum(probability for _, probability in prediction.ranked) == pytest.approx(1)


def test_what_is_no_image_is_refused(live):
    with pytest.raises(ImageRefused):
        serving.Server().predict(b"no image")


def test_a_promotion_is_seen_within_the_patience(live, make_model, ada, monkeypatch):
    monkeypatch.setattr(serving, "PATIENCE", 0.05)
    server = serving.Server()
    photo = colour_photo("brook_trout")
    assert server.predict(photo).ranked[0][0] == "brook_trout"
    other = make_model("two", order=(1, 2, 0))
    promotions.promote(model=other, by=ada, reason="It sees otherwise.")
    time.sleep(0.06)
    prediction = server.predict(photo)
    assert prediction.live.name == other.name
    assert prediction.ranked[0][0] == "rainbow_trout"


def test_a_first_model_is_seen_at_once(db, make_model, ada):
    server = serving.Server()
    with pytest.raises(serving.NoLiveModel):
        server.live()
    model = make_model()
    promotions.promote(model=model, by=ada, reason="First.")
    assert server.live().name == model.name


def test_between_looks_the_pointer_is_not_read(live, django_assert_num_queries):
    server = serving.Server()
    server.live()
    with django_assert_num_queries(0):
        for _ in range(5):
            server.live()


def test_a_folder_that_breaks_later_leaves_the_old_model_answering(live, make_model, monkeypatch):
    monkeypatch.setattr(serving, "PATIENCE", 0)
    server = serving.Server()
    assert server.live().name == live.name
    broken = make_model("two", sharpness=5.0)
    default_storage.save(f"models/{broken.sha256}/card.json", ContentFile(b"{}"))
    Promotion.objects.filter(ended_at=None).update(ended_at=timezone.now())
    Promotion.objects.create(model=broken, reason="Around the check.")
    assert server.live().name == live.name
    assert server.predict(colour_photo("brown_trout")).live.name == live.name


def test_a_full_house_is_told_to_come_back(live, monkeypatch):
    monkeypatch.setattr(serving, "WAIT", 0.05)
    server = serving.Server()
    server.live()
    server._slots = threading.BoundedSemaphore(1)
    with server.slot(), pytest.raises(serving.Busy):
        server.predict(colour_photo("brown_trout"))
    assert server.predict(colour_photo("brown_trout")).ranked


@pytest.mark.django_db(transaction=True)
def test_many_threads_while_the_model_is_swapped(live, make_model, ada, monkeypatch):
    """Every answer comes whole from one model or the other: its name goes with its classes' order."""
    monkeypatch.setattr(serving, "PATIENCE", 0.01)
    other = make_model("two", order=(1, 2, 0))
    server = serving.Server()
    server.live()
    expected = {live.name: "brook_trout", other.name: "rainbow_trout"}
    photo = colour_photo("brook_trout")
    wrong, seen, stop = [], set(), threading.Event()

    def ask():
        while not stop.is_set():
            try:
                prediction = server.predict(photo)
            except Exception as error:  # any at all is a failure
                wrong.append(error)
                return
            seen.add(prediction.live.name)
            if expected[prediction.live.name] != prediction.ranked[0][0]:
                wrong.append(prediction)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for number in range(4):
            promotions.promote(model=(other, live)[number % 2], by=ada, reason="Back and forth.")
            time.sleep(0.3)
    finally:
        stop.set()
        for thread in threads:
            thread.join(20)
    assert wrong == []
    assert seen == set(expected)
