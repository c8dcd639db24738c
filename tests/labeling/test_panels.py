"""What pages say: cards, verdicts in words, threads, and a model's suggestion from its row alone."""

from datetime import datetime
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils import translation

from labeling.actions import identifications, rulings, verdicts
from labeling.actions.suggestions import suggest
from labeling.consensus import Counts, Explanation
from labeling.models import Identification, Ruling, Verdict
from labeling.presenters import cards, places, suggestions, taxa, threads, wording
from labeling.presenters import verdicts as verdicts_presenters
from labeling.queries import room
from species.actions import photos
from species.models import Occurrence, Taxon
from species.queries import taxa as taxon_queries
from species.taxonomy import taxa_file
from tests import universe


@pytest.fixture
def say(occurrence, tree):
    """Say a name of the one occurrence."""

    def say(person, label, **words):
        return identifications.add(occurrence=occurrence, taxon=tree[label], by=person, **words)

    return say


@pytest.fixture
def verdict(occurrence):
    """The panel of its verdict as it stands now."""

    def verdict() -> dict:
        occurrence.refresh_from_db()
        found = Verdict.objects.filter(occurrence=occurrence).first()
        names = taxa.names([found] if found else [], known=[occurrence.agreed_taxon])
        return verdicts_presenters.verdict(occurrence, found, names)

    return verdict


class TestTheTitle:
    def title(self, client, occurrence) -> str:
        found = cards.cards(Occurrence.objects.all())[0]
        page = client.get(occurrence.observation.get_absolute_url()).content.decode()
        assert f"<title> {found['title']} ·" in " ".join(page.split())
        return found["title"]

    def test_what_is_disputed_is_titled_by_its_quarrel(
        self, say, client, occurrence, alice, bob, charlie, rita
    ):
        say(alice, "brown_trout")
        assert self.title(client, occurrence) == "Brown trout"
        say(bob, "rainbow_trout")
        assert self.title(client, occurrence) == "Brown trout or rainbow trout?"
        assert cards.cards(Occurrence.objects.all())[0]["scientific"] == ""
        say(charlie, "chub")
        assert (
            self.title(client, occurrence).endswith("?") and self.title(client, occurrence).count(" or ") == 1
        )
        say(rita, "bream")
        assert self.title(client, occurrence).endswith(" or something else?")

    def test_a_name_that_is_only_rejected_is_a_question(self, say, client, occurrence, tree, bob, charlie):
        say(bob, "brown_trout")
        say(charlie, "salmonidae", disagrees_with=tree["brown_trout"])
        assert self.title(client, occurrence) == "Brown trout or salmonids?"


class TestWhoIsMissing:
    def test_the_scale_fills_as_people_come(self, say, verdict, alice, bob):
        say(alice, "rainbow_trout")
        first = verdict()
        assert (first["votes_missing"], first["score"], first["filled"]) == (1, 1.0, 0.5)
        say(bob, "rainbow_trout")
        both = verdict()
        assert (both["votes_missing"], both["score"], both["filled"]) == (0, 1.0, 1.0)

    def test_of_a_quarrel_nobody_is_missing(self, say, verdict, alice, bob):
        say(alice, "rainbow_trout")
        say(bob, "brown_trout")
        assert verdict()["votes_missing"] == 0


