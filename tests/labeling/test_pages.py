"""The pages of labeling: who sees what, what each form does, and what happens to bad input."""

import re
from datetime import date, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.urls import reverse

from labeling.actions import boxes, identifications, rulings
from species.actions import observations, photos
from species.models import Occurrence
from tests import universe
from tests.labeling.browsing import PEOPLE, as_person, get, guess, links, queries, read
from tests.look.pages import Page

SOME_ID = "7d444840-9dc0-41d1-b245-5ffdce74fad2"


@pytest.fixture
def people(alice, colleague, charlie, rita, ada):
    return dict(zip(PEOPLE, [alice, colleague, charlie, rita, ada, None], strict=True))


class TestTheGallery:
    def test_shows_published_sightings_to_everybody(self, client, occurrence, alice):
        universe.sighting(alice, seed="draft", published=False)
        universe.sighting(alice, seed="private", consents=[])
        page = get(client, "gallery")
        assert links(page).count(occurrence.observation.get_absolute_url()) == 1
        assert len(page.all("article")) == 1
        assert "Not named yet" in page.text

    def test_the_owner_sees_their_withdrawn_photo_and_no_draft(self, client, occurrence, alice):
        universe.sighting(alice, seed="draft", published=False)
        universe.sighting(alice, seed="private", consents=[])
        assert len(get(as_person(client, alice), "gallery").all("article")) == 2

    def test_names_and_counts(self, client, occurrence, tree, alice, bob, charlie):
        identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=alice)
        page = get(client, "gallery")
        assert "Brown trout Salmo trutta" in page.text and "1 of 2" in page.text
        identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=bob)
        page = get(client, "gallery")
        assert "1 sighting, 1 species verified" in page.text
        assert "2 of 2" in page.text and page.all("span", class_="is-verified")

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({"q": "trout"}, True),
            ({"q": "褐鳟"}, True),
            ({"q": "chub"}, False),
            ({"q": "Alice"}, True),
            ({"q": "Salmo"}, True),
            ({"taxon": "salmonidae"}, True),
            ({"taxon": "Brown trout"}, True),
            ({"taxon": "Rainbow trout"}, False),
            ({"taxon": "Salmo fario"}, True),
            ({"status": "verified"}, False),
            ({"status": "needs_id"}, True),
            ({"who": "lic"}, True),
            ({"who": "Bob"}, False),
            ({"since": "2015-10-10", "until": "2015-10-10"}, True),
            ({"since": "2015-10-11"}, False),
            ({"month": "10"}, True),
            ({"month": ["4", "10"]}, True),
            ({"month": "4"}, False),
            ({"bbox": "11.3,47.2,11.4,47.3"}, True),
            ({"bbox": "11.36,47.26,11.4,47.3"}, False),
            ({"bbox": "170,-10,-170,60"}, False),
        ],
    )
    def test_filters(self, client, occurrence, tree, alice, query, found):
        identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=alice)
        page = get(client, "gallery", **query)
        assert bool(page.all("article")) == found
        chips = page.all("a", class_="chip")
        assert chips and all("cursor" not in (each["href"] or "") for each in chips)
        if not found:
            assert "Nobody has seen that here yet" in page.text

    def test_a_chip_removes_its_own_filter_only(self, client, tree):
        page = get(client, "gallery", q="trout", status="verified", month=["4", "5"])
        removing = {each["aria-label"]: each["href"] for each in page.all("a", class_="chip")}
        assert removing["Remove filter Verified"] == f"{reverse('gallery')}?q=trout&month=4&month=5"
        assert removing["Remove filter Apr, May"] == f"{reverse('gallery')}?q=trout&status=verified"

    @pytest.mark.parametrize(
        ("query", "why"),
        [
            ({"taxon": "unicorn"}, "No taxon here is called “unicorn”"),
            ({"since": "yesterday"}, "Enter a valid date"),
            ({"since": "2020-02-01", "until": "2020-01-01"}, "The end lies before the beginning."),
            ({"bbox": "1,2,3"}, "Four numbers with commas"),
            ({"bbox": "1,nan,3,4"}, "Degrees: west and east"),
            ({"month": "13"}, "Select a valid choice"),
            ({"status": "nearly"}, "Select a valid choice"),
            ({"cursor": "page two"}, "This address is broken."),
            ({"cursor": "cD0yMDIwLTAxLTAxVDAwOjAwOjAw"}, "This address is broken."),
            ({"page_size": "0"}, "This address is broken."),
            ({"order": "sideways"}, "This address is broken."),
            ({"satus": "verified"}, "Nothing called “satus” is taken here. Do you mean “status”?"),
            ({"zzz": "1"}, "Nothing called “zzz” is taken here."),
            ({"status": ["verified", "needs_id"]}, "“status” is said more than once."),
            ({"observation": "banana"}, "Enter a valid UUID."),
            ({"updated_since": "2020-01-01"}, "Write a moment like"),
        ],
    )
    def test_a_bad_filter_is_said_and_nothing_typed_is_lost(self, client, occurrence, tree, query, why):
        page = get(client, "gallery", expect=400, **({"place": "Ybbs"} | query))
        assert why in page.text
        assert page.all("input", name="place")[0]["value"] == "Ybbs"

    def test_a_hidden_place_is_found_by_no_search(self, client, occurrence, alice):
        observation = occurrence.observation
        secret = universe.place(name="Third bend of the Sill", uncertainty_m=30)
        observations.describe(observation=observation, by=alice, place=secret)
        assert "Third bend" not in get(client, "gallery").text
        assert not get(client, "gallery", place="bend").all("article")
        assert not get(client, "gallery", q="third bend").all("article")
        wide = universe.place(name="Upper Inn basin", uncertainty_m=60_000)
        observations.describe(observation=observation, by=alice, place=wide)
        assert "Upper Inn basin" in get(client, "gallery", place="inn basin").text
        observations.describe(observation=observation, by=alice, privacy="private")
        assert not get(client, "gallery", place="inn basin").all("article")
        observations.describe(observation=observation, by=alice, place=secret, privacy="open")
        assert "Third bend" in get(client, "gallery", q="third bend").text

    def test_pages_follow_each_other_whatever_is_added_meanwhile(self, client, alice, monkeypatch):
        monkeypatch.setattr("labeling.views.gallery.PER_PAGE", 2)
        for number in range(5):
            universe.sighting(alice, seed=number, size=(64, 32))
        moment = Occurrence.objects.first().listed_at
        Occurrence.objects.update(listed_at=moment)  # the id alone tells them apart
        address, seen = reverse("gallery"), []
        while address:
            page = Page(client.get(address).content.decode())
            seen += [each for each in links(page) if "/sightings/" in each]
            following = page.all("a", rel="next")
            address = following[0]["href"] if following else ""
            if len(seen) == 2:
                universe.sighting(alice, seed="newer", size=(64, 32))
        assert len(seen) == 5 == len(set(seen))

    def test_the_number_of_queries_does_not_grow(self, client, alice, tree, bob):
        first = universe.sighting(alice, seed=0, size=(64, 32)).occurrences.get()
        identifications.add(occurrence=first, taxon=tree["chub"], by=bob)
        one = queries(client, reverse("gallery"))
        for number in range(1, 6):
            each = universe.sighting(alice, seed=number, photos=2, size=(64, 32)).occurrences.get()
            identifications.add(occurrence=each, taxon=tree["brown_trout"], by=bob)
        assert queries(client, reverse("gallery")) == one <= 7

    @pytest.mark.parametrize("query", [{"taxon": "brown trout"}, {"q": "trout"}])
    def test_a_name_is_asked_for_in_few_queries(self, client, alice, bob, charlie, tree, query):
        named = universe.sighting(alice, seed=0, size=(64, 32)).occurrences.get()
        for person in (alice, bob):
            identifications.add(occurrence=named, taxon=tree["brown_trout"], by=person)
        other = universe.sighting(alice, seed=1, size=(64, 32)).occurrences.get()
        identifications.add(occurrence=other, taxon=tree["river_trout"], by=bob)
        assert queries(as_person(client, charlie), reverse("gallery"), **query) <= 14


