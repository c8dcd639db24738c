"""A published sighting is changed in a real browser: on a phone, by keyboard, and with scripts off."""

import pytest
from django.urls import reverse

from labeling.actions import identifications
from species.models import Edit, Observation, State
from tests import universe
from tests.end_to_end.test_drafts import browsing, photo

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def in_this_thread(monkeypatch):
    """Playwright keeps an event loop in this thread, in which Django would refuse to touch the database."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.fixture
def sighting(alice, bob, tree) -> Observation:
    found = universe.sighting(alice, seed="edited", photos=3, latitude=47.26812, longitude=11.39325)
    identifications.add(occurrence=found.occurrences.get(), taxon=tree["chub"], by=bob)
    return found


def order(sighting) -> list:
    return list(sighting.photos.order_by("position").values_list("pk", flat=True))


@pytest.mark.parametrize(("width", "scripts"), [(360, True), (360, False), (1280, True)])
def test_edited_arranged_deleted_and_each_time_undone(browser, live_server, alice, sighting, width, scripts):
    one, two, three = order(sighting)
    with browsing(browser, live_server, alice, width=width, scripts=scripts) as page:
        page.goto(reverse("observation", args=[sighting.pk]))
        page.get_by_role("link", name="Edit or delete it").click()
        page.get_by_label("Note").fill("By the weir.")
        page.get_by_label("Length in centimetres").fill("312")
        page.get_by_label("Length in centimetres").press("Enter")
        page.wait_for_url(f"**{reverse('observation', args=[sighting.pk])}")
        assert "By the weir." in page.locator(".changes").inner_text()
        page.get_by_role("button", name="Undo").click()
        page.wait_for_load_state()
        assert Edit.objects.count() == 2
        sighting.refresh_from_db()
        assert sighting.note == ""

        page.goto(reverse("edit_sighting", args=[sighting.pk]))
        page.get_by_role("button", name="Make it the first: photo 3").click()
        page.wait_for_load_state()
        assert order(sighting) == [three, one, two]
        page.get_by_role("button", name="Remove photo 2").click()
        page.wait_for_load_state()
        assert order(sighting) == [three, two]
        page.get_by_role("button", name="Undo").click()
        page.wait_for_load_state()
        assert order(sighting) == [three, one, two]

        page.goto(reverse("edit_sighting", args=[sighting.pk]))
        page.get_by_label("More photos").set_input_files([photo("more")])
        page.get_by_role("button", name="Add them").click()
        page.wait_for_load_state()
        assert sighting.photos.count() == 4

        page.get_by_role("button", name="Delete this sighting").click()
        page.wait_for_url(f"**{reverse('my_uploads')}")
        assert Observation.objects.get(pk=sighting.pk).state == State.WITHDRAWN
        page.get_by_role("button", name="Undo").click()
        page.wait_for_url(f"**{reverse('observation', args=[sighting.pk])}")
        assert page.get_by_role("heading", name="Chub").first.is_visible()


def test_what_is_wrong_has_the_focus(browser, live_server, alice, sighting):
    with browsing(browser, live_server, alice, width=360) as page:
        page.goto(reverse("edit_sighting", args=[sighting.pk]))
        field = page.get_by_label("Length in centimetres")
        field.fill("a lot")
        field.press("Enter")
        page.wait_for_load_state()
        assert page.evaluate("document.activeElement.name") == "length_cm_1"
        assert page.get_by_label("Length in centimetres").input_value() == "a lot"
    assert not Edit.objects.exists()


def test_two_tabs_do_not_overwrite_each_other(browser, live_server, alice, sighting):
    with browsing(browser, live_server, alice) as page:
        address = reverse("edit_sighting", args=[sighting.pk])
        page.goto(address)
        other = page.context.new_page()
        other.goto(address)
        other.get_by_label("Note").fill("The other tab's.")
        other.get_by_role("button", name="Save the changes").click()
        other.wait_for_load_state()
        page.get_by_label("Note").fill("This tab's.")
        page.get_by_role("button", name="Save the changes").click()
        notice = page.get_by_role("alert")
        assert "The other tab's." in notice.inner_text()
        assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"
        assert page.get_by_label("Note").input_value() == "This tab's."
        page.get_by_role("button", name="Save the changes").click()
        page.wait_for_load_state()
    sighting.refresh_from_db()
    assert sighting.note == "This tab's."