class TestTheSentence:
    def test_nobody(self, verdict):
        assert verdict()["sentence"] == "Nobody has said what it is yet."
        assert verdict()["score"] is None, "there is no scale without anybody"

    def test_one_person(self, say, verdict, alice):
        say(alice, "rainbow_trout")
        assert verdict()["sentence"] == (
            "One person says rainbow trout. One more, who doesn’t know them, would settle it."
        )
        assert (verdict()["votes_for"], verdict()["votes_against"]) == (1, 0)

    def test_one_person_who_names_a_group(self, say, verdict, alice):
        say(alice, "salvelinus")
        assert verdict()["sentence"] == (
            "One person says chars. Whoever knows it more closely can name the species."
        )

    def test_agreement(self, say, verdict, alice, bob, charlie, rita):
        say(alice, "chub")
        say(bob, "chub")
        day = verdict()["sentence"].removeprefix("Both say chub. Settled on ")
        assert datetime.strptime(day, "%d %b %Y.")
        assert verdict()["why"][0] == {"text": "Two people agree; two are enough.", "warn": False}
        say(charlie, "chub")
        assert verdict()["sentence"].startswith("All three say chub.")
        say(rita, "bream")
        assert verdict()["sentence"].startswith("Three of four say chub.")
        assert (verdict()["votes_for"], verdict()["votes_against"], verdict()["score"]) == (3, 1, 0.75)

    def test_disagreement_is_told_of_the_leader_not_of_the_group_above(
        self, say, verdict, alice, bob, charlie
    ):
        for person, label in ((alice, "bream"), (bob, "bream"), (charlie, "chub")):
            say(person, label)
        panel = verdict()
        assert panel["sentence"] == (
            "People disagree: two say bream and one says chub. One more who says bream would settle it."
        )
        assert (panel["votes_for"], panel["votes_against"]) == (2, 1)
        assert panel["score"] == pytest.approx(2 / 3)

    def test_a_tie_has_no_leader(self, say, verdict, alice, bob):
        say(alice, "bream")
        say(bob, "chub")
        panel = verdict()
        assert panel["sentence"] in (
            "People disagree: one says bream and one says chub.",
            "People disagree: one says chub and one says bream.",
        )
        assert panel["score"] is None and panel["votes_neutral"] == 2

    def test_too_coarse(self, say, verdict, alice, bob, charlie):
        say(alice, "salmo")
        say(bob, "salmo")
        assert verdict()["sentence"] == "Two people agree on Salmo. Nobody has named the species yet."
        say(charlie, "brown_trout")
        assert verdict()["sentence"] == (
            "Three people agree on Salmo. One more who says brown trout would settle it."
        )

    def test_cannot_be_improved(self, say, verdict, alice, bob):
        for person in (alice, bob):
            say(person, "salvelinus", cannot_improve=True)
        panel = verdict()
        assert panel["status"] == "unresolvable"
        assert panel["sentence"].startswith(
            "Two people agree on chars, and that these photos can’t say more. Settled on"
        )

    def test_rulings(self, say, verdict, occurrence, tree, alice, rita):
        say(alice, "chub")
        rulings.rule(occurrence=occurrence, taxon=tree["huchen"], reason="The head.", by=rita)
        panel = verdict()
        assert panel["sentence"].startswith("A reviewer ruled: huchen. Settled on")
        assert panel["why"][0]["text"].startswith("“The head.”")
        assert (panel["votes_for"], panel["votes_against"]) == (0, 1)
        rulings.rule(occurrence=occurrence, taxon=None, reason="Too murky.", by=rita)
        assert verdict()["sentence"].startswith("A reviewer ruled that it can’t be settled.")

    def test_a_trusted_source(self, verdict, occurrence, tree, source, rita):
        identifications.add_imported(occurrence=occurrence, said={source: tree["chub"]}, by=rita)
        ruling = rulings.trust(source=source, reason="Taken by hand.", by=rita)
        verdicts.recompute(occurrences=[occurrence.pk])
        assert verdict()["sentence"].startswith("It came named chub, from a source that a reviewer trusts.")
        assert ruling.withdrawn_at is None

    @pytest.mark.parametrize(
        ("people", "text"),
        [(1, "One person answered with"), (2, "Two people answered with"), (0, "Nobody had the model’s")],
    )
    def test_whether_a_model_was_on_screen(self, say, occurrence, alice, bob, people, text):
        say(alice, "chub")
        say(bob, "chub")
        found = Verdict.objects.get(occurrence=occurrence)
        standing = [Identification(model_on_screen="v1" if each < people else "") for each in range(2)]
        reasons = wording.why(found.explained(), standing)
        assert reasons[-1]["text"].startswith(text) and reasons[-1]["warn"] == bool(people)

    @pytest.mark.parametrize(
        ("reason", "expected"),
        [
            ("only_uploader", "Only the person who added it says so."),
            (
                "too_little_weight",
                "Two people say chub, not yet with enough weight. One more would settle it.",
            ),
        ],
    )
    def test_reasons_that_measured_reliability_will_bring(self, tree, reason, expected):
        chub = str(tree["chub"].pk)
        about = Counts(taxon=chub, rank="species", supporting=2, contradicting=0, rejecting=0, score=1)
        explanation = Explanation(reason=reason, about=about, people=2, needed=1)
        said = wording.sentence(explanation, {tree["chub"].pk: tree["chub"]})
        assert said.startswith(expected)


