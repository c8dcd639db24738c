"""Staff pages: thumbnails, filters, a fixed number of queries, and nothing to write that an action writes."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jobs.models import Job
from species.actions import occurrences, photos
from species.models import (
    Consent,
    Measurement,
    Observation,
    Occurrence,
    OccurrencePhoto,
    Photo,
    PlaceEdit,
    Taxon,
)
from species.models.words import Words
from tests import universe

# Words are an index over texts, drafts' too, that have a list of their own where staff may read them.
PARTS = ("measurements", "verdict", "rulings", "identifications")  # of an organism's page
MODELS = [model for model in apps.get_app_config("species").get_models() if not issubclass(model, Words)]
PRIVATE_IN_DRAFTS = [Photo, Observation, Occurrence, OccurrencePhoto, Consent, Measurement]


@pytest.fixture
def full(alice, ada, tree, sighting_of_alice):
    """Something of every kind."""
    occurrence = sighting_of_alice.occurrences.get()
    occurrences.settle(occurrence=occurrence, status="verified", taxon=tree["brown_trout"].pk)
    occurrences.measure(occurrence=occurrence, kind="weight", value=420, by=alice)
    universe.imported(operator=ada)
    return sighting_of_alice


def changelist(model, **query) -> str:
    return reverse(f"admin:species_{model._meta.model_name}_changelist", query=query)


def change(row) -> str:
    return reverse(f"admin:species_{row._meta.model_name}_change", args=[row.pk])


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_model_has_its_pages(client, ada, full, model):
    assert admin.site.is_registered(model)
    client.force_login(ada)
    assert client.get(changelist(model)).status_code == 200
    row = model.objects.first()
    if row is not None:
        assert client.get(change(row)).status_code == 200


@pytest.mark.parametrize("model", [Photo, Observation, Occurrence, Consent], ids=lambda model: model.__name__)
def test_lists_show_thumbnails_by_address(client, ada, full, model):
    client.force_login(ada)
    page = client.get(changelist(model)).content.decode()
    photo = full.photos.first()
    assert f'src="{reverse("photo_rendition", args=[photo.pk, 320])}"' in page
    assert 'width="320" height="160"' in page


@pytest.mark.parametrize("model", [*PRIVATE_IN_DRAFTS, Taxon], ids=lambda model: model.__name__)
def test_as_many_queries_for_one_row_as_for_many(client, ada, alice, tree, full, model):
    client.force_login(ada)
    client.get(changelist(model))

    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            client.get(changelist(model))
        return len(counted)

    before = queries()
    for number in range(4):
        sighting = universe.sighting(alice, seed=number, photos=2)
        occurrences.settle(occurrence=sighting.occurrences.get(), status="verified", taxon=tree["chub"].pk)
        occurrences.measure(occurrence=sighting.occurrences.get(), kind="weight", value=420, by=alice)
        Taxon.objects.create(
            scientific_name=f"Salmo {number}", rank="species", parent=tree["salmo"], label=f"salmo_{number}"
        )
    assert queries() == before


@pytest.mark.parametrize(
    ("model", "query", "count"),
    [
        (Photo, {"shown": "no"}, 1),
        (Photo, {"shown": "yes"}, 2),
        (Photo, {"licence__exact": "MIT"}, 1),
        (Occurrence, {"status__exact": "verified"}, 1),
        (Observation, {"privacy__exact": "private"}, 0),
        (Taxon, {"rank__exact": "hybrid"}, 2),
    ],
)
def test_filters(client, ada, alice, full, model, query, count):
    photos.say(photo=full.photos.first(), purpose="show", granted=False, by=alice)
    client.force_login(ada)
    assert client.get(changelist(model, **query)).context["cl"].result_count == count


@pytest.mark.parametrize("model", PRIVATE_IN_DRAFTS, ids=lambda model: model.__name__)
def test_an_id_is_searched_by_its_beginning(client, ada, alice, full, model):
    row = model.objects.first()
    universe.sighting(alice, seed="another")
    client.force_login(ada)
    names = admin.site.get_model_admin(model).search_fields
    for name in (name for name in names if not name.startswith("=")):
        value = getattr(row, model._meta.get_field(name).attname)
        found = client.get(changelist(model, q=str(value)[:8])).context["cl"].queryset if value else None
        assert found is None or set(found) == set(model.objects.filter(**{name: value}))


def test_search_by_name(client, ada, rita, alice, bob, full):
    universe.sighting(bob, seed="another")
    client.force_login(rita)

    def found(model, text):
        return set(client.get(changelist(model, q=text)).context["cl"].queryset)

    assert found(Observation, "alice") == {full}
    assert found(Observation, alice.email) == set(), "whose address it is a reviewer cannot find out"
    assert found(Occurrence, "Brown trout") == found(Occurrence, "Forelle") == set(full.occurrences.all())
    assert found(Photo, full.photos.first().sha256) == {full.photos.first()}


def test_verdicts_and_consents_are_read_only(client, ada, full, tree):
    client.force_login(ada)
    occurrence, photo = full.occurrences.get(), full.photos.first()
    page = client.get(change(occurrence)).content.decode()
    assert 'name="status"' not in page and 'name="agreed_taxon"' not in page
    client.post(
        change(occurrence),
        {"status": "disputed", "agreed_taxon": tree["chub"].pk, "organism_id": "old one-eye",
         **{f"{part}-{forms}_FORMS": 0 for part in PARTS for forms in ("TOTAL", "INITIAL")}},
    )  # fmt: skip
    occurrence.refresh_from_db()
    assert (occurrence.status, occurrence.agreed_taxon) == ("verified", tree["brown_trout"])
    assert occurrence.organism_id == "old one-eye", "the rest can be corrected"
    assert 'name="licence"' not in client.get(change(photo)).content.decode()
    consent = Consent.objects.first()
    assert client.post(change(consent), {"granted": ""}).status_code == 403
    assert client.post(reverse("admin:species_consent_add"), {}).status_code == 403
    consent.refresh_from_db()
    assert consent.granted


def test_what_places_were_called_is_for_admins(client, rita, ada, full):
    """A hidden place may be among them."""
    for person, expected in ((rita, 403), (ada, 200)):
        client.force_login(person)
        assert client.get(changelist(PlaceEdit)).status_code == expected


@pytest.mark.parametrize(
    "model", [each for each in MODELS if each is not PlaceEdit], ids=lambda model: model.__name__
)
def test_a_reviewer_looks_and_changes_nothing(client, rita, full, model):
    client.force_login(rita)
    assert client.get(changelist(model)).status_code == 200
    row = model.objects.first()
    if row is not None:
        assert client.get(change(row)).status_code == 200
        assert client.post(change(row), {}).status_code == 403
        assert model.objects.filter(pk=row.pk).exists()
    assert client.get(reverse(f"admin:species_{model._meta.model_name}_add")).status_code == 403


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
@pytest.mark.parametrize("name", ["alice", "charlie"])
def test_nobody_else_gets_in(client, request, full, name, model):
    client.force_login(request.getfixturevalue(name))
    assert client.get(changelist(model)).status_code == 302


def test_actions_go_through_the_actions(client, ada, full, django_capture_on_commit_callbacks):
    client.force_login(ada)
    first, second = full.photos.order_by("position")
    hide = {"action": "hide_photos", "_selected_action": [str(first.pk)]}
    assert client.post(changelist(Photo), hide).status_code == 302
    assert not Photo.objects.shown().filter(pk=first.pk).exists()
    assert Consent.objects.get(photo=first, purpose="show", superseded_at=None).by == ada
    erase = {"action": "erase_photos", "_selected_action": [str(second.pk)]}
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(changelist(Photo), erase).status_code == 302
    assert list(full.photos.all()) == [first]
    assert client.get(reverse("photo_rendition", args=[second.pk, 320])).status_code == 404


def test_a_reviewer_has_no_actions(client, rita, full):
    client.force_login(rita)
    photo = full.photos.first()
    client.post(changelist(Photo), {"action": "erase_photos", "_selected_action": [str(photo.pk)]})
    assert Photo.objects.filter(pk=photo.pk).exists()


@pytest.mark.parametrize("model", PRIVATE_IN_DRAFTS, ids=lambda model: model.__name__)
def test_of_a_draft_its_owner_alone_sees_rows(client, rita, ada, alice, model):
    """Admins and reviewers see their own drafts here, and nobody else's."""
    drafts = {}
    for owner in (alice, rita):
        sighting = universe.sighting(owner, seed=owner.pk, published=False)
        organism = occurrences.add(observation=sighting, photos=list(sighting.photos.all()), by=owner)
        occurrences.measure(occurrence=organism, kind="weight", value=420, by=owner)
        drafts[owner] = set(model.objects.values_list("pk", flat=True)) - set().union(*drafts.values())
        assert drafts[owner]
    for looker, seen in ((ada, set()), (rita, drafts[rita])):
        client.force_login(looker)
        assert {row.pk for row in client.get(changelist(model)).context["cl"].queryset} == seen
    client.force_login(rita)
    for pk in drafts[alice]:
        answer = client.get(change(model(pk=pk)))
        assert answer.status_code == 302 and answer["Location"] == reverse("admin:index")


def test_what_a_taxon_made_sensitive_touches_is_settled_anew_by_a_job(client, ada, full, tree):
    client.force_login(ada)
    taxon = tree["brown_trout"]
    answer = client.post(
        change(taxon),
        {
            "scientific_name": taxon.scientific_name,
            "rank": taxon.rank,
            "parent": taxon.parent_id,
            "label": taxon.label,
            "common_names": '{"en": "Brown trout"}',
            "sensitive": "private",
        },
    )
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    job = Job.objects.get(kind="settle_taxa")
    assert (job.arguments, job.owner) == ({"taxa": [str(taxon.pk)]}, ada)


def test_exact_places_are_on_no_staff_page(client, rita, full):
    client.force_login(rita)
    for url in (changelist(Observation), change(full)):
        assert "47.268" not in client.get(url).content.decode()
    assert Measurement.objects.exists()
