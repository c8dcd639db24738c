import io
import threading
import time

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image

from ml.actions import promotions
from ml.models import Model, Promotion
from ml.serving import server as server_serving
from ml.vision.cache import pixels_of
from species.images.decoder import get_decoder
from species.images.refusals import ImageRefused
from tests.ml.folder import CLASSES, colour_photo
from tests.species.images.pictures import encoded, texture


def test_without_a_live_model_it_says_so(db):
    with pytest.raises(server_serving.NoLiveModel):
        server_serving.Server().predict(colour_photo("brown_trout"))


@pytest.mark.parametrize("label", CLASSES)
def test_it_answers_from_the_live_model(live, label):
    prediction = server_serving.Server().predict(colour_photo(label))
    assert prediction.live.name == live.name
    assert prediction.live.dataset_hash == live.run.dataset.content_hash
    assert prediction.ranked[0][0] == label
    assert sum(probability for _, probability in prediction.ranked) == pytest.approx(1)


def test_what_is_no_image_is_refused(live):
    with pytest.raises(ImageRefused):
        server_serving.Server().predict(b"no image")


def test_a_promotion_is_seen_within_the_patience(live, make_model, ada, monkeypatch):
    monkeypatch.setattr(server_serving, "PATIENCE", 0.05)
    server = server_serving.Server()
    photo = colour_photo("brook_trout")
    assert server.predict(photo).ranked[0][0] == "brook_trout"
    other = make_model("two", order=(1, 2, 0))
    promotions.promote(model=other, by=ada, reason="It sees otherwise.")
    time.sleep(0.06)
    prediction = server.predict(photo)
    assert prediction.live.name == other.name
    assert prediction.ranked[0][0] == "rainbow_trout"


def test_a_first_model_is_seen_at_once(db, make_model, ada):
    server = server_serving.Server()
    with pytest.raises(server_serving.NoLiveModel):
        server.live()
    model = make_model()
    promotions.promote(model=model, by=ada, reason="First.")
    assert server.live().name == model.name


def test_between_looks_the_pointer_is_not_read(live, django_assert_num_queries):
    server = server_serving.Server()
    server.live()
    with django_assert_num_queries(0):
        for _ in range(5):
            server.live()


@pytest.fixture
def broken(live, make_model) -> Model:
    """Went live after `live`, and its folder broke after that. `broken.mend()` puts it right."""
    model = make_model("two", sharpness=5.0)
    name = f"models/{model.sha256}/card.json"
    with default_storage.open(name) as file:
        card = file.read()
    default_storage.save(name, ContentFile(b"{}"))
    Promotion.objects.filter(ended_at=None).update(ended_at=timezone.now())
    Promotion.objects.create(model=model, reason="Around the check.")
    model.mend = lambda: default_storage.save(name, ContentFile(card))
    return model


def test_a_folder_that_breaks_later_leaves_the_old_model_answering(live, request, monkeypatch):
    monkeypatch.setattr(server_serving, "PATIENCE", 0)
    server = server_serving.Server()
    assert server.live().name == live.name
    request.getfixturevalue("broken")
    assert server.live().name == live.name
    assert server.predict(colour_photo("brown_trout")).live.name == live.name


def test_a_process_that_starts_then_answers_as_the_others_do(live, broken):
    assert server_serving.Server().predict(colour_photo("brown_trout")).live.name == live.name


def test_with_nothing_before_it_nothing_answers(broken):
    Promotion.objects.exclude(model=broken).delete()
    with pytest.raises(server_serving.NoLiveModel):
        server_serving.Server().live()


def test_a_mended_folder_is_tried_again_after_a_while(live, broken, monkeypatch):
    monkeypatch.setattr(server_serving, "PATIENCE", 0)
    server = server_serving.Server()
    assert server.live().name == live.name
    broken.mend()
    assert server.live().name == live.name, "not with every request"
    monkeypatch.setattr(server, "_again", 0.0)
    assert server.live().name == broken.name


