import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ml.actions import promotions as promotions_actions
from ml.models import TrainingRun
from ml.queries import promotions
from ml.serving import server
from tests.ml.folder import CLASSES, colour_photo, foreign_photo
from tests.problems import refusals

PEOPLE = ["alice", "bob", "charlie", "rita", "ada", None]


def ask(client, data: bytes | None = None):
    files = {} if data is None else {"file": SimpleUploadedFile("x", data)}
    return client.post("/api/v1/predictions", files)


def test_a_prediction_is_signed_and_unrounded(client, live, tree):
    body = ask(client, colour_photo("brown_trout")).json()
    assert body["model"] == live.name
    assert body["dataset_hash"] == live.run.dataset.content_hash
    assert body["taxon"] == "brown_trout" and body["rolled_up"] is False
    assert [each["label"] for each in body["predictions"]][0] == "brown_trout"
    assert sum(each["probability"] for each in body["predictions"]) == pytest.approx(1, abs=1e-12)


def test_below_the_threshold_it_rolls_up(client, make_model, ada, tree):
    model = make_model(sharpness=0.05)
    client.force_login(ada)
    client.post(f"/api/v1/models/{model.pk}/promote", {"reason": "Unsure."}, "application/json")
    body = ask(client, colour_photo("brown_trout")).json()
    assert body["rolled_up"] is True
    assert body["taxon"] == "salmonidae"


@pytest.fixture
def knowing(make_model, ada, tree):
    """A live model that knows what it does not know."""
    model = make_model("knowing", known=True)
    promotions_actions.promote(model=model, by=ada, reason="It knows three colours.")
    return model


def test_what_is_unlike_all_that_was_taught_is_none_of_these(client, knowing):
    near, far = ask(client, colour_photo("brown_trout")).json(), ask(client, foreign_photo()).json()
    assert near["distance"] < 1 and near["taxon"] == "brown_trout"
    assert far["distance"] > 1 and far["taxon"] is None and far["rolled_up"] is True
    assert far["predictions"][0]["probability"] > far["threshold"], "by its probability it would have a name"


def test_a_model_that_cannot_tell_says_null(client, live, tree):
    assert ask(client, foreign_photo()).json()["distance"] is None


def test_the_ancestors_clients_get_a_name_all_the_same(client, knowing):
    """They know no other answer: two keys, always a class."""
    part = {"image": SimpleUploadedFile("x", foreign_photo())}
    assert client.post("/api/predict", part).json() == {"class": "brook_trout", "success": True}
    part = {"image": SimpleUploadedFile("x", foreign_photo())}
    assert client.post("/api/classify", part).json()["class"] == "brook_trout"
    part = {"image": SimpleUploadedFile("x", foreign_photo())}
    body = client.post("/api/predict_image", part).json()
    assert body["error"] is None and body["predictions"][0]["label"] == "brook_trout"


@pytest.mark.parametrize("data", [None, b"", b"no image"])
def test_bad_photos_are_refused_with_a_reason(client, live, data):
    response = ask(client, data)
    assert response.status_code == 400
    assert response.json()["detail"]


@pytest.mark.parametrize(
    ("path", "status"), [("/api/v1/predictions", 413), ("/api/predict", 413), ("/api/classify", 413)]
)
def test_the_limit_is_said_as_it_is_at_every_door(client, live, path, status):
    data = b"\xff\xd8\xff" + b"0" * (25 * 2**20)
    response = client.post(path, {"file": SimpleUploadedFile("x", data)})
    assert response.status_code == status
    assert "larger than 25 MB" in response.content.decode()


def test_without_a_model_it_says_come_back(client, db):
    response = ask(client, colour_photo("brown_trout"))
    assert response.status_code == 503
    assert "No model is live" in response.json()["detail"]


@pytest.mark.parametrize(
    "path", ["/api/v1/predictions", "/api/predict", "/api/classify", "/api/predict_image", "/"]
)
def test_the_surplus_is_told_at_every_door_when_to_come_back(client, live, settings, path):
    settings.INFERENCE_SLOTS, settings.INFERENCE_LINE = 1, 0
    image = colour_photo("brown_trout")

    def send():
        return client.post(path, {"image": SimpleUploadedFile("x.png", image)})

    assert send().status_code == 200
    with server.get_server().line.turn():
        response = send()
    assert response.status_code == 503
    assert int(response["Retry-After"]) >= 1
    assert "Try again in a few seconds" in response.content.decode()
    assert send().status_code == 200


@pytest.mark.parametrize("who", PEOPLE)
def test_only_an_admin_promotes_and_starts(request, client, who, live, make_model, dataset):
    other = make_model("two", sharpness=5.0)
    if who:
        client.force_login(request.getfixturevalue(who))
    promoted = client.post(f"/api/v1/models/{other.pk}/promote", {"reason": "Better."}, "application/json")
    before = TrainingRun.objects.count()
    started = client.post("/api/v1/runs", {"dataset": str(dataset.pk)}, "application/json")
    rolled = client.post("/api/v1/models/roll_back")
    if who == "ada":
        assert (promoted.status_code, started.status_code, rolled.status_code) == (200, 202, 200)
        assert promoted.json()["live"] is True
        assert TrainingRun.objects.count() == before + 1
    else:
        refusals = {promoted.status_code, started.status_code, rolled.status_code}
        assert refusals <= {401, 403}
        assert promotions.live_model() == live


@pytest.mark.parametrize(
    ("options", "field", "said"),
    [
        ({"colour": "red"}, "detail", "Unknown: colour"),
        ({"arch": 1}, "detail", "arch is 1"),
        ({"size": [1]}, "detail", "size is [1]"),
        ("resnet34", "options", "Options are named"),
        ([1], "options", "Options are named"),
    ],
)
def test_a_run_that_cannot_be_is_refused_with_a_reason(client, ada, dataset, options, field, said):
    client.force_login(ada)
    asked = {"dataset": str(dataset.pk), "options": options}
    response = client.post("/api/v1/runs", asked, "application/json")
    assert response.status_code == 400
    assert said in " ".join(refusals(response)[field])
    assert not TrainingRun.objects.exists()


def test_what_cannot_go_live_is_refused_with_a_reason(client, ada, live, make_model):
    client.force_login(ada)
    response = client.post("/api/v1/models/roll_back")
    assert response.status_code == 400
    assert "No other model was live" in response.json()["detail"]
    broken = make_model("broken", sharpness=2.0)
    type(broken).objects.filter(pk=broken.pk).update(sha256="0" * 64)
    response = client.post(f"/api/v1/models/{broken.pk}/promote", {"reason": "Hope."}, "application/json")
    assert response.status_code == 400
    assert "cannot be loaded" in response.json()["detail"]
    assert promotions.live_model() == live


@pytest.mark.parametrize(("path", "most"), [("models", 3), ("runs", 2)])
def test_lists_cost_the_same_for_one_and_for_many(
    client, live, make_model, path, most, django_assert_max_num_queries
):
    with django_assert_max_num_queries(most) as first:
        assert len(client.get(f"/api/v1/{path}").json()["results"]) == 1
    for number in range(4):
        make_model(f"more {number}", sharpness=5.0 + number)
    with django_assert_max_num_queries(len(first)):
        assert len(client.get(f"/api/v1/{path}").json()["results"]) == 5


def test_a_model_says_what_it_knows(client, live):
    body = client.get(f"/api/v1/models/{live.pk}").json()
    assert body["classes"] == CLASSES
    assert body["live"] is True
