"""A set to work on in the labeling room: chosen, kept by every address, counted, and at an end."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from labeling.actions import campaigns, identifications, passes, rulings, sets
from labeling.admin.campaigns import CampaignForm
from labeling.filters import OccurrenceFilter, WaitingFilter, query_of
from labeling.models import Campaign, Identification, SetAnswer
from labeling.queries import campaigns as campaign_queries
from labeling.queries import gallery, room
from labeling.queries import sets as queries
from labeling.queries.sets import Difficulty
from species.models import Occurrence
from tests import universe
from tests.labeling.browsing import PEOPLE, as_person, get, guess, links, read
from tests.labeling.browsing import queries as asked
from tests.labeling.test_room import form_of, press, shown
from tests.look.pages import Page


@pytest.fixture
def waiting(alice, tree) -> list[Occurrence]:
    """Four of Alice's: two from the Enns, one of these said to be a trout, one of the others a chub."""
    enns = universe.place("Enns", uncertainty_m=60_000)
    places = [{"place": enns, "latitude": 47.5, "longitude": 14.5}] * 2 + [{}] * 2
    return [
        universe.sighting(alice, seed=number, size=(64, 48), **where).occurrences.get()
        for number, where in enumerate(places)
    ]


@pytest.fixture
def named(waiting, charlie, tree) -> list[Occurrence]:
    identifications.add(occurrence=waiting[1], taxon=tree["brown_trout"], by=charlie)
    identifications.add(occurrence=waiting[3], taxon=tree["chub"], by=charlie)
    return waiting


def of(person, waiting, **query: str) -> set[int]:
    """Numbers of what a set holds for somebody."""
    numbers = {each.pk: number for number, each in enumerate(waiting)}
    filters = WaitingFilter(query, queryset=room.askable(person))
    assert filters.is_valid(), filters.errors
    return {numbers[each.pk] for each in room.queue(person, filters.qs)}


def campaign(ada, **values) -> Campaign:
    said = {"slug": "enns", "name": "The Enns", "words": "Who lives there?", "query": "place=Enns", "goal": 3}
    return campaigns.save(campaign=Campaign(**(said | values)), by=ada)


class TestWhatASetHolds:
    def test_a_group_is_what_people_say_and_never_what_a_model_does(self, named, bob, tree):
        guess(named[0].photos.get(), tree, ("brown_trout", 0.9))
        assert of(bob, named, taxon="Salmonidae") == {1}
        assert of(bob, named, taxon="chub") == {3}

    def test_a_place(self, named, bob):
        assert of(bob, named, place="Enns") == {0, 1}
        assert of(bob, named, place="Enns", taxon="chub") == set()

    def test_difficulty(self, named, bob, rita, tree):
        identifications.add(occurrence=named[1], taxon=tree["bream"], by=rita)
        for each, sure in ((named[0], 0.95), (named[1], 0.95), (named[2], 0.3), (named[3], 0.95)):
            guess(each.photos.get(), tree, ("chub", sure))
        found = {each.value: of(bob, named, difficulty=each) for each in Difficulty}
        assert found == {"unnamed": {0, 2}, "disputed": {1}, "unsure": {2}}

    def test_few_or_many_are_the_same(self, named, bob, monkeypatch):
        asked_for = [{"taxon": "chub"}, {"place": "Enns"}, {"difficulty": "unnamed"}]
        few = [of(bob, named, **each) for each in asked_for]
        monkeypatch.setattr("labeling.queries.ways.FEW", 1)
        assert [of(bob, named, **each) for each in asked_for] == few == [{3}, {0, 1}, {0, 2}]

    def test_never_ones_own_nor_what_one_answered(self, named, alice, bob, charlie):
        assert of(alice, named, place="Enns") == set()
        assert of(charlie, named, place="Enns") == {0}
        passes.add(occurrence=named[0], kind="skip", by=bob)
        assert of(bob, named, place="Enns") == {1}

    def test_the_same_query_means_the_same_in_lists(self, named, bob, ada):
        campaign(ada)
        for query in ({"place": "Enns"}, {"difficulty": "unnamed"}, {"campaign": "enns"}):
            listed = OccurrenceFilter(query, queryset=gallery.gallery(bob)).qs
            assert {each.pk for each in listed} == {named[number].pk for number in of(bob, named, **query)}, (
                query
            )

    def test_a_query_has_one_spelling(self):
        spelt = QueryDict("taxon=chub&cursor=x&month=5&month=6&place=&difficulty=unnamed")
        assert query_of(spelt) == "difficulty=unnamed&month=5&month=6&taxon=chub"


