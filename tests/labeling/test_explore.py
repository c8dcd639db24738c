"""The map of Explore: what it is told of a view, in JSON and as a card, and the page's numbers without it."""

import random
from datetime import date

import h3
import pytest
from django.urls import reverse

from labeling.actions import identifications, rulings
from labeling.queries import explore
from species.actions import observations
from species.models import Observation, Occurrence
from tests import universe
from tests.labeling.browsing import as_person, get, links, queries
from tests.look.pages import one_line
from tests.problems import refusals

INN, TRAUN = (47.26812, 11.39325), (47.9213, 13.7993)
WORLD = "-180,-90,180,90"
NEAR = {"view": "11,47,12,47.5", "zoom": 12}


@pytest.fixture
def library(alice, bob, rita, tree) -> list[Observation]:
    """Twelve around two waters, every third shown as it is; half are ruled to be brown trout."""
    beck = universe.place("Brown trout beck", uncertainty_m=60_000)
    dice, made = random.Random(2), []
    for number in range(12):
        latitude, longitude = (INN, TRAUN)[number % 2]
        made.append(
            universe.sighting(
                (alice, bob)[number % 2],
                seed=number,
                size=(64, 48),
                latitude=latitude + dice.uniform(-0.02, 0.02),
                longitude=longitude + dice.uniform(-0.02, 0.02),
                privacy=("open", "generalized", "private")[number // 2 % 3],
                local_date=date(2015, 1 + number, 3),
                place=beck,
            )
        )
        if number < 6:
            rulings.rule(
                occurrence=made[-1].occurrences.get(), taxon=tree["brown_trout"], reason="Seen.", by=rita
            )
    return made


def ask(client, expect=200, **query) -> dict:
    answer = client.get(reverse("explore_cells"), {"view": WORLD, "zoom": 4, **query})
    assert answer.status_code == expect, answer.content
    return answer.json()


class TestHexagons:
    def test_all_in_view_and_how_many_show_no_place(self, client, library):
        found = ask(client)
        assert found["resolution"] == 2 and found["total"] == 8 and found["nowhere"] == 4
        assert sum(each[1] for each in found["cells"]) == 8 and sum(each[2] for each in found["cells"]) == 4
        assert all(len(each) == 4 and len(each[3]) >= 10 for each in found["cells"])
        assert sum(found["months"]) == 8 and found["points"] == [] and found["first"] == 0

    def test_no_others_than_those_in_view(self, client, library):
        assert ask(client, **NEAR)["total"] == 4
        assert ask(client, view="-150,-10,-140,0", zoom=8)["cells"] == []

    def test_filters_are_those_of_the_gallery(self, client, library):
        """Those that counters know and those that they do not."""
        for asked, count in [
            ({"taxon": "brown_trout"}, 4),
            ({"taxon": "salmonidae"}, 4),
            ({"taxon": "chub"}, 0),
            ({"status": "verified"}, 4),
            ({"status": "needs_id", "taxon": ""}, 4),
            ({"month": [1, 2]}, 2),
            ({"month": [1], "status": "verified", "taxon": "salmo"}, 1),
            ({"who": "alice"}, 4),
            ({"place": "beck"}, 8),
            ({"q": "trout beck"}, 8),
            ({"since": "2015-07-01"}, 4),
            ({"bbox": "11,47,12,48"}, 4),
            ({"who": "nobody"}, 0),
            ({"cell": "851f8867fffffff"}, 8),
        ]:
            found = ask(client, **asked)
            assert (found["total"], found["first"]) == (count, 0), asked

    def test_of_many_that_no_counter_knows_the_newest_are_gathered_and_it_says_so(
        self, client, library, monkeypatch
    ):
        monkeypatch.setattr(explore, "FIRST", 5)
        found = ask(client, place="beck")
        assert found["first"] == 5 and found["total"] == 5

    def test_what_cannot_be_asked_is_refused_in_a_sentence(self, client, tree):
        for query in [
            {"zoom": ""},
            {"zoom": "x"},
            {"zoom": -1},
            {"zoom": 99},
            {"view": ""},
            {"view": "1,2,3"},
            {"view": "0,10,0,-10"},
            {"view": "nan,0,1,1"},
            {"taxon": "unicorn"},
            {"cells": "x"},
            {"status": "x"},
            {"month": 13},
            {"taxon": ["chub", "salmo"]},
        ]:
            assert all(text.endswith((".", "?")) for text in ask(client, expect=400, **query)["errors"]), (
                query
            )

    def test_everybody_gets_the_same(self, client, library, alice, rita):
        observations.take_back(observation=library[0], by=alice)
        answers = [ask(as_person(client, person)) for person in (None, alice, rita)]
        assert answers[0] == answers[1] == answers[2] and answers[0]["total"] == 7
        answer = client.get(reverse("explore_cells"), {"view": WORLD, "zoom": 2})
        assert "public" in answer["Cache-Control"]

    def test_few_queries(self, client, library):
        address = reverse("explore_cells")
        assert queries(client, address, view=WORLD, zoom=3) <= 1
        assert queries(client, address, view=WORLD, zoom=3, taxon="salmonidae") <= 4
        assert queries(client, address, taxon="salmonidae", **NEAR) <= 6
        assert queries(client, address, q="trout", view=WORLD, zoom=3) <= 15


class TestCellsOfTheApi:
    def ask(self, client, expect=200, **query) -> dict:
        answer = client.get(reverse("api-cell-list"), query)
        assert answer.status_code == expect, answer.content
        return answer.json()

    @pytest.mark.parametrize("more", [{}, {"taxon": "brown_trout"}, {"who": "alice"}, {"month": [1, 2]}])
    def test_what_the_map_of_the_page_says(self, client, library, more):
        for view in ({"view": WORLD, "zoom": 4}, NEAR):
            page, told = ask(client, **{**view, **more}), self.ask(client, **view, **more)
            counted = {each["cell"]: [each["count"], each["verified"]] for each in told["cells"]}
            assert counted == {each[0]: each[1:3] for each in page["cells"]}
            points = [
                [round(each["latitude"], 6), round(each["longitude"], 6), each["observation"], each["status"]]
                for each in told["points"]
            ]
            assert points == page["points"]
            for name in ("resolution", "nowhere", "months", "more", "first"):
                assert told[name] == page[name]

    def test_the_whole_world_where_no_part_is_asked_for(self, client, library):
        told = self.ask(client)
        assert sum(each["count"] for each in told["cells"]) == 8
        for each in told["cells"]:
            assert h3.latlng_to_cell(each["latitude"], each["longitude"], told["resolution"]) == each["cell"]

    def test_everybody_gets_the_same_and_may_keep_it_for_a_minute(self, client, library, alice, rita):
        observations.take_back(observation=library[0], by=alice)
        answers = [self.ask(as_person(client, person)) for person in (None, alice, rita)]
        assert answers[0] == answers[1] == answers[2]
        assert client.get(reverse("api-cell-list"))["Cache-Control"] == "public, max-age=60"

    @pytest.mark.parametrize(
        "query", [{"zoom": "x"}, {"zoom": 2.5}, {"zoom": -1}, {"zoom": 21}, {"view": "1,2,3"}, {"view": ""},
                  {"cell": "851f8867fffffff"}, {"cursor": "x"}, {"status": "x"}, {"taxon": "unicorn"}]
    )  # fmt: skip
    def test_what_cannot_be_asked_is_refused_under_its_name(self, client, tree, query):
        assert refusals(client.get(reverse("api-cell-list"), query)).keys() == query.keys()

    def test_few_queries(self, client, library):
        address = reverse("api-cell-list")
        assert queries(client, address) <= 1
        assert queries(client, address, taxon="salmonidae", **NEAR) <= 6


class TestPoints:
    def test_only_places_that_are_shown_as_they_are(self, client, library):
        found = ask(client, **NEAR)
        shown = {str(each.pk) for each in library[::2] if each.privacy == "open"}
        assert {each[2] for each in found["points"]} == shown and len(shown) == 2
        for latitude, longitude, id, status in found["points"]:
            sighting = Observation.objects.get(pk=id)
            assert (latitude, longitude) == (round(sighting.latitude, 6), round(sighting.longitude, 6))
            assert status == sighting.occurrences.get().status

    def test_from_afar_there_are_none(self, client, library):
        assert ask(client, view=NEAR["view"], zoom=explore.POINTS_FROM - 1)["points"] == []

    def test_one_filter_set_for_them_too(self, client, library):
        by_month = [len(ask(client, month=month, **NEAR)["points"]) for month in range(1, 13)]
        assert sum(by_month) == 2
        assert len(ask(client, taxon="brown_trout", **NEAR)["points"]) == 1
        assert len(ask(client, taxon="actinopterygii", **NEAR)["points"]) == 1
        assert len(ask(client, status="needs_id", **NEAR)["points"]) == 1
        assert len(ask(client, who="alice", **NEAR)["points"]) == 2
        assert ask(client, who="bob", **NEAR)["points"] == []

    def test_a_name_that_protects_takes_it_away_at_once(self, client, library, charlie, tree):
        name = {"occurrence": library[6].occurrences.get(), "taxon": tree["bull_trout"], "by": charlie}
        before = ask(client, **NEAR)
        identifications.add(**name)
        after = ask(client, **NEAR)
        assert len(before["points"]) - len(after["points"]) == 1
        assert str(library[6].pk) not in str(after)

    def test_it_says_when_there_are_more(self, client, library, monkeypatch):
        assert not ask(client, **NEAR)["more"]
        for limit in ("POINTS", "LOOKED_AT"):
            with monkeypatch.context() as patched:
                patched.setattr(explore, limit, 1)
                found = ask(client, **NEAR)
            assert found["more"] and len(found["points"]) == 1


class TestCard:
    def test_a_hexagon_with_its_numbers_and_the_newest(self, client, library):
        cells = ask(client, **NEAR)["cells"]
        [cell] = [each for each in cells if each[1] == max(other[1] for other in cells)]
        answer = client.get(reverse("explore_card"), {"cell": cell[0], "status": "verified"})
        text = one_line(answer)
        assert answer.status_code == 200 and "Brown trout beck" in text
        assert f"cell={cell[0]}" in text and f"{cell[2]} sighting" in text

    def test_one_sighting(self, client, library):
        text = one_line(client.get(reverse("explore_card"), {"observation": library[0].pk}))
        assert library[0].get_absolute_url() in text and "hexagon" not in text

    def test_what_nobody_may_see_is_in_none(self, client, library, alice):
        observations.take_back(observation=library[0], by=alice)
        text = one_line(client.get(reverse("explore_card"), {"observation": library[0].pk}))
        assert "Nothing is shown here any more." in text

    @pytest.mark.parametrize(
        "query", [{}, {"cell": "x"}, {"zzz": 1}, {"status": "verified"}, {"observation": 1}]
    )
    def test_what_cannot_be_asked(self, client, library, query):
        answer = client.get(reverse("explore_card"), query)
        assert answer.status_code == 400 and "Press it again" in one_line(answer)

    def test_few_queries(self, client, library):
        cell = library[0].public_h3_5
        for query in (
            {"cell": cell},
            {"cell": cell, "taxon": "salmo", "month": 1},
            {"cell": cell, "q": "trout"},
        ):
            assert queries(client, reverse("explore_card"), **query) <= 15


class TestPage:
    def test_the_numbers_by_area_lead_to_what_is_in_each(self, client, library):
        page = get(client, "gallery")
        areas = [link for link in links(page) if "cell=" in link]
        assert areas
        found = sum(client.get(area).context["total"] for area in areas)
        assert found == 8
        text = one_line(client.get(reverse("gallery")))
        assert "4 sightings of these show no place." in text

    def test_areas_are_those_of_the_view_and_of_the_filters(self, client, library):
        there = client.get(reverse("gallery"), {"at": "47.27,11.39,8"}).context
        assert sum(area["all"] for area in there["areas"]) == 4
        months = client.get(reverse("gallery"), {"month": [1, 2]}).context
        assert sum(area["all"] for area in months["areas"]) == 2
        assert [bar["chosen"] for bar in months["bars"]] == [True, True] + [False] * 10
        assert sum(bar["count"] for bar in months["bars"]) == 8, "beside those of other months"

    def test_a_hexagon_is_a_filter_like_others(self, client, library):
        cell = library[0].public_h3_5
        page = client.get(reverse("gallery"), {"cell": cell})
        inside = Observation.objects.filter(public_h3_5=cell).count()
        assert page.context["total"] == inside and "a hexagon of the map" in one_line(page)
        rows = client.get(reverse("api-occurrence-list"), {"cell": cell}).json()["results"]
        assert len(rows) == inside
        around = Occurrence.objects.filter(observation__public_h3_5__gt="").count()
        assert client.get(reverse("gallery"), {"cell": "811e3ffffffffff"}).status_code == 200 and around == 8

    def test_the_view_is_kept_by_every_link_of_the_page(self, client, library):
        page = get(client, "gallery", at="47.27,11.39,8", status="verified")
        own = [link for link in links(page) if link.startswith("/explore?") and "?" in link]
        assert own and all("at=47.27" in link for link in own)

    def test_a_view_that_cannot_be(self, client, tree):
        for at in ["x", "47,11", "99,11,3", "47,11,x", "47,11,99"]:
            page = client.get(reverse("gallery"), {"at": at})
            assert page.status_code == 400 and "e.g. at=47.3,11.4,6." in one_line(page), at

    def test_an_empty_library_has_a_map(self, client, db):
        page = client.get(reverse("gallery"))
        assert page.context["map"]["at"] and page.context["areas"] == []

    def test_of_many_that_no_counter_knows_it_names_no_area(self, client, library, monkeypatch):
        from labeling.queries import gallery  # noqa: PLC0415

        monkeypatch.setattr(gallery, "COUNTED", 3)
        page = client.get(reverse("gallery"), {"place": "beck"}).context
        assert page["areas"] == [] and page["bars"] == []
        assert client.get(reverse("gallery"), {"place": "beck"}).status_code == 200

    def test_both_forms_of_the_filter_find_the_same(self, client, library, monkeypatch):
        from labeling.queries import gallery  # noqa: PLC0415

        cell = library[0].public_h3_5
        found = set(gallery.gallery(None).filter(gallery.in_cell(cell)))
        monkeypatch.setattr(gallery, "FEW_AT_ONE_PLACE", 0)
        assert found == set(gallery.gallery(None).filter(gallery.in_cell(cell))) and found

    def test_few_queries(self, client, library, alice):
        address = reverse("gallery")
        for person in (None, alice):
            as_person(client, person)
            for query in (
                {},
                {"taxon": "salmonidae"},
                {"at": "47.3,11.4,8"},
                {"cell": library[0].public_h3_5},
            ):
                assert queries(client, address, **query) <= 15, query

    def test_a_subject_without_places_has_no_map(self, client, library, settings):
        settings.PLACES = False
        assert "map" not in client.get(reverse("gallery")).context
