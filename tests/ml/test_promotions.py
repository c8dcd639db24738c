import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.actions import set_news
from accounts.models import News
from ml.actions import promotions
from ml.models import Model, Promotion
from ml.queries import promotions as promotions_queries
from notices.models import Notification
from research.models import DatasetPerson
from tests import conftest


def test_a_promoted_model_is_the_live_one(make_model, ada):
    first, second = make_model("one"), make_model("two", sharpness=5.0)
    promotions.promote(model=first, by=ada, reason="First.")
    assert promotions_queries.live_model() == first
    promotions.promote(model=second, by=ada, reason="Better.")
    assert promotions_queries.live_model() == second
    assert Promotion.objects.filter(ended_at=None).count() == 1


def test_roll_back_goes_to_what_was_live_before(make_model, ada):
    first, second = make_model("one"), make_model("two", sharpness=5.0)
    promotions.promote(model=first, by=ada, reason="First.")
    promotions.promote(model=second, by=ada, reason="Better.")
    promotions.roll_back(by=ada)
    assert promotions_queries.live_model() == first
    promotions.roll_back(by=ada)
    assert promotions_queries.live_model() == second, (
        "rolling back twice is going back and forth, never nowhere"
    )


def test_nothing_to_roll_back_to(live, ada):
    with pytest.raises(ValidationError, match="No other model"):
        promotions.roll_back(by=ada)
    assert promotions_queries.live_model() == live


@pytest.mark.parametrize("who", ["alice", "bob", "charlie", "rita"])
def test_only_an_admin_promotes(request, who, live, make_model):
    other = make_model("two", sharpness=5.0)
    person = request.getfixturevalue(who)
    with pytest.raises(PermissionDenied):
        promotions.promote(model=other, by=person, reason="Because.")
    with pytest.raises(PermissionDenied):
        promotions.roll_back(by=person)
    assert promotions_queries.live_model() == live


def test_a_reason_is_needed(make_model, ada):
    with pytest.raises(ValidationError, match="why"):
        promotions.promote(model=make_model(), by=ada, reason="  ")


def test_a_broken_folder_is_refused_and_the_live_model_stays(live, make_model, ada):
    broken = make_model("two", sharpness=5.0)
    default_storage.save(f"models/{broken.sha256}/model.onnx", ContentFile(b"half a model"))
    with pytest.raises(ValidationError, match="cannot be loaded"):
        promotions.promote(model=broken, by=ada, reason="Because.")
    assert promotions_queries.live_model() == live


def test_other_classes_than_recorded_are_refused(make_model, ada):
    model = make_model()
    model.classes = ["a", "b", "c"]
    model.save()
    with pytest.raises(ValidationError, match="other classes"):
        promotions.promote(model=model, by=ada, reason="Because.")


def test_the_first_goes_live_alone_the_second_does_not(make_model, ada):
    first, second = make_model("one"), make_model("two", sharpness=5.0)
    assert promotions.promote_first(model=first).by is None
    assert promotions.promote_first(model=second) is None
    assert promotions_queries.live_model() == first


def test_two_live_promotions_cannot_stand(live, make_model):
    with pytest.raises(IntegrityError), transaction.atomic():
        Promotion.objects.create(model=make_model("two", sharpness=5.0), reason="Because.")


def test_a_promotion_without_reason_cannot_stand(make_model):
    with pytest.raises(IntegrityError), transaction.atomic():
        Promotion.objects.create(model=make_model(), reason="")


def test_whose_photos_it_learned_from_is_told_once(make_model, dataset, ada, alice, bob, charlie, rita):
    for person, trainable in ((alice, 3), (bob, 0), (charlie, 1), (rita, 2)):
        DatasetPerson.objects.create(dataset=dataset, person=person, photos=4, trainable=trainable)
    set_news(user=rita, by=rita, kinds=set(News.values) - {News.MODEL})
    first, second = make_model("one"), make_model("two", sharpness=5.0)
    promotions.promote(model=first, by=ada, reason="First.")
    told = {each.user: each for each in Notification.objects.filter(kind="learned")}
    assert set(told) == {alice, charlie}
    text = f"{first} is live. It learned from the dataset Trout v1, of which 3 photos are yours."
    assert told[alice].text == text
    assert told[alice].url == reverse("model", args=[first.pk])
    promotions.promote(model=second, by=ada, reason="Better.")
    promotions.roll_back(by=ada)
    assert Notification.objects.filter(user=alice, kind="learned").count() == 2, "one a model"


def test_to_tell_of_it_costs_the_same_for_many(make_model, dataset, ada, django_assert_num_queries):
    model = make_model("one")
    for number in range(12):
        person = conftest.person(f"P{number}")
        DatasetPerson.objects.create(dataset=dataset, person=person, photos=4, trainable=1)
    # The run's dataset, who can be told, which programs listen, a savepoint, who wants to be, one insert, its release.
    model = Model.objects.select_related("run").get(pk=model.pk)
    with django_assert_num_queries(7):
        promotions._tell_of(model)
    assert Notification.objects.count() == 12
