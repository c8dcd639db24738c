from datetime import timedelta

import pytest
from django.contrib import admin
from django.urls import reverse

from labeling import models
from labeling.actions import (
    all_boxed,
    boxes,
    comments,
    field_marks,
    flags,
    identifications,
    passes,
    rulings,
    sets,
    threads,
)
from labeling.actions.suggestions import suggest
from species.models import Status
from tests import universe

MODELS = [
    models.AllBoxed,
    models.Box,
    models.Comment,
    models.CommentReport,
    models.FieldMark,
    models.Flag,
    models.FoundRight,
    models.Identification,
    models.Lease,
    models.Pass,
    models.Portrait,
    models.Region,
    models.Reliability,
    models.ReviewCase,
    models.Routing,
    models.Ruling,
    models.SetAnswer,
    models.ShownThread,
    models.Suggestion,
    models.Verdict,
]


def url(model, page="changelist", *arguments):
    return reverse(f"admin:labeling_{model._meta.model_name}_{page}", args=arguments)


@pytest.fixture
def rows(occurrence, photo, tree, source, alice, bob, rita, ada):
    return add_one_of_each(occurrence, photo, tree, bob, rita, ada, said_by=bob, version="1")


def add_one_of_each(occurrence, photo, tree, bob, rita, ada, *, said_by, version):
    """One row of every kind."""
    whole = {"x": 0, "y": 0, "width": 1, "height": 1}
    reliability = models.Reliability.objects.create(
        version=version, person=bob, clade=tree["salmo"], value=0.9
    )
    said = identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=said_by)
    comment = comments.add(observation=occurrence.observation, text="Which river?", by=ada)
    threads.show(occurrences=[occurrence.pk], by=said_by)
    sets.answered(occurrence=occurrence, query="place=Enns", by=said_by)
    box = boxes.draw(occurrence=occurrence, photo=photo, by=bob, **whole)
    region = models.Region.objects.create(occurrence=occurrence, photo=photo, **whole)
    return {
        models.AllBoxed: all_boxed.add(photo=photo, by=bob),
        models.FieldMark: field_marks.point(
            occurrence=occurrence, photo=photo, mark="a scar", x=0.5, y=0.5, by=bob
        ),
        models.Identification: said,
        models.Ruling: rulings.rule(occurrence=occurrence, taxon=None, reason="Blurred.", by=ada),
        models.ReviewCase: models.ReviewCase.objects.create(
            occurrence=occurrence, queue="anchored" if version == "1" else "first"
        ),
        models.Lease: models.Lease.objects.create(
            occurrence=occurrence, person=said_by, until=said.created + timedelta(minutes=10)
        ),
        models.Routing: models.Routing.objects.create(
            occurrence=occurrence, reviewer=ada, cause="disputed", reason="7 ruled on in Salmonidae."
        ),
        models.FoundRight: models.FoundRight.objects.create(
            occurrence=occurrence, status="disputed", by=ada, withdrawn_at=said.created
        ),
        models.Comment: comment,
        models.CommentReport: comments.report(comment=comment, by=bob, reason="Rude."),
        models.SetAnswer: models.SetAnswer.objects.get(person=said_by, occurrence=occurrence),
        models.ShownThread: models.ShownThread.objects.get(person=said_by, occurrence=occurrence),
        models.Verdict: occurrence.verdict,
        models.Box: box,
        models.Portrait: models.Portrait.objects.create(
            taxon=tree[sorted(tree)[int(version)]], occurrence=occurrence, photo=photo
        ),
        models.Region: region,
        models.Suggestion: suggest(
            photo=photo,
            source="resnet34-v7",
            answers=[{"label": "brown_trout", "probability": 1.0}],
            taxon=tree["brown_trout"],
            uncertainty=0,
        ),
        models.Reliability: reliability,
        models.Pass: passes.add(occurrence=occurrence, kind="cannot_tell", by=rita),
        models.Flag: flags.raise_flag(photo=photo, kind="person", by=bob),
    }