class TestTheRoom:
    def test_it_lasts_across_answers_undo_and_its_end(self, client, named, bob):
        as_person(client, bob)
        page = get(client, "label", place="Enns")
        assert "0 done, 2 left." in " ".join(page.text.split())
        assert page.all("input", name="set")[0]["value"] == "place=Enns"
        seen = [shown(page)]
        page = self.say(client, page, "chub")
        assert "1 done, 1 left." in " ".join(page.text.split())
        seen.append(shown(page))
        assert set(seen) == {str(named[0].pk), str(named[1].pk)}
        back = self.undo(client, page)
        assert shown(back) == seen[0] and "0 done, 2 left." in " ".join(back.text.split())
        page = self.say(client, self.say(client, back, "chub"), "bream")
        assert "This set is done" in page.text and "You answered 2 in it" in page.text
        assert reverse("label") in links(page) and f"{reverse('gallery')}?place=Enns" in links(page)
        assert shown(get(client, "label")) in {str(named[2].pk), str(named[3].pk)}, "the rest still waits"

    def say(self, client, page: Page, name: str) -> Page:
        return self.follow(client, form_of(page) | {"name": name, "then": "save"}, page)

    def undo(self, client, page: Page) -> Page:
        fields = {name: page.all("input", name=name)[0]["value"] for name in ("kind", "id")}
        occurrence = page.all("input", name="occurrence")[0]["value"]
        return self.follow(client, {"then": "undo", "occurrence": occurrence} | fields, page)

    def follow(self, client, sent: dict, page: Page) -> Page:
        answer = client.post(reverse("label"), sent | {"set": page.all("input", name="set")[0]["value"]})
        assert answer.status_code == 302, answer.content[:2000]
        assert parse_qs(urlsplit(answer["Location"]).query)["place"] == ["Enns"]
        return read(client.get(answer["Location"]))

    @pytest.mark.parametrize("then", ["cannot", "skip", "not_subject"])
    def test_every_answer_counts_and_is_counted_once(self, client, named, bob, then):
        page = get(as_person(client, bob), "label", place="Enns")
        sent = form_of(page) | {"then": then, "set": "place=Enns"}
        for _ in range(2):
            answer = client.post(reverse("label"), sent, headers={"accept": "application/json"}).json()
            assert (answer["done"], answer["left"], answer["set"]) == (1, [1, False], "place=Enns")

    def test_a_script_has_the_next_ones_of_the_set(self, client, named, bob):
        page = get(as_person(client, bob), "label", place="Enns")
        following = get(client, "label", place="Enns", without=shown(page))
        assert {shown(page), shown(following)} == {str(named[0].pk), str(named[1].pk)}
        both = f"{shown(page)},{shown(following)}"
        assert "Nothing waits for you in this set" in get(client, "label", place="Enns", without=both).text

    def test_a_name_in_a_set_by_name_was_not_given_blind(self, client, named, bob):
        """Who is handed what people call a trout has been told so, also where no cookie came along."""
        page = get(as_person(client, bob), "label", taxon="Salmonidae")
        client.cookies.pop("threads")
        client.post(
            reverse("label"), form_of(page) | {"name": "chub", "then": "save", "set": "taxon=Salmonidae"}
        )
        press(client, get(client, "label", difficulty="unnamed"), "save", name="chub")
        seen = {
            each.occurrence_id: each.others_on_screen for each in Identification.objects.filter(person=bob)
        }
        assert seen.pop(named[1].pk) is True and list(seen.values()) == [False]

    @pytest.mark.parametrize(
        ("query", "why"),
        [
            ({"taxon": "unicorn"}, "“unicorn”"),
            ({"plaice": "Enns"}, "plaice"),
            ({"difficulty": "hard"}, "hard"),
            ({"campaign": "none"}, "No campaign is called “none”."),
        ],
    )
    def test_nonsense_is_told_as_in_explore(self, client, named, bob, query, why):
        as_person(client, bob)
        assert why in get(client, "label", expect=400, **query).text
        assert why in get(client, "gallery", expect=400, **query).text

    def test_an_answer_is_taken_whatever_its_set_says(self, client, named, bob):
        page = get(as_person(client, bob), "label")
        sent = form_of(page) | {"name": "chub", "then": "save", "set": "taxon=unicorn"}
        assert client.post(reverse("label"), sent).status_code == 302
        assert Identification.objects.filter(person=bob).exists() and not SetAnswer.objects.exists()

    def test_few_queries(self, client, named, bob, ada, rita, tree):
        rulings.rule(occurrence=named[2], taxon=tree["chub"], reason="Seen.", by=rita)
        guess(named[0].photos.get(), tree, ("chub", 0.5))
        campaign(ada, query="place=Enns&difficulty=unnamed")
        as_person(client, bob)
        for query in ({}, {"place": "Enns"}, {"taxon": "Salmonidae"}, {"campaign": "enns"}):
            assert asked(client, reverse("label"), **query) <= 15, query
        assert asked(client, reverse("label_sets"), taxon="Salmonidae", place="Enns") <= 15