def test_a_mended_folder_is_tried_at_once_when_it_is_promoted_again(live, broken, ada, monkeypatch):
    monkeypatch.setattr(server_serving, "PATIENCE", 0)
    server = server_serving.Server()
    assert server.live().name == live.name
    broken.mend()
    promotions.promote(model=broken, by=ada, reason="Mended.")
    assert server.live().name == broken.name


def test_whoever_waited_for_a_turn_is_answered_by_what_is_live_then(
    live, make_model, ada, settings, monkeypatch
):
    monkeypatch.setattr(server_serving, "PATIENCE", 60)
    settings.INFERENCE_SLOTS, settings.INFERENCE_LINE = 1, 1
    server = server_serving.Server()
    other = make_model("two", order=(1, 2, 0))
    answers = []
    with server.line.turn():
        asked = threading.Thread(target=lambda: answers.append(server.predict(colour_photo("brook_trout"))))
        server.live()
        asked.start()
        while not server.line._waiting:
            time.sleep(0.005)
        promotions.promote(model=other, by=ada, reason="It sees otherwise.")
        server.live(fresh=True)
    asked.join(20)
    assert [answer.live.name for answer in answers] == [other.name]


def test_a_full_house_is_told_to_come_back(live, settings):
    settings.INFERENCE_SLOTS, settings.INFERENCE_LINE = 1, 0
    server = server_serving.Server()
    with server.line.turn(), pytest.raises(server_serving.Busy) as told:
        server.predict(colour_photo("brown_trout"))
    assert told.value.retry_after >= 1
    assert server.predict(colour_photo("brown_trout")).ranked


def test_a_photo_fitted_by_the_child_gets_the_answer_of_the_whole_one(live):
    """What crosses the pipe is the network's input, made by the steps that training takes."""
    session = server_serving.Server().live().session
    photo = encoded(texture(1300, 900))
    whole = get_decoder().upright(photo, session.upright)
    fitted = get_decoder().upright(photo, session.upright, fit=session.fit)
    assert fitted.shape == (*session.size, 3) != whole.shape
    assert np.array_equal(session.preprocess(fitted), session.preprocess(whole))
    assert np.array_equal(fitted, pixels_of(photo, session.size, "squash"))


@pytest.mark.django_db(transaction=True)
def test_many_threads_while_the_model_is_swapped(live, make_model, ada, monkeypatch):
    """Every answer comes whole from one model or the other: its name goes with its classes' order."""
    monkeypatch.setattr(server_serving, "PATIENCE", 0.01)
    other = make_model("two", order=(1, 2, 0))
    server = server_serving.Server()
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


def large_webp(megapixels: int) -> bytes:
    """So many megapixels in some hundred kB."""
    file = io.BytesIO()
    Image.effect_noise((200, 100), 60).resize((2000, 500 * megapixels)).convert("RGB").save(
        file, "WEBP", method=0
    )
    return file.getvalue()


@pytest.mark.parametrize("other", ["192.0.2.1", "192.0.2.2"])
def test_those_who_send_large_photos_leave_others_a_place(live, settings, monkeypatch, other):
    """Even behind one address, as a whole class of pupils is."""
    # Threads do not see what this test has written, so what is live is looked up once.
    monkeypatch.setattr(server_serving, "PATIENCE", 600)
    monkeypatch.setattr(server_serving, "WAIT", 60.0)
    settings.INFERENCE_SLOTS, settings.INFERENCE_LINE = 2, 6
    server = server_serving.Server()
    server.live()
    large, refused, answered = large_webp(20), [], []

    def ask() -> None:
        try:
            answered.append(server.predict(large, "192.0.2.1"))
        except server_serving.Busy as busy:
            refused.append(busy)

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    while len(refused) < 8:
        time.sleep(0.005)
    assert server.predict(colour_photo("brown_trout"), other).ranked
    assert len(answered) < 4, "it did not wait for all of them"
    for thread in threads:
        thread.join(60)
    assert (len(answered), len(refused)) == (4, 8)