def test_every_model_is_there():
    listed = {each for each in admin.site._registry if each._meta.app_label == "labeling"}
    # Without a photo beside them: see below, and test_sets.py.
    alone = {
        *(models.Campaign, models.DraftWords, models.ReliabilityTable, models.ReviewAct, models.ReviewSearch),
        *(models.Reapplied, models.ShownSuggestion, models.SignUp, models.QualityReport),
        *(models.Report, models.Caution, models.Suspension, models.Rollback, models.RolledBack),
    }
    assert listed == {*MODELS, *alone}


def test_who_signed_up_with_whom_is_for_admins(client, bob, rita, ada):
    models.SignUp.objects.create(person=bob, network="1f" * 16)
    for person, status in ((bob, 302), (rita, 403), (ada, 200)):
        client.force_login(person)
        page = client.get(url(models.SignUp))
        assert page.status_code == status
        assert ("1f" * 16 in page.content.decode()) == (person == ada)
    assert client.get(url(models.SignUp, "add")).status_code == 403


LOOKED_AT = [
    models.DraftWords,
    models.Reapplied,
    models.ReliabilityTable,
    models.ReviewAct,
    models.ReviewSearch,
]


@pytest.mark.parametrize("model", [*LOOKED_AT, models.ShownSuggestion])
def test_staff_look_at_rows_without_a_photo(model, client, rita, alice):
    client.force_login(alice)
    assert client.get(url(model)).status_code == 302
    client.force_login(rita)
    assert client.get(url(model)).status_code == 200
    assert client.get(url(model, "add")).status_code == 403


def test_what_somebody_writes_into_a_draft_is_listed_for_nobody_else(client, alice, ada):
    draft = universe.sighting(ada, seed="draft", published=False)
    others = universe.sighting(alice, seed="others", published=False)
    for each in (draft, others):
        models.DraftWords.objects.create(observation=each, typed={"note": ["secret"]}, version=each.version)
    client.force_login(ada)
    assert str(draft) in client.get(url(models.DraftWords)).content.decode()
    for each, status in ((draft, 200), (others, 302)):
        assert client.get(url(models.DraftWords, "change", each.pk)).status_code == status


