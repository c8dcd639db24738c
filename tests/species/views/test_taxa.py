"""The pages of names."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from species.actions import occurrences, photos
from species.models import Taxon
from species.queries import tallies, taxa_index, taxon_pages
from species.queries.names import Names
from species.views.taxa import PER_PAGE
from tests import universe
from tests.look.pages import Page, one_line


def taxon_url(label: str, **query) -> str:
    return reverse("taxon", args=[label], query=query)


def verified(owner, taxon, seed, length: float | None = None, **fields):
    sighting = universe.sighting(owner, seed=seed, size=(320, 160), **fields)
    occurrence = sighting.occurrences.get()
    occurrences.settle(occurrence=occurrence, status="verified", taxon=taxon.pk)
    if length:
        occurrences.measure(occurrence=occurrence, kind="total_length", value=length, by=owner)
    return sighting


class TestTheIndex:
    def test_it_is_unfolded_where_something_is_verified(self, client, alice, tree):
        def shown() -> set[str]:
            page = Page(client.get(reverse("taxa")).content.decode())
            assert page.faults == [] and page.missing_targets() == []
            links = {each.get("href") for each in page.all("a")}
            return {label for label in tree if taxon_url(label) in links}

        assert shown() == {"actinopterygii", "salmoniformes", "cypriniformes"}
        verified(alice, tree["river_trout"], 1)
        path = {"salmonidae", "salmo", "brown_trout", "river_trout"}
        assert shown() == {"actinopterygii", "salmoniformes", "cypriniformes"} | path

    def test_every_name_is_reached_by_unfolding_and_a_synonym_is_none(self, client, tree):
        """As htmx does it, and as a page of its own."""
        reached, left = set(), [reverse("taxa")]
        while left:
            page = Page(client.get(left.pop()).content.decode())
            assert page.faults == []
            hrefs = {each.get("href") for each in page.all("a")}
            reached |= {label for label in tree if taxon_url(label) in hrefs}
            unfolds = [each for each in page.all("a") if each.get("hx-get")]
            assert all(each["href"] == each["hx-get"] for each in unfolds)
            assert all(each["hx-select"].split()[0].removeprefix("#") in page.ids for each in unfolds)
            left += [each["href"] for each in unfolds]
        assert reached == set(tree) - {"salmo_fario"}

    def test_a_branch_unfolds_into_the_place_that_asked(self, client, tree):
        page = Page(client.get(reverse("taxa")).content.decode())
        [more] = [
            each for each in page.all("a") if (each.get("hx-get") or "").endswith("under=salmoniformes")
        ]
        answer = Page(client.get(more["hx-get"], headers={"HX-Request": "true"}).content.decode())
        assert more["hx-target"] == more["hx-select"] == "#under-salmoniformes"
        assert "under-salmoniformes" in answer.ids and "under-salmonidae" in answer.ids
        [first] = [each for each in answer.all("a") if "autofocus" in each]
        assert first["href"] == taxon_url("salmonidae"), "the focus goes on where the link was"

    def test_a_level_comes_in_pages_the_verified_first(self, client, alice, tree):
        many(tree, 60)
        verified(alice, Taxon.objects.get(label="many_00050"), 1)
        under = 60 + 3  # brown trout, salmon, tiger trout
        found: list[str] = []
        for number in range(1, 5):
            branch = taxa_index.level(tree["salmo"], number)
            found += [each.taxon.label for each in branch.children]
            assert branch.next_page == (number + 1 if number < 3 else None)
        assert len(found) == len(set(found)) == under and found[0] == "many_00050"
        for page in ("0", "x", "99", "9" * 30, "²"):
            assert client.get(reverse("taxa"), {"under": "salmo", "page": page}).status_code == 200
        assert client.get(reverse("taxa"), {"under": "nobody"}).status_code == 404

    def test_counts_add_up_the_tree_and_take_three_queries(
        self, alice, tree, django_assert_num_queries, client
    ):
        verified(alice, tree["river_trout"], 1)
        verified(alice, tree["chub"], 2)
        verified(alice, tree["tiger_trout"], 4)
        universe.sighting(alice, seed=3)
        taxa_index.index()
        with django_assert_num_queries(3):
            [root] = taxa_index.index()

        def count(branch, label):
            if branch.taxon.label == label:
                return branch.verified
            return next((n for each in branch.children if (n := count(each, label)) is not None), None)

        counted = {label: count(root, label) for label in ("actinopterygii", "salmo", "chub", "brown_trout")}
        assert counted == {"actinopterygii": 3, "salmo": 2, "chub": 1, "brown_trout": 1}
        assert count(root, "tiger_trout") == 1, "a hybrid is in the tree"
        with django_assert_num_queries(3):
            client.get(reverse("taxa"))

    def test_a_search(self, client, tree):
        page = client.get(reverse("taxa"), {"q": "褐鳟"}).content.decode()
        assert taxon_url("brown_trout") in page and taxon_url("chub") not in page
        nothing = client.get(reverse("taxa"), {"q": "<b>unicorn"})
        assert "No such name here" in nothing.content.decode()
        assert "<b>unicorn" not in nothing.content.decode()

    def test_without_any_name(self, client, db):
        assert "No names yet" in client.get(reverse("taxa")).content.decode()


class TestATaxon:
    def test_what_its_owner_hides_is_in_no_count_and_no_measure(self, client, alice, bob, tree):
        brown = tree["brown_trout"]
        verified(alice, brown, 1, 300, local_date=date(2015, 5, 1))
        hidden = verified(bob, brown, 2, 900, local_date=date(2015, 8, 1))
        before = taxon_pages.summary([brown.pk])
        assert (before.verified, before.people, before.longest_mm) == (2, 2, 900)
        photos.say(photo=hidden.photos.get(), purpose="show", granted=False, by=bob)
        after = taxon_pages.summary([brown.pk])
        assert (after.verified, after.people, after.shortest_mm, after.longest_mm) == (1, 1, 300, 300)
        assert [month for month, count in enumerate(after.months, start=1) if count] == [5]
        [root] = taxa_index.index()
        assert root.verified == 1

    def test_no_more_people_are_counted_than_there_may_be_on_a_page(
        self, client, alice, bob, rita, tree, monkeypatch
    ):
        monkeypatch.setattr(tallies, "MANY", 2)
        for number, (owner, said) in enumerate([(alice, "1 person"), (bob, "2 people"), (rita, "2+ people")]):
            verified(owner, tree["brown_trout"], number)
            verified(owner, tree["chub"], 10 + number)
            for label in ("brown_trout", "actinopterygii"):
                page = Page(client.get(taxon_url(label)).content.decode())
                assert f" by {said}." in page.text, label

    def test_of_two_roots_neither_shows_what_is_under_the_other(self, client, alice, tree):
        """A flat list of names is nothing but roots."""
        for name in ("Pizza", "Sushi"):
            taxon = Taxon.objects.create(
                scientific_name=name, rank="species", label=name.lower(), common_names={"en": name}
            )
            verified(alice, taxon, name, length=300)
        for label, count in (("pizza", 1), ("sushi", 1), ("actinopterygii", 0)):
            page = client.get(taxon_url(label))
            assert len(page.context["cards"]) == page.context["summary"].verified == count

    def test_the_only_root_shows_everything(self, client, alice, tree):
        for number, label in enumerate(("chub", "brown_trout", "cutbow", "actinopterygii")):
            verified(alice, tree[label], number, length=300)
        page = client.get(taxon_url("actinopterygii"))
        assert len(page.context["cards"]) == page.context["summary"].verified == 4

    def test_it_says_where_it_stands_and_what_it_is_called(self, client, tree):
        page = client.get(taxon_url("brown_trout")).content.decode()
        for words in ("Brown trout", "Salmo trutta", "Forelle", "褐鳟", "Salmo fario", "Names for tests"):
            assert words in page
        for label in ("actinopterygii", "salmonidae", "salmo", "river_trout", "tiger_trout"):
            assert f'href="{taxon_url(label)}"' in page, label
        assert "No verified photo yet" in page

    def test_a_hybrid_names_its_two_parents(self, client, tree):
        page = client.get(taxon_url("cutbow")).content.decode()
        for label in ("cutthroat_trout", "rainbow_trout"):
            assert f'href="{taxon_url(label)}"' in page
        assert "A cross of" in page
        assert 'aria-label="Cutbow: Cutthroat trout crossed with Rainbow trout"' in page
        assert "Cutbow" in client.get(taxon_url("rainbow_trout")).content.decode()

    def test_a_page_is_in_one_language_and_lists_the_other_names(self, client, tree):
        page = one_line(client.get(taxon_url("brown_trout"), headers={"accept-language": "zh-hans"}))
        assert 'lang="en"' in page and "<h1> Brown trout" in page
        assert '<span lang="zh-hans">褐鳟</span>' in page

    def test_it_counts_measures_and_shows_what_is_verified(self, client, alice, bob, tree):
        first = verified(alice, tree["brown_trout"], 1, length=310, local_date=date(2015, 10, 10))
        verified(bob, tree["river_trout"], 2, length=480, local_date=date(2016, 10, 2))
        disputed = universe.sighting(alice, seed=3).occurrences.get()
        occurrences.settle(occurrence=disputed, status="disputed", taxon=tree["brown_trout"].pk)
        page = client.get(taxon_url("salmo"))
        text = page.content.decode()
        assert "2 verified sightings by 2 people" in Page(text).text
        assert "310–480 mm" in Page(text).text
        assert "October 2" in text, "the chart's words"
        assert first.get_absolute_url() in text
        assert reverse("photo_rendition", args=[first.photos.get().pk, 320]) in text
        assert "31 cm" in Page(text).text and "10 Oct 2015" in text
        assert page.context["summary"].by_status["disputed"] == 1
        assert len(page.context["cards"]) == 2

    def test_a_photo_that_is_not_shown_is_not_here(self, client, alice, rita, tree):
        sighting = verified(alice, tree["chub"], 1)
        photos.say(photo=sighting.photos.get(), purpose="show", granted=False, by=alice)
        for person in (None, rita):
            if person:
                client.force_login(person)
            assert client.get(taxon_url("chub")).context["cards"] == []

    def test_photos_come_in_pages(self, client, alice, tree, monkeypatch):
        monkeypatch.setattr("species.views.taxa.PER_PAGE", 2)
        assert PER_PAGE == 24
        for number in range(3):
            verified(alice, tree["chub"], number)
        first = client.get(taxon_url("chub"))
        assert len(first.context["cards"]) == 2 and "cursor=" in first.context["next"]
        last = client.get(taxon_url("chub") + first.context["next"])
        assert len(last.context["cards"]) == 1 and not last.context["next"] and last.context["newest"]
        ids = [card["url"] for each in (first, last) for card in each.context["cards"]]
        assert len(set(ids)) == 3
        assert client.get(taxon_url("chub", cursor="soon")).url == taxon_url("chub")

    def test_pages_go_on_where_they_ended_whatever_is_verified_meanwhile(
        self, client, alice, tree, monkeypatch
    ):
        """Newest first; what comes or is shown again meanwhile stands before them."""
        monkeypatch.setattr("species.views.taxa.PER_PAGE", 2)
        found = [verified(alice, tree["chub"], number) for number in range(5)]
        urls, address = [], taxon_url("chub")
        while address:
            page = client.get(address)
            urls.append([card["url"] for card in page.context["cards"]])
            address = page.context["next"] and taxon_url("chub") + page.context["next"]
            if len(urls) == 1:
                verified(alice, tree["chub"], "newer")
                for granted in (False, True):
                    photos.say(photo=found[4].photos.get(), purpose="show", granted=granted, by=alice)
        expected = [each.get_absolute_url() for each in reversed(found)]
        assert urls == [expected[:2], expected[2:4], expected[4:]]

    def test_as_many_queries_for_one_photo_as_for_many(self, client, alice, tree):
        verified(alice, tree["chub"], 0)

        def queries() -> int:
            with CaptureQueriesContext(connection) as counted:
                client.get(taxon_url("chub"))
            return len(counted)

        before = queries()
        for number in range(1, 5):
            verified(alice, tree["chub"], number, photos=2, length=300 + number)
        assert queries() == before
        assert before <= 11

    def test_a_synonym_and_an_id_lead_to_the_name(self, client, tree):
        for key in ("salmo_fario", str(tree["brown_trout"].pk), str(tree["salmo_fario"].pk)):
            answer = client.get(taxon_url(key))
            assert (answer.status_code, answer["Location"]) == (302, taxon_url("brown_trout"))
        assert client.get(taxon_url("unicorn")).status_code == 404

    def test_a_protected_one_says_what_is_shown_of_its_places(self, client, tree):
        assert "about 11&nbsp;km" in one_line(client.get(taxon_url("bull_trout")))
        assert "Hidden" in client.get(taxon_url("hucho")).content.decode()

    @pytest.mark.parametrize("label", ["actinopterygii", "salmo", "brown_trout", "cutbow", "hucho"])
    def test_nothing_is_written_into_the_page_that_the_policy_forbids(self, client, tree, label):
        page = client.get(taxon_url(label)).content.decode()
        assert "style=" not in page and "<script>" not in page and "onclick" not in page


def test_pages_say_no_word_of_their_own_about_what_the_photos_show(client, db, tmp_path, settings):
    """Another subject: nothing of the first one is left in the words."""
    Taxon.objects.create(scientific_name="Pizza", rank="species", label="pizza", common_names={"en": "Pizza"})
    for url in (reverse("taxa"), taxon_url("pizza")):
        main = client.get(url).content.decode().split("<main")[1].split("</main>")[0].lower()
        for word in ("fish", "trout", "river"):
            assert word not in main


class TestProposals:
    """What a field where any name may be typed is offered, for look/names.js."""

    def offered(self, client, text: str) -> list[str]:
        page = Page(client.get(reverse("taxon_proposals"), {"q": text}).content.decode())
        assert page.faults == []
        return [each["data-value"] for each in page.all("li", role="option")]

    def said(self, client, text: str) -> str:
        page = Page(client.get(reverse("taxon_proposals"), {"q": text}).content.decode())
        return page.all("p")[0]["data-said"]

    def test_the_best_ones_by_the_name_that_the_field_takes(self, client, tree):
        assert self.offered(client, "brown tr") == ["Brown trout"]
        assert self.offered(client, "salvelinus c") == ["Bull trout"]
        assert self.offered(client, "chub") == ["Chub"] and self.said(client, "chub") == "1 name."
        for value in self.offered(client, "trout"):
            assert Names().find(value)

    def test_a_name_that_two_share_is_offered_as_what_tells_them_apart(self, client, tree):
        Taxon.objects.filter(label__in=["chub", "bream"]).update(common_names={"en": "whitefish"})
        assert set(self.offered(client, "whitefish")) == {"Squalius cephalus", "Abramis brama"}

    def test_the_nearest_where_there_is_none(self, client, tree):
        assert "Brown trout" in self.offered(client, "broun truot")
        assert self.said(client, "broun truot").startswith("Nothing here is called broun truot.")

    @pytest.mark.parametrize("text", ["", "  ", "<zq>", "\x00", "x" * 5000, "鳟鳟鳟"])
    def test_nothing_for_nothing(self, client, tree, text):
        assert self.offered(client, text) == []

    def test_ten_at_most_in_two_queries(self, client, tree, django_assert_num_queries):
        many(tree, 500)
        assert len(self.offered(client, "many")) == 10
        with django_assert_num_queries(2):
            client.get(reverse("taxon_proposals"), {"q": "many"})


def many(tree: dict[str, Taxon], number: int) -> None:
    """This many species more, in one genus."""
    Taxon.objects.bulk_create(
        Taxon(
            scientific_name=f"Salmo many{each:05}",
            rank="species",
            parent=tree["salmo"],
            label=f"many_{each:05}",
            common_names={"en": f"many {each:05}"},
        )
        for each in range(number)
    )


class TestWhereAndWhen:
    def test_months_of_years_from_the_first_to_the_last(self, client, alice, tree):
        for number, day in enumerate((date(2014, 11, 3), date(2016, 5, 3), date(2016, 5, 9))):
            verified(alice, tree["brown_trout"], number, local_date=day, latitude=47.27, longitude=11.39)
        answer = client.get(taxon_url("brown_trout"))
        assert "First seen in November 2014, last in May 2016." in one_line(answer)
        assert [each["year"] for each in answer.context["years"]] == [2016, 2015, 2014]
        assert [month["count"] for month in answer.context["years"][0]["months"]][3:6] == [0, 2, 0]
        assert not any(month["shade"] for month in answer.context["years"][1]["months"])

    def test_its_range_is_of_public_places_and_of_what_is_verified(self, client, alice, tree):
        verified(alice, tree["brown_trout"], 1, latitude=47.27, longitude=11.39)
        verified(alice, tree["river_trout"], 2, latitude=47.9, longitude=13.8, privacy="private")
        universe.sighting(alice, seed=3, size=(64, 48), latitude=47.9, longitude=13.8)
        told = client.get(reverse("taxon_range", args=["brown_trout"])).json()
        [[cell, count, agreed, ring]] = told["cells"]
        assert (count, agreed) == (1, 1) and len(ring) >= 10
        assert abs(told["at"][0] - 47.25) < 1.5 and abs(told["at"][1] - 11.35) < 1.5
        assert client.get(reverse("taxon_range", args=["chub"])).json()["cells"] == []
        assert client.get(reverse("taxon_range", args=["unicorn"])).status_code == 404
        assert "data-range" in one_line(client.get(taxon_url("brown_trout")))
        assert "data-range" not in one_line(client.get(taxon_url("chub")))
