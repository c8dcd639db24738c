"""Every table of the project has its staff pages, with filters, and lists that cost the same however long."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from oauth2_provider.models import Application

from accounts import actions as accounts
from accounts.models import ApiToken, Grant, KeptAnswer, User
from jobs.actions import enqueue
from jobs.models import Job
from ml.actions import promotions
from ml.models import Model, Promotion, TrainingRun
from notices.actions import notify
from notices.models import Notification
from species.models import Photo, Upload
from species.models.words import Words
from tests.conftest import person
from webhooks.models import Endpoint

OURS = ("accounts", "jobs", "notices", "webhooks", "species", "labeling", "research", "ml")
# Words are an index over texts, drafts' too, that have a list of their own where staff may read them.
TABLES = [
    model for app in OURS for model in apps.get_app_config(app).get_models() if not issubclass(model, Words)
]
# The floors between have tests of their own lists.
LISTS = [User, Grant, ApiToken, KeptAnswer, Job, Notification, TrainingRun, Model, Promotion]


def name(model) -> str:
    return model.__name__


def changelist(model) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


@pytest.mark.parametrize("model", TABLES, ids=name)
def test_every_table_has_a_list_with_filters(model):
    assert admin.site.is_registered(model)
    assert admin.site.get_model_admin(model).list_filter


@pytest.mark.parametrize("model", TABLES, ids=name)
def test_what_belongs_to_a_photo_shows_it(model):
    """The photo itself, and whatever has a column that leads to one."""
    leads = [field.name for field in model._meta.get_fields() if not field.auto_created and field.is_relation
             and field.related_model is Photo]  # fmt: skip
    shown = set(admin.site.get_model_admin(model).list_display) & {"thumb", "thumbs"}
    assert shown or not (leads or model is Photo)


@pytest.fixture
def add(ada, make_model):
    """Makes one more row of every kind in LISTS."""

    def one(number: int) -> None:
        user = person(f"Person {number}".replace(" ", ""))
        accounts.grant(user=user, scope="all", purpose="a study", by=ada)
        accounts.make_token(user=user, name="a phone", by=user)
        KeptAnswer.objects.create(user=user, key=f"{number}", asked="a", status=201)
        enqueue(kind="suggest", by=user)
        notify(user=user, kind="agreed", text="It is a chub.")
        promotions.promote(model=make_model(f"m{number}", sharpness=5.0 + number), by=ada, reason="Better.")

    return one


@pytest.mark.parametrize("model", LISTS, ids=name)
def test_a_list_takes_as_many_queries_for_one_row_as_for_many(client, ada, add, model):
    client.force_login(ada)
    add(0)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(changelist(model)).status_code == 200
        return len(asked)

    queries()
    before, rows = queries(), model.objects.count()
    for number in range(1, 4):
        add(number)
    assert model.objects.count() == rows + 3
    assert queries() == before


SECRETS = {
    *[(User, "password"), (ApiToken, "digest")],
    *[(Endpoint, "secret"), (Endpoint, "former_secret")],
    *[(Application, "client_secret"), (Upload, "digest")],
}
LOOKUPS = (
    "",
    "__startswith",
    "__istartswith",
    "__contains",
    "__regex",
    "__gt",
    "__lt",
    "__in",
    "__isnull",
    "__range",
)


def ways_to_secrets(model, hops: int = 2) -> list[str]:
    """Every path from a table to a hash, along columns and back along others' columns."""
    found = [field.name for field in model._meta.get_fields() if (model, field.name) in SECRETS]
    if hops:
        for field in model._meta.get_fields():
            if field.is_relation and field.related_model:
                found += [f"{field.name}__{rest}" for rest in ways_to_secrets(field.related_model, hops - 1)]
    return found


def test_the_secrets_of_every_table_are_known():
    """A column that is new and holds a hash or a key has to be listed above."""
    suspicious = ("password", "digest", "secret", "hash", "key", "token")
    harmless = {"phash", "photo_digest", "content_hash", "dataset_hash", "key", "gbif_key", "col_key"} | {
        "keys",
        "keys_on",
        "hash_client_secret",
    }
    named = {
        (model, field.name)
        for model in admin.site._registry
        for field in model._meta.concrete_fields
        if any(word in field.name for word in suspicious) and field.name not in harmless
    }
    assert named == SECRETS


@pytest.mark.parametrize("model", list(admin.site._registry), ids=name)
def test_no_list_filters_or_searches_by_a_hash(client, ada, model):
    client.force_login(ada)
    page = admin.site._registry[model]
    ways = ways_to_secrets(model)
    assert not [field for field in page.search_fields if "password" in field or "digest" in field]
    assert not {"password", "digest"} & {str(field) for field in [*page.list_display, *page.list_filter]}
    for way in ways:
        for lookup in LOOKUPS:
            assert not page.lookup_allowed(f"{way}{lookup}", "a", request=None), (way, lookup)
    for way in {way.split("__")[-1]: way for way in ways}.values():
        assert client.get(changelist(model), {f"{way}__startswith": "m"}).status_code == 400


def test_a_hash_cannot_be_read_out_letter_by_letter(client, ada, alice):
    client.force_login(ada)
    for table, column, value in ((User, "password", alice.password), (ApiToken, "digest", "0")):
        for lookup in LOOKUPS:
            assert client.get(changelist(table), {f"{column}{lookup}": value}).status_code == 400
