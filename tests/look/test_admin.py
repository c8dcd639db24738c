"""Staff lists cost what one page shows: the order of an index, counts that stop, pages that end, searches by index."""

import re

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from look.admin import PAGES, ListAdmin, Pages, beginning, in_order
from notices.models import Notification
from species.models import OccurrencePhoto
from species.models.words import Words

OURS = ("accounts", "jobs", "notices", "webhooks", "species", "labeling", "research", "ml")
LISTS = [
    page for model, page in admin.site._registry.items() if model is not Group
]  # nobody can be in a group
# Those that grow with sightings. A new table is one of them unless it is named here.
FEW = {"Allowance", "ApiToken", "Application", "CategoryNumber", "ChangedTaxon", "TaxonChange", "Dataset",
       "Departure", "DraftWords", "EmailAddress", "Grant",
       "KeptAnswer", "ImportBatch", "Listing", "Model", "Place", "Promotion", "Reliability", "ReliabilityTable",
       "TaxaVersion", "Taxon", "TrainingRun", "Upload", "User", "Endpoint",
       "Caution", "QualityReport", "Report", "Rollback", "Suspension", "Withheld"}  # fmt: skip
LONG = [page for page in LISTS if page.model.__name__ not in FEW]
MOST = PAGES * ListAdmin.list_per_page


def name(page) -> str:
    return page.model.__name__


def changelist(model, **query) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist", query=query)


@pytest.mark.parametrize("page", LISTS, ids=name)
def test_every_list_is_one_of_these(page):
    assert isinstance(page, ListAdmin) and page.paginator is Pages
    assert not page.show_full_result_count and not page.date_hierarchy
    assert page.show_facets is admin.ShowFacets.NEVER
    assert type(page).get_search_results is ListAdmin.get_search_results
    assert bool(page.search_help_text) == bool(page.search_fields)
    own = {field.name for field in page.model._meta.concrete_fields}
    assert {searched.lstrip("=") for searched in page.search_fields} <= own


@pytest.mark.parametrize("page", LONG, ids=name)
def test_a_long_list_is_in_the_order_of_an_index(page):
    meta = page.model._meta
    column = {"pk": meta.pk.name, **{field.attname: field.name for field in meta.concrete_fields}}
    ordering = [each.lstrip("-") for each in page.ordering]
    ordered = [column.get(each, each) for each in ordering]
    assert len({each.startswith("-") for each in page.ordering}) == 1, "an index is read one way"
    assert meta.get_field(ordered[-1]).unique
    whole = [list(index.fields) for index in meta.indexes if index.condition is None] + [[meta.pk.name]]
    assert ordered in [index[: len(ordered)] for index in whole]


@pytest.mark.parametrize("page", LONG, ids=name)
def test_a_long_list_reads_no_table_for_its_filters_or_its_search(page, rf, ada):
    request = rf.get("/")
    request.user = ada
    for spec in page.get_changelist_instance(request).filter_specs:
        assert not isinstance(spec, (admin.AllValuesFieldListFilter, admin.RelatedFieldListFilter)), (
            spec.title
        )
    for searched in page.search_fields:
        field = page.model._meta.get_field(searched.lstrip("="))
        assert searched.startswith("=") or field.is_relation or field.primary_key


@pytest.mark.parametrize("page", LISTS, ids=name)
def test_no_list_counts_a_table(page, client, ada):
    client.force_login(ada)
    for query in ({}, {"q": "trout"}, {"p": "1"}):
        with CaptureQueriesContext(connection) as asked:
            client.get(changelist(page.model, **query))
        counts = [each["sql"] for each in asked if "COUNT(" in each["sql"].upper()]
        assert all("LIMIT" in sql for sql in counts)
        assert len(asked) <= 15


@pytest.mark.parametrize("page", LONG, ids=name)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plans for the few rows of a test")
def test_the_database_walks_the_index(page, client, ada):
    client.force_login(ada)
    table = connection.ops.quote_name(page.model._meta.db_table)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(changelist(page.model)).status_code == 200
    (listed,) = (each["sql"] for each in asked if re.search(rf"FROM {table}.*ORDER BY {table}", each["sql"]))
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {listed}")
        plan = [row[3] for row in cursor.fetchall()]
    assert not [
        step for step in plan if "TEMP B-TREE" in step or "MATERIALIZE" in step or "LIST SUBQUERY" in step
    ]


@pytest.fixture
def many(ada):
    """Two more notices than there are pages for, each a second later than the one before."""
    Notification.objects.bulk_create(
        Notification(user=ada, kind="agreed", text=f"Notice {number}.") for number in range(MOST + 2)
    )


def test_pages_end_and_a_link_goes_on(client, ada, many):
    client.force_login(ada)
    first = client.get(changelist(Notification))
    assert "more than 1,000" in first.content.decode() and "Go on from here" not in first.content.decode()
    last = client.get(changelist(Notification, p=PAGES))
    seen = list(last.context["cl"].result_list)
    assert client.get(changelist(Notification, p=PAGES + 1)).status_code == 302
    further = last.context["cl"].further
    assert further in last.content.decode().replace("&amp;", "&")
    rest = client.get(changelist(Notification) + further).context["cl"]
    newest_first = list(Notification.objects.order_by("-created", "-id"))
    assert list(rest.result_list) == newest_first[MOST - 1 :], "none between is passed over"
    assert seen == newest_first[MOST - len(seen) : MOST]
    assert rest.paginator.said == "3" and not rest.further


