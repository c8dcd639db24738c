"""The labeling room without waiting: photos come without a reload, and no answer is lost, doubled or out of order."""

from urllib.parse import parse_qsl

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from labeling.actions import rulings
from labeling.models import Identification, Pass
from species.models import Occurrence, Status
from tests import universe
from tests.browsers import let_in
from tests.labeling.browsing import as_person, get

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]
PHONE, DESK = 360, 1280


@pytest.fixture
def sightings(tree, alice, rita) -> list[Occurrence]:
    known = universe.sighting(alice, seed="known").occurrences.get()
    rulings.rule(occurrence=known, taxon=tree["brown_trout"], reason="Seen.", by=rita)
    return [universe.sighting(alice, seed=seed, size=(64, 48)).occurrences.get() for seed in range(7)]


@pytest.fixture
def visit(browser, live_server, sightings, bob):
    """Opens the room as Bob; what the console says against it fails the test."""
    faults: list[str] = []
    opened = []

    def open_room(width: int = DESK) -> Page:
        context = browser.new_context(
            base_url=live_server.url, viewport={"width": width, "height": 800}, has_touch=width == PHONE
        )
        let_in(context, live_server.url, bob)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(reverse("label"))
        # What a reload would take away.
        page.evaluate("document.documentElement.dataset.same = 'yes'")
        opened.append(context)
        return page

    yield open_room
    for context in opened:
        context.close()
    assert faults == []


def asked(page: Page) -> str:
    return page.locator('#answer [name="occurrence"]').input_value()


def without_reload(page: Page) -> bool:
    return page.evaluate("document.documentElement.dataset.same") == "yes"


def until(page: Page, holds) -> None:
    for _ in range(400):
        if holds():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it never came to hold")


def answer(page: Page, key: str = "1") -> str:
    """Press the number of the first likely name, or a letter; what was asked about."""
    # What is pressed at once was meant for the photo before.
    page.wait_for_timeout(350)
    was = asked(page)
    page.keyboard.press(key)
    expect(page.locator('#answer [name="occurrence"]')).not_to_have_value(was)
    return was


def said() -> list[str]:
    standing = Identification.objects.filter(withdrawn_at=None).order_by("created")
    return [str(each) for each in standing.values_list("occurrence", flat=True)]


class TestAnswers:
    def test_one_after_another_in_order_by_keys_alone(self, visit):
        page = visit()
        given = [answer(page) for _ in range(5)]
        until(page, lambda: len(said()) == 5)
        assert said() == given and len(set(given)) == 5
        assert without_reload(page)
        expect(page.locator("[data-progress]")).to_have_text("5 today. 2 left.")

    def test_the_end_of_the_queue_says_so(self, visit, sightings):
        page = visit()
        for _ in range(len(sightings) - 1):
            answer(page)
        page.wait_for_timeout(350)
        page.keyboard.press("1")
        expect(page.get_by_text("Nothing waits for you")).to_be_visible()
        assert len(said()) == len(sightings)
        assert "Brown trout, saved." in page.content()

    def test_one_tap_each_on_a_phone(self, visit):
        page = visit(PHONE)
        for number in range(1, 4):
            page.wait_for_timeout(350)
            was = asked(page)
            page.locator(".likely label").first.tap()
            expect(page.locator('#answer [name="occurrence"]')).not_to_have_value(was)
            until(page, lambda number=number: len(said()) == number)
        assert without_reload(page)

    def test_pressed_twice_it_answers_one(self, visit):
        page = visit()
        page.wait_for_timeout(350)
        page.locator(".likely label").first.click()
        page.locator("[data-save]").dblclick()
        page.wait_for_timeout(600)
        until(page, lambda: len(said()) == 1)
        page.keyboard.down("s")
        for _ in range(5):
            page.keyboard.down("s")
        page.keyboard.up("s")
        until(page, lambda: Pass.objects.count() == 1)
        page.wait_for_timeout(500)
        assert len(said()) == Pass.objects.count() == 1

    def test_a_name_nobody_knows_comes_back_with_its_words(self, visit):
        page = visit()
        page.wait_for_timeout(350)
        was = asked(page)
        page.locator('#answer [name="name"]').fill("unicorn")
        page.keyboard.press("Enter")
        expect(page.get_by_text("called “unicorn”")).to_be_visible()
        assert asked(page) == was and page.locator('#answer [name="name"]').input_value() == "unicorn"
        page.wait_for_timeout(350)
        page.locator('#answer [name="name"]').fill("chub")
        page.locator('#answer [name="name"]').press("Enter")
        expect(page.locator('#answer [name="occurrence"]')).not_to_have_value(was)
        until(page, lambda: said() == [was])
        assert without_reload(page)

    def test_what_others_settled_meanwhile_is_said_before_it_counts(self, visit, rita, tree):
        page = visit()
        page.wait_for_timeout(350)
        was = asked(page)
        rulings.rule(occurrence=Occurrence.objects.get(pk=was), taxon=tree["chub"], reason="Seen.", by=rita)
        page.keyboard.press("1")
        expect(page.get_by_role("alert")).to_contain_text("settled as chub while you looked")
        assert asked(page) == was and said() == []