class TestASighting:
    SEES = {
        "published": PEOPLE,
        "withdrawn from show": ["owner", "colleague", "reviewer", "admin"],
        "draft": ["owner"],
    }

    @pytest.mark.parametrize("who", PEOPLE)
    @pytest.mark.parametrize("what", SEES)
    def test_who_sees_it(self, client, occurrence, people, what, who):
        if what == "draft":
            universe.take_everything_back()
        if what == "withdrawn from show":
            for photo in occurrence.photos.all():
                photos.say(photo=photo, purpose="show", granted=False, by=people["owner"])
        status = 200 if who in self.SEES[what] else 404
        page = get(as_person(client, people[who]), "observation", occurrence.observation_id, expect=status)
        if status == 200:
            assert page.all("img"), "its photo is not on it"

    @pytest.mark.parametrize("who", PEOPLE)
    def test_who_sees_the_exact_place(self, client, occurrence, people, who):
        page = get(as_person(client, people[who]), "observation", occurrence.observation_id)
        exact = who in ("owner", "colleague", "reviewer", "admin")
        assert ("47.2681, 11.3933" in page.text) == exact
        assert ("exact place kept" in page.text) != exact
        assert "11 km around 47.25, 11.35" in page.text

    @pytest.mark.parametrize("who", PEOPLE)
    def test_who_is_offered_what(self, client, occurrence, people, who):
        page = get(as_person(client, people[who]), "observation", occurrence.observation_id)
        actions = [each.get("action") for each in page.all("form")]
        offered = {name for name in ("identify", "rule") if reverse(name, args=[occurrence.pk]) in actions}
        may = {"identify"} if who != "anonymous" else set()
        assert offered == may | ({"rule"} if who in ("reviewer", "admin") else set())
        second = reverse("add_occurrence", args=[occurrence.observation_id])
        assert (second in actions) == (who in ("owner", "admin"))
        assert ("Log in and say what it is" in page.text) == (who == "anonymous")

    def test_time_with_its_zone_and_a_way_to_cite_it(self, client, occurrence):
        page = get(client, "observation", occurrence.observation_id)
        assert "10 Oct 2015, 14:30 +02:00" in page.text
        assert "Photos by Alice, CC BY 4.0." in page.text
        assert (
            f"Alice (2015). Without a name yet. Aqua Vision, sighting {occurrence.observation_id}"
            in page.text
        )

    def test_a_time_without_a_zone_says_so(self, client, alice):
        sighting = universe.sighting(alice, observed_at=datetime(2015, 5, 1, 7, 0))
        assert "1 May 2015, 07:00 zone not known" in get(client, "observation", sighting.pk).text

    def test_everything_that_was_said_stands_in_the_thread(
        self, client, occurrence, tree, alice, bob, charlie, rita
    ):
        identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=alice, note="Red spots.")
        first = identifications.add(occurrence=occurrence, taxon=tree["chub"], by=bob)
        identifications.withdraw(identification=first, by=bob)
        identifications.add(occurrence=occurrence, taxon=tree["chub"], by=charlie, confidence="sure")
        ruling = rulings.rule(
            occurrence=occurrence, taxon=tree["huchen"], reason="The head.", by=rita, confirmed=True
        )
        page = get(client, "observation", occurrence.observation_id)
        for words in ("Red spots.", "took it back", "The head.", "A reviewer ruled: huchen."):
            assert words in page.text
        rulings.withdraw(ruling=ruling, by=rita)
        page = get(client, "observation", occurrence.observation_id)
        assert "People disagree: one says" in page.text and "The head." in page.text
        assert len(page.all("div", class_="gone")) == 2

    def test_the_suggestion_of_the_model_names_it(self, client, occurrence, photo, tree):
        guess(photo, tree, ("brown_trout", 0.7525), ("chub", 0.2))
        page = get(client, "observation", occurrence.observation_id)
        assert "a guess, never a vote" in page.text and "0.752" in page.text and "resnet34-v7" in page.text

    def test_boxes_are_drawn_on_their_photo_only(self, client, occurrence, photo, alice):
        boxes.draw(occurrence=occurrence, photo=photo, by=alice, x=0.1, y=0.2, width=0.5, height=0.5)
        page = get(client, "observation", occurrence.observation_id)
        assert page.all("rect", class_="box", x="10.00%", width="50.00%")
        other = occurrence.photos.order_by("position").last()
        assert not get(client, "observation", occurrence.observation_id, photo=other.pk).all(
            "rect", class_="box"
        )

    def test_every_organism_has_its_own_part(self, client, occurrence, alice, tree, bob):
        photo = occurrence.photos.first()
        as_person(client, alice)
        where = reverse("add_occurrence", args=[occurrence.observation_id])
        assert client.post(where, {"photos": [str(photo.pk)]}).status_code == 302
        second = Occurrence.objects.exclude(pk=occurrence.pk).get()
        identifications.add(occurrence=second, taxon=tree["chub"], by=bob)
        page = get(client, "observation", occurrence.observation_id)
        assert "2 fish in one sighting" in page.text and "Fish 2: Chub" in page.text
        assert {f"o-{occurrence.pk}", f"o-{second.pk}"} <= set(page.ids)
        page = read(client.post(where, {"photos": [str(uuid4())]}))
        assert "Select a valid choice" in page.text
        assert Occurrence.objects.count() == 2

    def test_the_number_of_queries_does_not_grow(
        self, client, alice, bob, charlie, rita, tree, occurrence, photo
    ):
        elsewhere = universe.sighting(alice, seed="elsewhere").occurrences.get()
        rulings.rule(occurrence=elsewhere, taxon=tree["chub"], reason="Seen.", by=rita)
        as_person(client, bob)
        page = reverse("observation", args=[occurrence.observation_id])
        guess(photo, tree, ("chub", 0.9), ("brown_trout", 0.1))
        identifications.add(occurrence=occurrence, taxon=tree["chub"], by=alice)
        one = queries(client, page)
        for person in (bob, charlie, rita):
            identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=person)
        guess(photo, tree, ("brown_trout", 0.9), ("chub", 0.1), source="resnet34-v8")
        as_person(client, alice).post(
            reverse("add_occurrence", args=[occurrence.observation_id]), {"photos": [str(photo.pk)]}
        )
        identifications.add(occurrence=occurrence.observation.occurrences.last(), taxon=tree["chub"], by=rita)
        assert queries(as_person(client, bob), page) <= one <= 15