class TestNamesInASentence:
    @pytest.mark.parametrize("path", ["data/taxa/trout.yaml", "data/taxa/dishes.yaml"])
    @pytest.mark.parametrize("language", ["en", "de", "fr", "zh-hans"])
    def test_every_name_that_we_ship(self, path, language):
        """In all the sentences there are, and as the heading above them."""
        for entry in taxa_file.read(Path(path)).entries:
            taxon = Taxon(
                id=entry.id,
                scientific_name=entry.scientific_name,
                rank="species",
                common_names=entry.common_names,
            )
            name = entry.common_names.get(language) or entry.common_names.get("en") or entry.scientific_name
            about = Counts(
                taxon=str(entry.id), rank="species", supporting=2, contradicting=0, rejecting=0, score=1.0
            )
            agreed = Explanation(
                status="verified", reason="agreement", taxon=str(entry.id), people=2, about=about
            )
            with translation.override(language):
                assert wording.sentence(agreed, {taxon.pk: taxon}) == f"Both say {name}."
                assert wording.title(taxon) == name[0].upper() + name[1:]
                assert taxon.name == wording.title(taxon) and taxon.common_name in (taxon.name, "")

    def test_a_name_that_is_gone(self):
        assert wording.said(None) == "a name that is gone"

    def test_a_group_is_not_a_species(self, tree):
        assert wording.title(tree["salvelinus"]) == "Chars, species unsure"
        assert wording.title(tree["cutbow"]) == "Cutbow"


class TestCards:
    def test_in_four_queries_in_the_order_given(
        self, occurrence, say, alice, bob, tree, django_assert_num_queries
    ):
        say(bob, "chub")
        other = universe.sighting(alice, seed="other").occurrences.get()
        rows = Occurrence.objects.order_by("-created", "-id")[:5]
        with django_assert_num_queries(4):
            first, second = cards.cards(rows)
        assert (first["id"], second["id"]) == (str(other.pk), str(occurrence.pk))
        assert (first["title"], first["foot"]) == ("Not named yet", "")
        assert (second["title"], second["scientific"]) == ("Chub", "Squalius cephalus")
        assert (second["status"], second["foot"], second["count"]) == ("needs_id", "1 of 2", 2)
        assert (second["date"], second["datetime"]) == ("10 Oct 2015", "2015-10-10")
        assert second["photo"]["src"].endswith("-1008.jpg") or "/1008.jpg" in second["photo"]["src"]

    def test_none_at_all(self, db, django_assert_num_queries):
        with django_assert_num_queries(1):
            assert cards.cards(Occurrence.objects.all()) == []

    @pytest.mark.parametrize(
        ("labels", "foot"),
        [
            (["chub", "chub"], "2 of 2"),
            (["chub", "bream"], "1 against 1"),
            (["chub", "chub", "bream"], "2 against 1"),
        ],
    )
    def test_the_foot(self, say, occurrence, alice, bob, charlie, labels, foot):
        for person, label in zip((alice, bob, charlie), labels, strict=False):
            say(person, label)
        assert cards.cards(Occurrence.objects.all())[0]["foot"] == foot

    def test_a_ruling_is_said(self, occurrence, tree, rita):
        rulings.rule(occurrence=occurrence, taxon=tree["chub"], reason="Seen.", by=rita)
        assert cards.cards(Occurrence.objects.all())[0]["foot"] == "ruling"

    def test_only_photos_that_are_shown(self, occurrence, alice, rita):
        first, second = occurrence.photos.order_by("position")
        photos.say(photo=first, purpose="show", granted=False, by=alice)
        rows = Occurrence.objects.all()
        assert str(second.pk) in cards.cards(rows)[0]["photo"]["src"]
        assert cards.cards(rows, AnonymousUser())[0]["count"] == 1
        assert cards.cards(rows, alice)[0]["count"] == cards.cards(rows, rita)[0]["count"] == 2