class TestWithoutAConnection:
    def test_cut_ten_times_none_is_lost_or_doubled(self, visit, alice):
        for seed in range(20, 26):
            universe.sighting(alice, seed=seed, size=(64, 48))
        page = visit()
        given = []
        for turn in range(10):
            page.wait_for_timeout(200)
            page.context.set_offline(turn % 2 == 0)
            given.append(answer(page, "s" if turn % 3 == 2 else "1"))
            if turn % 2 == 0:
                expect(page.locator("[data-waiting]")).to_contain_text("No connection")
            page.context.set_offline(False)
        until(page, lambda: len(said()) + Pass.objects.count() == 10)
        passed = {str(each) for each in Pass.objects.values_list("occurrence", flat=True)}
        assert said() == [each for each in given if each not in passed]
        assert {*said(), *passed} == set(given) and Identification.objects.count() == len(said())
        assert without_reload(page)
        expect(page.locator("[data-waiting]")).to_be_hidden()

    def test_a_reload_sends_what_was_kept(self, visit):
        page = visit()
        page.wait_for_timeout(1500)
        page.context.route(
            "**/label", lambda route: route.abort() if route.request.method == "POST" else route.fallback()
        )
        given = [answer(page), answer(page)]
        expect(page.locator("[data-waiting]")).to_contain_text("2 answers kept here")
        page.context.unroute_all()
        page.reload()
        until(page, lambda: said() == given)
        until(page, lambda: asked(page) not in given)

    def test_another_person_neither_sees_nor_sends_them(self, visit, live_server, charlie):
        page = visit()
        page.wait_for_timeout(1500)
        page.context.route(
            "**/label", lambda route: route.abort() if route.request.method == "POST" else route.fallback()
        )
        given = answer(page)
        expect(page.locator("[data-waiting]")).to_contain_text("kept here")
        # Until the other one has come nothing gets through: their own page would send it, and rightly.
        let_in(page.context, live_server.url, charlie)
        page.goto(reverse("label"))
        page.context.unroute_all()
        page.wait_for_timeout(1500)
        assert said() == [] and asked(page)
        kept = page.evaluate("localStorage.getItem('answers')")
        assert given in kept, "it waits for its own person"


class TestTheSameAgain:
    def test_it_is_what_was_said_last_here_before_the_site_knows(self, visit):
        page = visit()
        page.wait_for_timeout(1500)
        expect(page.locator("main [data-same]")).to_be_hidden()
        page.context.set_offline(True)
        page.wait_for_timeout(350)
        first = asked(page)
        page.locator('#answer [name="name"]').fill("chub")
        page.locator('#answer [name="name"]').press("Enter")
        expect(page.locator('#answer [name="occurrence"]')).not_to_have_value(first)
        expect(page.get_by_role("button", name="Again: chub")).to_be_visible()
        second = answer(page, ".")
        page.context.set_offline(False)
        until(page, lambda: said() == [first, second])
        assert set(Identification.objects.values_list("taxon__label", flat=True)) == {"chub"}

    def test_a_name_nobody_knows_is_not_said_again(self, visit):
        page = visit()
        answer(page)
        until(page, lambda: len(said()) == 1)
        page.wait_for_timeout(350)
        page.locator('#answer [name="name"]').fill("unicorn")
        page.keyboard.press("Enter")
        expect(page.get_by_text("called “unicorn”")).to_be_visible()
        expect(page.locator("[data-same-name]")).to_have_text("Brown trout")