class TestChoosing:
    def test_what_is_chosen_is_filled_in_and_the_rest_is_kept(self, client, named, bob):
        page = get(as_person(client, bob), "label_sets", place="Enns", month="5")
        assert page.all("input", name="place")[0]["value"] == "Enns"
        assert page.all("input", name="month")[0]["value"] == "5"

    def test_explore_leads_into_the_room(self, client, named):
        assert f"{reverse('label')}?place=Enns" in links(get(client, "gallery", place="Enns"))

    @pytest.mark.parametrize("who", PEOPLE)
    def test_everybody_who_is_signed_in(self, client, who, alice, bob, charlie, rita, ada):
        person = dict(zip(PEOPLE, (alice, bob, charlie, rita, ada, None), strict=True))[who]
        assert as_person(client, person).get(reverse("label_sets")).status_code == (200 if person else 302)


class TestCampaigns:
    def test_it_is_offered_where_nothing_waits_and_leads_into_the_room(self, client, named, alice, ada):
        campaign(ada, last_day=timezone.now().date())
        page = get(as_person(client, alice), "label")
        assert "Who lives there?" in page.text and "0 of 3 answers." in page.text
        assert f"{reverse('label')}?campaign=enns" in links(page)

    def test_one_that_is_over_is_offered_no_more(self, named, ada):
        campaign(ada, last_day=timezone.now().date() - timedelta(days=1))
        assert campaign_queries.running() == []

    def test_what_stands_of_everybodys_answers_is_counted_up_to_its_goal(self, named, bob, rita, ada, tree):
        made = campaign(ada, goal=2)
        given = []
        for person in (bob, rita, ada):
            given.append(identifications.add(occurrence=named[0], taxon=tree["chub"], by=person))
            for _ in range(2):
                sets.answered(occurrence=named[0], query="campaign=enns", campaign=made, by=person)
        assert campaign_queries.given(made) == 2
        for each in given[1:]:
            identifications.withdraw(identification=each, by=each.person)
        assert campaign_queries.given(made) == 1

    def test_only_admins_make_them(self, alice, bob, charlie, rita, ada):
        for person in (alice, bob, charlie, rita):
            with pytest.raises(PermissionDenied):
                campaign(person)
        assert campaign(ada).by == ada
        with pytest.raises(ValidationError):
            campaign(ada, slug="none", goal=0)

    @pytest.mark.parametrize(
        ("query", "kept"),
        [
            ("http://localhost/explore?place=Enns&at=1,2,3", "place=Enns"),
            ("plaice=Enns", None),
            ("taxon=unicorn", None),
            ("campaign=enns", None),
            ("place=", None),
        ],
    )
    def test_its_query_is_checked_by_the_filters(self, ada, tree, query, kept):
        campaign(ada)
        said = {"slug": "other", "name": "Other", "words": "Why", "goal": 3, "query": query}
        form = CampaignForm(said)
        assert form.is_valid() is (kept is not None), form.errors
        assert form.cleaned_data.get("query") == kept

    def test_the_admin_has_a_form_for_it(self, client, ada, rita, tree):
        said = {"slug": "enns", "name": "The Enns", "words": "Why", "goal": 3, "query": "place=Enns"}
        refused = as_person(client, rita).post(reverse("admin:labeling_campaign_add"), said)
        assert refused.status_code == 403 and not Campaign.objects.exists()
        answer = as_person(client, ada).post(reverse("admin:labeling_campaign_add"), said)
        assert answer.status_code == 302, answer.content[:3000]
        assert Campaign.objects.get().by == ada


def test_done_counts_only_what_stands(waiting, bob, tree):
    said = identifications.add(occurrence=waiting[0], taxon=tree["chub"], by=bob)
    for each in waiting[:2]:
        sets.answered(occurrence=each, query="place=Enns", by=bob)
    assert queries.done(bob, "place=Enns").count() == 1 and not queries.done(bob, "place=Ybbs").exists()
    identifications.withdraw(identification=said, by=bob)
    assert not queries.done(bob, "place=Enns").exists()