def test_a_list_turns_around(client, ada, many):
    client.force_login(ada)
    at = admin.site.get_model_admin(Notification).list_display.index("created") + 1
    oldest = client.get(changelist(Notification, o=at, p=PAGES)).context["cl"]
    rest = client.get(changelist(Notification) + oldest.further).context["cl"]
    assert list(rest.result_list)[-1] == Notification.objects.order_by("created", "id").last()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite keeps no estimate")
def test_a_long_table_is_not_counted_but_estimated(client, ada, many):
    Notification.objects.bulk_create(
        Notification(user=ada, kind="agreed", text="News.") for _ in range(MOST + 1)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE notices_notification")
    client.force_login(ada)
    with CaptureQueriesContext(connection) as asked:
        assert "about 2,000" in client.get(changelist(Notification)).content.decode()
    assert not [each for each in asked if "COUNT(*)" in each["sql"] and "notices_notification" in each["sql"]
                and "LIMIT" not in each["sql"]]  # fmt: skip
    assert "more than 1,000" in client.get(changelist(Notification, q="Ada")).content.decode()


def test_all_of_too_many_cannot_be_chosen(client, ada, many):
    client.force_login(ada)
    notice = Notification.objects.first()
    chosen = {"action": "delete_selected", "_selected_action": [str(notice.pk)], "select_across": "1"}
    answer = client.post(changelist(Notification), chosen, follow=True)
    assert "search or filter first" in answer.content.decode()
    assert "Are you sure" not in answer.content.decode()
    answer = client.post(changelist(Notification), chosen | {"select_across": "0"})
    assert "Are you sure" in answer.content.decode()


def found(client, model, text: str) -> set:
    return set(client.get(changelist(model, q=text)).context["cl"].queryset)


def test_search_finds_by_person_and_by_the_beginning_of_an_id(client, ada, bob, charlie):
    rows = [
        Notification.objects.create(user=each, kind="agreed", text="It is Bob.") for each in (bob, charlie)
    ]
    client.force_login(ada)
    assert found(client, Notification, " bob ") == {rows[0]}
    assert found(client, Notification, str(rows[1].pk)[:8]) == {rows[1]}
    assert found(client, Notification, str(rows[1].pk)) == {rows[1]}
    assert found(client, Notification, str(bob.pk)[:13]) == {rows[0]}
    assert found(client, Notification, "nobody") == set()
    assert found(client, Notification, "") == set(rows)


def test_a_name_of_many_finds_whoever_is_called_just_so(ada, bob):
    User.objects.bulk_create(
        User(email=f"{number}@example.org", display_name=f"Bobby {number}") for number in range(60)
    )
    people = admin.site.get_model_admin(User).called("bob")
    assert bob.pk in people and len(people) == 50


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("0123abcd", "0123abcd-0000-0000-0000-000000000000", "0123abcd-ffff-ffff-ffff-ffffffffffff"),
        ("0123ABCD-9", "0123abcd-9000-0000-0000-000000000000", "0123abcd-9fff-ffff-ffff-ffffffffffff"),
    ],
)
def test_the_beginning_of_an_id(text, first, last):
    assert tuple(map(str, beginning(text))) == (first, last)


@pytest.mark.parametrize("text", ["", "dace", "0123abc", "0123abcg", "0" * 33, "٠١٢٣٤٥٦٧"])
def test_what_is_no_beginning_of_an_id(text):
    assert beginning(text) is None


def test_every_table_has_such_a_list():
    ours = {model for app in OURS for model in apps.get_app_config(app).get_models()}
    # Words are an index over texts, drafts' too, that have a list of their own where staff may read them.
    assert {each for each in ours if not issubclass(each, Words)} <= {page.model for page in LISTS}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL knows how common a name is")
def test_what_is_found_often_is_not_sorted(ada, bob, many, sighting_of_alice):
    own = Notification.objects.filter(user__in=[ada, bob]).order_by("-created", "-id")
    shown = OccurrencePhoto.objects.filter(occurrence__in=sighting_of_alice.occurrences.all()).order_by("-id")
    for rows, by in ((own, 'INDEXED BY "notification_by_time"'), (shown, "NOT INDEXED")):
        walked = in_order(rows, few=1)
        assert by in str(walked.query) and "TEMP B-TREE" not in walked.explain()
        assert in_order(rows, few=MOST * 2) is rows, "where they are few, they are"
        assert list(walked[1:3]) == list(rows[1:3])
        assert list(walked) == list(rows)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL knows how common a name is")
def test_a_search_that_finds_much_walks_the_index(client, ada, bob, many):
    Notification.objects.bulk_create(
        Notification(user=ada, kind="agreed", text="News.") for _ in range(4 * MOST)
    )
    bobby = User.objects.create(email="bobby@example.org", display_name="Bobby")
    adam = User.objects.create(email="adam@example.org", display_name="Adam")
    for person in (bob, bobby, adam):
        Notification.objects.create(user=person, kind="agreed", text="It is a chub.")
    client.force_login(ada)
    for text, walks in (("Ada", True), ("Bob", False)):
        with CaptureQueriesContext(connection) as asked:
            client.get(changelist(Notification, q=text))
        assert any("INDEXED BY" in each["sql"] for each in asked) == walks
