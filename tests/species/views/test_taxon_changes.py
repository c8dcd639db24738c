"""The pages on which names are merged, split and replaced."""

import pytest
from django.urls import reverse

from jobs import worker
from species.actions import taxon_changes
from species.models import TaxonChange

PEOPLE = ["nobody", "alice", "bob", "charlie", "rita", "ada"]
MERGE = {
    "kind": "merge",
    "old": "Abramis brama",
    "new": "chub",
    "reason": "One <b>species</b>.",
    "source": "A paper",
}


@pytest.fixture
def draft(tree, rita) -> TaxonChange:
    return taxon_changes.propose(
        kind="merge", old=[tree["bream"]], new=[tree["chub"]], reason="One <b>species</b>.", by=rita
    )


def enter(client, request, who: str) -> None:
    if who != "nobody":
        client.force_login(request.getfixturevalue(who))


def page(name: str, *args) -> str:
    return reverse(name, args=args)


@pytest.mark.parametrize("who", PEOPLE)
def test_everybody_reads_and_reviewers_see_what_it_would_touch(client, request, draft, who):
    enter(client, request, who)
    assert "Abramis brama into Squalius cephalus" in client.get(page("taxon_changes")).content.decode()
    text = client.get(page("taxon_change", draft.pk)).content.decode()
    assert "One &lt;b&gt;species&lt;/b&gt;." in text
    assert ("What it would touch" in text) == (who in ("rita", "ada"))
    assert ("Apply it" in text) == (who == "ada")
    assert ("Take the proposal away" in text) == (who in ("rita", "ada"))


@pytest.mark.parametrize("who", PEOPLE)
def test_reviewers_propose(client, request, tree, who):
    enter(client, request, who)
    asked, sent = client.get(page("propose_taxon_change")), client.post(page("propose_taxon_change"), MERGE)
    if who in ("rita", "ada"):
        change = TaxonChange.objects.get()
        assert asked.status_code == 200 and sent.headers["Location"] == change.get_absolute_url()
        assert change.old == [tree["bream"]] and change.new == [tree["chub"]] and change.source == "A paper"
    else:
        assert {asked.status_code, sent.status_code} == ({302} if who == "nobody" else {403})
        assert not TaxonChange.objects.exists()


@pytest.mark.parametrize("who", PEOPLE)
def test_admins_apply_and_undo(client, request, draft, who):
    enter(client, request, who)
    applied = client.post(page("apply_taxon_change", draft.pk))
    worker.run_due()
    draft.refresh_from_db()
    assert (draft.state == "applied") == (who == "ada")
    assert applied.status_code == (403 if who not in ("ada", "nobody") else 302)
    undone = client.post(page("undo_taxon_change", draft.pk))
    draft.refresh_from_db()
    assert (draft.state == "undoing") == (who == "ada") and undone.status_code == applied.status_code
    text = client.get(page("taxon_change", draft.pk)).content.decode()
    assert ('class="panel job"' in text) == (who == "ada")


def test_a_proposal_is_taken_away_by_who_made_it(client, draft, alice, rita):
    client.force_login(alice)
    assert client.post(page("discard_taxon_change", draft.pk)).status_code == 403
    client.force_login(rita)
    assert client.post(page("discard_taxon_change", draft.pk)).status_code == 302
    assert not TaxonChange.objects.exists()


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"old": "Nemo"}, "No taxon here is called “Nemo”"),
        ({"new": "bream"}, "not merged into itself"),
        ({"reason": " "}, "This field is required"),
        ({"kind": "split", "old": "chub", "new": "chub\nbream @ Tyrol"}, "“Tyrol” is no area"),
        ({"kind": "merge", "new": "chub @ 1,2,3,4"}, "Areas are for splits"),
        ({"new": "\n".join(["chub"] * 51)}, "At most 50 names"),
    ],
)
def test_what_is_wrong_stands_at_the_form_with_what_was_typed(client, rita, tree, said, why):
    client.force_login(rita)
    answer = client.post(page("propose_taxon_change"), MERGE | said)
    assert answer.status_code == 400 and why in answer.content.decode()
    assert "A paper" in answer.content.decode() and not TaxonChange.objects.exists()


def test_a_split_takes_areas_and_a_swap_a_synonym_by_its_own_name(client, rita, tree):
    client.force_login(rita)
    new = "chub\nAbramis brama @ 11,47,12,48; 841F8D7FFFFFFFF"
    client.post(
        page("propose_taxon_change"), MERGE | {"kind": "split", "old": "Squalius cephalus", "new": new}
    )
    split = TaxonChange.objects.get()
    assert {each.taxon.label: each.areas for each in split.taxa.filter(side="new")} == {
        "chub": [],
        "bream": ["11,47,12,48", "841f8d7ffffffff"],
    }
    assert "841f8d7ffffffff" in client.get(split.get_absolute_url()).content.decode()
    client.post(
        page("propose_taxon_change"), MERGE | {"kind": "swap", "old": "brown trout", "new": "Salmo fario"}
    )
    assert TaxonChange.objects.get(kind="swap").new == [tree["salmo_fario"]]


def test_a_change_stands_in_the_history_of_its_names(client, draft, ada, tree):
    taxon_changes.apply(change=draft, by=ada)
    worker.run_due()
    for label in ("chub", "bream"):
        text = client.get(page("taxon", label), follow=True).content.decode()
        assert "Merge: Abramis brama into Squalius cephalus" in text and draft.get_absolute_url() in text
    assert "Merge:" not in client.get(page("taxon", "brown_trout")).content.decode()


def test_a_list_costs_the_same_for_one_as_for_many(client, draft, ada, tree, django_assert_max_num_queries):
    with django_assert_max_num_queries(8) as one:
        client.get(page("taxon_changes"))
    for label in ("brook_trout", "rainbow_trout", "atlantic_salmon"):
        taxon_changes.propose(kind="merge", old=[tree[label]], new=[tree["chub"]], reason="Same.", by=ada)
    with django_assert_max_num_queries(len(one)):
        client.get(page("taxon_changes"))


def test_the_api_answers_202_with_the_job(client, draft, ada, rita):
    at = f"/api/v1/taxon-changes/{draft.pk}"
    client.force_login(rita)
    counts = {each["many"]: each["count"] for each in client.get(f"{at}/preview").json()}
    assert counts["votes for it"] == 0
    client.force_login(ada)
    answer = client.post(f"{at}/apply")
    assert answer.status_code == 202 and answer.json()["state"] == "applying" and answer.json()["job"]
    again = client.post(f"{at}/apply")
    assert again.status_code == 400 and "being applied already" in again.content.decode()
    worker.run_due()
    assert client.get(at).json()["state"] == "applied"
    assert client.get("/api/v1/taxon-changes?state=applied").json()["results"][0]["id"] == str(draft.pk)
    assert client.post(f"{at}/undo").status_code == 202
    said = {"kind": "split", "old": ["chub"], "new": ["chub", "brook_trout"], "reason": "Two."}
    worker.run_due()
    made = client.post(
        "/api/v1/taxon-changes", said | {"areas": {"brook_trout": ["11,47,12,48"]}}, "application/json"
    )
    assert made.status_code == 201
    assert {"side": "new", "taxon": "brook_trout", "areas": ["11,47,12,48"]} in made.json()["taxa"]
    wrong = client.post("/api/v1/taxon-changes", said | {"areas": {"bream": ["1,2,3,4"]}}, "application/json")
    assert wrong.status_code == 400