class TestOnesOwnPhotos:
    def test_drafts_first_then_what_became_of_them(self, client, occurrence, tree, alice, bob, charlie):
        universe.sighting(alice, seed="draft", published=False, local_date=date(2020, 5, 1))
        for person in (bob, charlie):
            identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=person)
        universe.sighting(bob, seed="not hers")
        page = get(as_person(client, alice), "my_uploads")
        assert "Both say brown trout." in page.text and page.all("span", class_="is-verified")
        assert page.text.index("1 May 2020") < page.text.index("Both say")
        assert len(page.all("article")) == 1

    def test_nobody_elses_without_logging_in(self, client):
        assert client.get(reverse("my_uploads"))["Location"].startswith(reverse("account_login"))

    @pytest.mark.parametrize("who", PEOPLE)
    def test_who_may_change_consents(self, client, photo, people, who):
        address = reverse("photo_consents", args=[photo.pk])
        answer = as_person(client, people[who]).post(address, {"consents": ["show"]})
        expected = {"owner": 302, "anonymous": 302}.get(who, 404)
        assert answer.status_code == expected
        granted = set(
            photo.consents.filter(superseded_at=None, granted=True).values_list("purpose", flat=True)
        )
        assert granted == ({"show"} if who == "owner" else {"show", "research", "train"})

    def test_withdrawn_it_is_seen_by_its_owner_and_reviewers(self, client, occurrence, alice, charlie, rita):
        as_person(client, alice)
        for photo in occurrence.photos.all():
            client.post(
                reverse("photo_consents", args=[photo.pk]), {"then": "withdraw", "consents": ["show"]}
            )
        page = get(client, "my_uploads")
        assert "Withdrawn. Only you and reviewers see it, and the next dataset goes without." in page.text
        get(as_person(client, None), "observation", occurrence.observation_id, expect=404)
        get(as_person(client, charlie), "observation", occurrence.observation_id, expect=404)
        get(as_person(client, rita), "observation", occurrence.observation_id)

    def test_without_a_licence_it_is_only_shown(self, client, photo, alice):
        photos.relicense(photo=photo, licence="NONE", by=alice)
        address = reverse("photo_consents", args=[photo.pk])
        page = f"{reverse('my_uploads')}?page=1"
        asked = {"consents": ["show", "train"], "next": page}
        answer = as_person(client, alice).post(address, asked, follow=True)
        assert answer.redirect_chain == [(page, 302)], "it can be reloaded"
        assert "A photo without a licence is used nowhere else." in read(answer).text
        assert not photo.consents.filter(purpose="train", superseded_at=None, granted=True).exists()

    def test_the_number_of_queries_does_not_grow(self, client, alice, bob, tree):
        as_person(client, alice)
        occurrence = universe.sighting(alice, seed=0, size=(64, 32)).occurrences.get()
        universe.sighting(alice, seed="draft", published=False, size=(64, 32))
        identifications.add(occurrence=occurrence, taxon=tree["chub"], by=bob)
        one = queries(client, reverse("my_uploads"))
        for number in range(1, 5):
            each = universe.sighting(alice, seed=number, photos=2, size=(64, 32)).occurrences.get()
            identifications.add(occurrence=each, taxon=tree["brown_trout"], by=bob)
            universe.sighting(alice, seed=f"draft {number}", published=False, size=(64, 32))
        assert queries(client, reverse("my_uploads")) == one <= 13


def test_no_page_names_what_the_site_is_about_on_its_own():
    """`site.yaml` says what the photos show; a template that says it is wrong on every other site."""
    for path in Path(settings.ROOT, "templates", "labeling").glob("*.html"):
        assert not re.search(r"\bfish\b", path.read_text(), re.IGNORECASE), path