class TestTheThread:
    def entries(self, occurrence, about, person=None, fresh=None):
        return threads.thread(
            Identification.objects.select_related("person", "taxon", "disagrees_with"),
            Ruling.objects.select_related("reviewer", "taxon"),
            occurrence=occurrence,
            about=about,
            tree=taxon_queries.tree(),
            person=person,
            fresh=fresh,
        )

    def test_in_order_with_what_each_does_to_the_name(
        self, occurrence, say, tree, alice, bob, charlie, rita, source
    ):
        identifications.add_imported(occurrence=occurrence, said={source: tree["brown_trout"]}, by=rita)
        say(alice, "river_trout", confidence="sure")
        say(bob, "salmonidae")
        say(charlie, "chub")
        said = say(rita, "salmonidae", disagrees_with=tree["brown_trout"], note="The tail.")
        entries = self.entries(occurrence, tree["brown_trout"].pk, person=rita, fresh=said.pk)
        assert [each["relation_text"] for each in entries] == [
            "agrees, certain",
            "agrees, certain",
            "",
            "says no",
            "says no",
        ]
        assert [each["what"] for each in entries] == ["came with it", "added it", "", "", ""]
        assert entries[4]["who"] == "Rita (you)" and entries[4]["fresh"]
        assert entries[4]["note"] == "It is not brown trout. The tail."

    def test_what_was_taken_back_agrees_with_nothing(self, occurrence, say, tree, bob):
        identifications.withdraw(identification=say(bob, "chub"), by=bob)
        [entry] = self.entries(occurrence, tree["chub"].pk)
        assert entry["gone"] and entry["relation_text"] == "took it back"
        assert entry["taxon"]["kind"] == ""

    def test_a_name_is_agreed_only_when_it_is(self, occurrence, say, tree, alice, bob):
        say(alice, "chub")
        assert self.entries(occurrence, tree["chub"].pk)[0]["taxon"]["kind"] == ""
        say(bob, "chub")
        occurrence.refresh_from_db()
        assert {each["taxon"]["kind"] for each in self.entries(occurrence, tree["chub"].pk)} == {"agreed"}


class TestTheSuggestionOfAModel:
    def pencil(self, photo, taxon, *answers, tree=None):
        said = suggest(
            photo=photo,
            source="resnet34-v7",
            dataset_hash="ab" * 32,
            answers=[{"label": label, "probability": each} for label, each in answers],
            taxon=taxon,
            uncertainty=0.1,
        )
        return suggestions.pencil(said, tree=tree)

    def test_a_guess(self, photo, tree):
        answers = [("chub", 0.75), ("bream", 0.2), ("huchen", 0.03), ("brown_trout", 0.02)]
        panel = self.pencil(photo, tree["chub"], *answers)
        assert panel["state"] == "guesses" and len(panel["guesses"]) == 3
        assert panel["guesses"][0] == {
            "label": "chub",
            "name": "Chub",
            "said": "chub",
            "scientific": "Squalius cephalus",
            "probability": 0.75,
        }
        assert panel["source"] == "resnet34-v7 · trained on dataset abababab"

    def test_rolled_up_it_says_the_group_first(self, photo, tree):
        answers = [("rainbow_trout", 0.44), ("brown_trout", 0.27), ("chub", 0.2), ("brook_trout", 0.09)]
        panel = self.pencil(photo, tree["salmonidae"], *answers, tree=taxon_queries.tree())
        assert panel["state"] == "unsure"
        assert panel["guesses"][0]["name"] == "Salmonids, species unsure"
        assert panel["guesses"][0]["probability"] == pytest.approx(0.8)
        assert panel["says"] == "Rainbow trout 0.44, brown trout 0.27: too close to call."

    def test_none_of_these(self, photo, tree):
        assert self.pencil(photo, None, ("chub", 0.1))["state"] == "none"

    def test_what_it_was_never_taught_gets_no_name_and_no_number(self, photo):
        said = suggest(
            photo=photo,
            source="resnet34-v7",
            answers=[{"label": "chub", "probability": 1.0}],
            taxon=None,
            uncertainty=1.0,
        )
        panel = suggestions.pencil(said)
        assert panel["state"] == "none" and panel["guesses"] == []
        assert panel["says"] == "This does not look like anything it was taught."

    def test_a_label_that_left_the_tree(self, photo, tree):
        panel = self.pencil(photo, tree["chub"], ("sea_cucumber", 0.9))
        assert panel["guesses"][0]["name"] == "Sea cucumber"