class TestUndo:
    def test_across_photos_the_last_first(self, visit):
        page = visit()
        given = [answer(page), answer(page, "s"), answer(page, "x"), answer(page)]
        until(page, lambda: len(said()) == 2 and Pass.objects.count() == 2)
        for was in reversed(given):
            page.wait_for_timeout(350)
            page.keyboard.press("Backspace")
            expect(page.locator('#answer [name="occurrence"]')).to_have_value(was)
        until(page, lambda: said() == [] and not Pass.objects.filter(withdrawn_at=None).exists())
        expect(page.locator("[data-progress]")).to_have_text("0 today. 7 left.")
        page.wait_for_timeout(350)
        assert answer(page) == given[0], "and what was undone is asked again"

    def test_also_after_a_reload_and_by_thumb(self, visit):
        page = visit(PHONE)
        given = []
        for number in range(1, 3):
            page.wait_for_timeout(350)
            given.append(asked(page))
            page.locator(".likely label").first.tap()
            expect(page.locator('#answer [name="occurrence"]')).not_to_have_value(given[-1])
            until(page, lambda number=number: len(said()) == number)
        page.wait_for_timeout(300)
        page.reload()
        for was in reversed(given):
            page.locator(".saves [form='undo']").tap()
            expect(page.locator('#answer [name="occurrence"]')).to_have_value(was)
        until(page, lambda: said() == [])

    @pytest.mark.parametrize("heard", [False, True], ids=["not sent", "its receipt lost"])
    def test_after_a_reload_before_the_site_has_answered(self, visit, heard):
        page = visit()
        page.wait_for_timeout(1500)

        def cut(route) -> None:
            if route.request.method != "POST":
                return route.fallback()
            if heard:
                route.fetch()
            return route.abort()

        page.route("**/label", cut)
        was = answer(page)
        expect(page.locator("[data-waiting]")).to_contain_text("kept here")
        assert said() == ([was] if heard else [])
        page.reload()
        until(page, lambda: asked(page) != was)
        page.wait_for_timeout(350)
        page.locator(".last button").click()
        page.unroute_all()
        expect(page.locator('#answer [name="occurrence"]')).to_have_value(was)
        assert said() == [] and Identification.objects.count() == 1
        assert page.evaluate("localStorage.getItem('answers')") in (None, "[]")

    def test_what_another_tab_sent(self, visit):
        page = visit()
        page.wait_for_timeout(1500)
        page.route(
            "**/label", lambda route: route.abort() if route.request.method == "POST" else route.fallback()
        )
        was = answer(page)
        expect(page.locator("[data-waiting]")).to_contain_text("kept here")
        other = page.context.new_page()
        other.goto(reverse("label"))
        until(page, lambda: said() == [was])
        page.unroute_all()
        page.bring_to_front()
        page.wait_for_timeout(500)
        page.keyboard.press("Backspace")
        expect(page.locator('#answer [name="occurrence"]')).to_have_value(was)
        until(page, lambda: said() == [])

    def test_what_is_not_on_its_way_yet(self, visit):
        page = visit()
        page.wait_for_timeout(1500)
        page.context.set_offline(True)
        given = [answer(page), answer(page)]
        page.wait_for_timeout(1200)
        page.keyboard.press("Backspace")
        expect(page.locator('#answer [name="occurrence"]')).to_have_value(given[1])
        page.context.set_offline(False)
        until(page, lambda: said() == given[:1])


class TestBack:
    def test_it_shows_what_one_said_and_takes_another_word(self, visit):
        page = visit()
        was = answer(page)
        until(page, lambda: said() == [was])
        page.go_back()
        expect(page.locator('#answer [name="occurrence"]')).to_have_value(was)
        expect(page.locator('#answer [name="name"]')).to_have_value("Salmo trutta")
        page.wait_for_timeout(350)
        page.locator('#answer [name="name"]').fill("chub")
        page.locator('#answer [name="name"]').press("Enter")
        expect(page.locator('#answer [name="occurrence"]')).not_to_have_value(was)
        until(
            page,
            lambda: (
                [
                    str(each)
                    for each in Identification.objects.filter(withdrawn_at=None).values_list(
                        "taxon__label", flat=True
                    )
                ]
                == ["chub"]
            ),
        )
        assert without_reload(page)


class TestTheSite:
    """What the module asks it for."""

    def test_the_next_one_is_none_of_those_it_has(self, client, sightings, bob):
        as_person(client, bob)
        had: list[str] = []
        for _ in range(len(sightings)):
            page = get(client, "label", without=",".join(had))
            had.append(page.all("input", name="occurrence")[-1]["value"])
        assert len(set(had)) == len(sightings)
        assert "Nothing waits" in get(client, "label", without=",".join(had)).text
        assert get(client, "label", without="x,,1").all("input", name="occurrence")

    def test_it_says_what_came_of_an_answer(self, client, sightings, bob, alice, charlie):
        organism = sightings[0]
        fields = {"occurrence": organism.pk, "name": "chub", "confidence": "likely", "seen": ""}
        for person, known in ((bob, True), (charlie, True), (alice, False)):
            as_person(client, person)
            answer = client.post(reverse("label"), fields, headers={"Accept": "application/json"})
            told = answer.json()
            assert answer.status_code == 200
            if known:
                assert told["text"] == "Chub, saved." and told["told"] == ""
                assert told["done"] == 1
                undo = dict(parse_qsl(told["undo"]))
                assert Identification.objects.get(pk=undo["id"]).person == person
                assert undo["id"] in told["next"] and undo["occurrence"] == str(organism.pk)
            else:
                assert told.keys() == {"told", "done", "left", "set"}, "nobody is asked about their own"
        organism.refresh_from_db()
        assert organism.status == Status.VERIFIED
        client.logout()
        assert (
            client.post(reverse("label"), fields, headers={"Accept": "application/json"}).status_code == 302
        )

    def test_whoever_comes_back_sees_their_own_answer_and_nobody_elses(self, client, sightings, bob, charlie):
        organism = sightings[0]
        as_person(client, bob)
        client.post(
            reverse("label"), {"occurrence": organism.pk, "name": "chub", "confidence": "sure", "seen": ""}
        )
        page = get(client, "label", occurrence=organism.pk)
        assert page.all("input", name="occurrence")[-1]["value"] == str(organism.pk)
        assert (
            page.all("input", name="name")[0]["value"] == "Squalius cephalus" and "Chub, saved." in page.text
        )
        as_person(client, charlie)
        page = get(client, "label", occurrence=organism.pk)
        assert not page.all("input", name="name")[0].get("value") and "saved" not in page.text