@pytest.mark.parametrize("model", MODELS)
def test_staff_look_and_nobody_edits(model, rows, client, rita, ada, alice):
    client.force_login(alice)
    assert client.get(url(model)).status_code == 302
    for person in (rita, ada):
        client.force_login(person)
        page = client.get(url(model))
        assert page.status_code == 200
        if model is not models.Reliability:
            assert b'class="thumb"' in page.content
        change = client.get(url(model, "change", rows[model].pk))
        assert change.status_code == 200 and b'name="_save"' not in change.content
        assert client.get(url(model, "add")).status_code == 403
        assert client.post(url(model, "change", rows[model].pk), {}).status_code == 403
        assert client.post(url(model, "delete", rows[model].pk), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("model", MODELS)
def test_every_filter_and_search_works(model, rows, client, ada):
    client.force_login(ada)
    for query in ("?q=brown", "?stands=yes", "?stands=no", "?open=yes", "?open=no"):
        assert client.get(url(model) + query).status_code in (200, 302)


def test_drafts_are_not_listed(rows, client, rita):
    universe.take_everything_back()
    client.force_login(rita)
    for model in set(MODELS) - {models.Reliability}:
        assert b'class="thumb"' not in client.get(url(model)).content, model


@pytest.mark.parametrize("model", MODELS)
def test_a_list_takes_as_many_queries_for_one_row_as_for_many(
    model, rows, client, rita, tree, alice, bob, charlie, ada, django_assert_max_num_queries
):
    client.force_login(rita)
    client.get(url(model))
    with django_assert_max_num_queries(12) as before:
        client.get(url(model))
    for number in range(2, 5):
        sighting = universe.sighting(alice, seed=f"more {number}", photos=2)
        photo, (occurrence,) = sighting.photos.first(), sighting.occurrences.all()
        add_one_of_each(occurrence, photo, tree, bob, rita, ada, said_by=charlie, version=str(number))
    assert model.objects.count() > 3
    with django_assert_max_num_queries(len(before)) as after:
        client.get(url(model))
    assert len(after) == len(before)


def test_search_by_name(rows, client, rita):
    client.force_login(rita)

    def found(model, text):
        return set(client.get(url(model), {"q": text}).context["cl"].queryset)

    said, verdict = rows[models.Identification], models.Verdict.objects.get()
    assert found(models.Identification, "brown trout") == found(models.Identification, "bob") == {said}
    assert found(models.Identification, "Salmo fario") == {said}, "by a synonym"
    assert found(models.Identification, str(said.occurrence_id)[:8]) == {said}
    assert not found(models.Identification, "chub") and not found(models.Identification, "charlie")
    assert found(models.Verdict, str(verdict.pk)) == {verdict}
    assert found(models.Suggestion, "resnet34-v7") == {rows[models.Suggestion]}
    assert not found(models.Suggestion, "resnet34"), "a source by its whole name"
    assert found(models.Ruling, "ada") == {rows[models.Ruling]}


def act(client, model, action, row):
    answer = client.post(url(model), {"action": action, "_selected_action": [str(row.pk)]}, follow=True)
    assert answer.status_code == 200
    return [str(message) for message in answer.context["messages"]]


def test_withdraw_a_ruling(rows, client, occurrence, rita):
    client.force_login(rita)
    assert act(client, models.Ruling, "withdraw", rows[models.Ruling]) == ["Withdrawn: 1."]
    occurrence.refresh_from_db()
    assert occurrence.status == Status.NEEDS_ID


def test_a_refusal_is_said_and_nothing_happens(rows, client, rita):
    client.force_login(rita)
    (said,) = act(client, models.Identification, "take_back", rows[models.Identification])
    assert "Only the person who said it" in said
    assert models.Identification.objects.get().withdrawn_at is None


def test_take_back_ones_own(rows, client, occurrence, tree, rita):
    client.force_login(rita)
    own = identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=rita)
    assert act(client, models.Identification, "take_back", own) == ["Taken back: 1."]
    (said,) = act(client, models.Box, "take_back", rows[models.Box])
    assert "Only the person who drew it" in said


def test_resolve_a_flag(rows, client, rita):
    client.force_login(rita)
    assert act(client, models.Flag, "resolve", rows[models.Flag]) == ["Dealt with: 1."]
    assert models.Flag.objects.get().resolved_by == rita


def test_settle_again(rows, client, occurrence, rita):
    models.Verdict.objects.update(explanation={})
    client.force_login(rita)
    assert act(client, models.Verdict, "settle_again", rows[models.Verdict]) == ["Settled again: 1."]
    assert models.Verdict.objects.get().explained().reason == "ruling"


def test_withdraw_trust(source, client, rita):
    ruling = rulings.trust(source=source, reason="Named in the hand.", by=rita)
    client.force_login(rita)
    assert b"everything from fish pass cameras" in client.get(url(models.Ruling)).content
    assert act(client, models.Ruling, "withdraw", ruling) == ["Withdrawn: 1."]


def test_an_organism_shows_all_that_was_said_of_it(
    occurrence, tree, client, rita, bob, django_assert_max_num_queries
):
    said = identifications.add(occurrence=occurrence, taxon=tree["chub"], by=bob, note="Its scales.")
    rulings.rule(occurrence=occurrence, taxon=tree["bream"], reason="Its fins.", by=rita)
    client.force_login(rita)
    at = reverse("admin:species_occurrence_change", args=[occurrence.pk])
    page = client.get(at).content.decode()
    for text in ("Its scales.", "Its fins.", str(said.taxon), "Abramis brama", f"#o-{occurrence.pk}"):
        assert text in page
    assert "identifications-0-DELETE" not in page
    with django_assert_max_num_queries(25):
        client.get(at)