class TestPlaces:
    def test_an_open_place_is_shown_as_it_is(self, alice):
        sighting = universe.sighting(alice, latitude=47.26812, longitude=11.39325, privacy="open")
        where = places.where(sighting, exact=False)
        assert where["public"] == "47.2681, 11.3933" and not where["kept"]

    def test_a_rough_one_as_a_square(self, sighting_of_alice):
        where = places.where(sighting_of_alice, exact=False)
        assert where["public"] == "a square of about 11 km around 47.25, 11.35"
        assert where["kept"] and where["exact"] == "" and where["source"] == "a pin on the map"

    def test_a_hidden_one_not_at_all(self, alice):
        sighting = universe.sighting(alice, latitude=47.26812, longitude=11.39325, privacy="private")
        where = places.where(sighting, exact=False)
        assert (where["name"], where["public"], where["exact"], where["source"]) == ("", "hidden", "", "")
        assert where["kept"] and where["why"] == "as its observer chose"
        assert places.where(sighting, exact=True)["exact"] == "47.2681, 11.3933"

    def test_none(self, alice):
        where = places.where(universe.sighting(alice), exact=True)
        assert not any(where.values())


class TestWhatMayBeMeant:
    def test_what_is_verified_nearby_comes_first(self, occurrence, alice, rita, tree):
        def verified(label, seed, **place):
            found = universe.sighting(alice, seed=seed, **place).occurrences.get()
            rulings.rule(occurrence=found, taxon=tree[label], reason="Seen.", by=rita)

        verified("chub", 1)
        verified("chub", 2)
        verified("bream", 3, latitude=47.3, longitude=11.4)
        likely = room.likely(occurrence.observation)
        assert [each.taxon.label for each in likely] == ["bream", "chub"]
        assert [each.here for each in likely] == [1, 0]
        assert all(each.photo is not None for each in likely)
        assert [each.taxon.label for each in room.likely()] == ["chub", "bream"]

    def test_what_is_hidden_is_not_counted(self, occurrence, alice, rita, tree):
        near = {"latitude": 47.3, "longitude": 11.4}
        shown = universe.sighting(alice, seed="shown", **near)
        hidden = universe.sighting(alice, seed="hidden", consents=["research"], **near)
        only_hidden = universe.sighting(alice, seed="only", consents=["research"], **near)
        for sighting, label in ((shown, "bream"), (hidden, "bream"), (only_hidden, "chub")):
            found = sighting.occurrences.get()
            rulings.rule(occurrence=found, taxon=tree[label], reason="Seen.", by=rita)
        likely = room.likely(occurrence.observation)
        assert [(each.taxon.label, each.here) for each in likely] == [("bream", 1)]


def test_ids_in_explanations_may_be_gone(occurrence, say, alice):
    """A verdict computed before a name was merged away still has a sentence."""
    say(alice, "chub")
    explanation = Verdict.objects.get().explained()
    assert wording.sentence(explanation, {}).startswith("One person says a name that is gone.")


@pytest.mark.parametrize("stored", [{"version": 99}, {}, [], {"version": 2}])
def test_an_explanation_that_cannot_be_read_spoils_no_page(occurrence, say, alice, client, stored, caplog):
    say(alice, "chub")
    Verdict.objects.update(explanation=stored)
    for url in (
        occurrence.observation.get_absolute_url(),
        reverse("gallery"),
        reverse("person", args=[alice.pk]),
    ):
        assert client.get(url).status_code == 200, url
    assert "can’t be read here" in client.get(occurrence.observation.get_absolute_url()).content.decode()
    assert "settle the verdict anew" in caplog.text.lower()
    verdicts.recompute(occurrences=[occurrence.pk])
    assert "One person says chub" in client.get(occurrence.observation.get_absolute_url()).content.decode()


def test_ten_more_are_said_as_a_number():
    """The words end at nine."""
    assert (wording._more(9), wording._more(10)) == ("Nine more", "10 more")
