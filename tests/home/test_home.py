"""Home: the classify form and its answer, keeping a photo, and what the loop shows."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from home.presenters.stations import CHAIN, progress_of_the_bootstrap
from jobs.actions import enqueue
from jobs.models import Job
from labeling.actions import identifications, rulings
from labeling.actions.suggestions import suggest
from ml.actions import promotions
from species.actions import occurrences
from species.models import Allowance
from tests import universe
from tests.look.pages import Page
from tests.ml.folder import colour_photo, foreign_photo


def show(client, data: bytes, **headers):
    return client.post(reverse("home"), {"image": SimpleUploadedFile("x.png", data)}, headers=headers)


def token_of(response) -> str:
    return str(response.context["held"])


def test_an_empty_site_says_what_to_do(client, db):
    response = client.get(reverse("home"))
    assert response.status_code == 200
    text = response.content.decode()
    assert "Nothing waits for a name" in text
    assert "No model is live yet" in text
    assert not Page(text).faults


def test_a_photo_gets_the_models_suggestion(client, live, tree):
    response = show(client, colour_photo("brown_trout"))
    assert response.status_code == 200
    text = response.content.decode()
    assert "Right, it’s brown trout" in text
    assert live.name in text
    assert "a guess, never a vote" in text
    assert not Page(text).faults
    shown = client.get(reverse("held_photo", args=[token_of(response)]))
    assert shown["Content-Type"] == "image/jpeg"
    assert "no-store" in shown["Cache-Control"]


def buttons(response) -> list[str]:
    """What the forms of an answer offer, in order."""
    return [each["value"] for each in Page(response.content.decode()).all("button", name="label")]


def test_the_first_button_adds_the_photo_and_naming_comes_second(client, live, tree):
    answer = show(client, colour_photo("brown_trout"))
    assert buttons(answer) == ["", "brown_trout"]
    text = Page(answer.content.decode()).text
    assert text.index("Add this photo") < text.index("Right, it’s brown trout")
    [says] = [each for each in Page(answer.content.decode()).all("h2") if "data-says" in each]
    assert says["data-says"].startswith("The model’s guess: Brown trout, ")


@pytest.mark.parametrize(("colour", "says"), [("grey", "The model is unsure."), ("unknown", "none of these")])
def test_an_unsure_models_guess_is_not_offered_as_a_name(client, make_model, ada, tree, colour, says):
    classes = {"grey": None, "unknown": ["one", "two", "three"]}[colour]
    model = make_model("unsure", classes=classes, sharpness=0.01, threshold=0.6)
    promotions.promote(model=model, by=ada, reason="To be unsure.")
    answer = show(client, colour_photo("brown_trout"))
    assert answer.context["pencil"]["state"] == ("unsure" if colour == "grey" else "none")
    assert buttons(answer) == [""]
    assert says in answer.context["says"]


def test_what_is_no_fish_gets_no_name_and_no_number(client, make_model, ada, tree):
    """A flower was called "perch 1.00": what such a probability says is nothing."""
    model = make_model("knowing", known=True)
    promotions.promote(model=model, by=ada, reason="It knows three colours.")
    answer = show(client, foreign_photo())
    pencil = answer.context["pencil"]
    assert pencil["state"] == "none" and pencil["guesses"] == []
    assert answer.context["says"] == "The model’s guess: none of these."
    assert buttons(answer) == [""]
    text = Page(answer.content.decode()).text
    assert "None of these." in text and "anything it was taught" in text
    assert buttons(show(client, colour_photo("brown_trout"))) == ["", "brown_trout"]


def test_htmx_gets_the_answer_alone(client, live, tree):
    text = show(client, colour_photo("brown_trout"), HX_Request="true").content.decode()
    assert "<html" not in text and "Right, it’s brown trout" in text


@pytest.mark.parametrize("data", [b"no image", b"\xff\xd8\xff\xe0 half"])
def test_a_broken_file_is_refused_in_words(client, live, data):
    response = show(client, data)
    assert response.status_code == 400
    assert 'role="alert"' in response.content.decode()


def test_nothing_sent_is_said(client, live):
    response = client.post(reverse("home"), {})
    assert response.status_code == 400
    assert "Choose a photo" in response.content.decode()


def test_without_a_model_it_is_said(client, db):
    response = show(client, colour_photo("brown_trout"))
    assert response.status_code == 503
    assert "No model is live" in response.content.decode()


def test_a_private_address_is_refused(client, live):
    response = client.get(reverse("home"), {"url": "http://127.0.0.1:9/x.jpg"})
    assert response.status_code == 400


@pytest.mark.parametrize("size", [0, 999, 10**30])
def test_a_size_that_this_site_does_not_keep_is_no_photo(client, live, alice, size):
    photo = universe.sighting(alice).photos.get()
    for start in ("", "http://testserver"):
        response = client.get(reverse("home"), {"url": f"{start}/photos/{photo.pk}/{size}.jpg"})
        assert response.status_code == 400
        assert "no photo at this address" in response.content.decode()


def test_half_an_address_is_refused_in_words(client, live):
    response = client.get(reverse("home"), {"url": "//["})
    assert response.status_code == 400
    assert "not an address of a photo" in response.content.decode()


def test_a_photo_of_this_site_is_read_from_its_store(client, live, tree, alice):
    photo = universe.sighting(alice).photos.get()
    url = reverse("photo_rendition", args=[photo.pk, 1008])
    answer = client.post(reverse("home"), {"url": url})
    assert answer.status_code == 200
    assert "Add this photo" in answer.content.decode()


def test_a_link_is_answered_and_holds_nothing(client, live, tree, alice, settings):
    """Whoever follows it, a program that reads ahead included, has nothing kept for it; a button does that."""
    photo = universe.sighting(alice).photos.get()
    url = reverse("photo_rendition", args=[photo.pk, 1008])
    answer = client.get(reverse("home"), {"url": url})
    page = Page(answer.content.decode())
    assert answer.status_code == 200 and "a guess, never a vote" in page.text and not page.faults
    assert not page.all("input", name="label") and "Add this photo" in page.text
    assert not (settings.FILES / "held").exists() and not Allowance.objects.filter(who__startswith="held")
    assert {"name": "url", "value": url, "type": "hidden"} in page.all("input", name="url")
    kept = client.post(reverse("home"), {"url": url, "then": "keep"})
    [held] = (settings.FILES / "held").iterdir()
    assert kept["Location"] == reverse("keep", args=[held.name])


def test_one_address_has_a_share_of_what_is_held(client, live, tree, settings):
    photo = colour_photo("brown_trout")
    answers = [show(client, photo)]
    [held] = (settings.FILES / "held").iterdir()
    # With what was said of it, which lies there too.
    settings.HOLD_BYTES_PER_ADDRESS = 3 * held.stat().st_size
    answers += [show(client, photo) for _ in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 200, 429, 429]
    held_now = sum(each.stat().st_size for each in (settings.FILES / "held").iterdir())
    assert held_now == settings.HOLD_BYTES_PER_ADDRESS
    assert 0 < int(answers[-1]["Retry-After"]) <= settings.HOLD_SECONDS
    assert "from one address. Try again in" in Page(answers[-1].content.decode()).text
    assert len(list((settings.FILES / "held").iterdir())) == 3
    elsewhere = {"image": SimpleUploadedFile("x.png", photo)}
    assert client.post(reverse("home"), elsewhere, REMOTE_ADDR="192.0.2.7").status_code == 200


def test_when_there_is_no_room_for_anybodys_the_model_answers_all_the_same(client, live, tree, settings):
    photo = colour_photo("brown_trout")
    show(client, photo)
    [held] = (settings.FILES / "held").iterdir()
    settings.HOLD_BYTES = 2 * held.stat().st_size - 1
    answer = show(client, photo)
    page = Page(answer.content.decode())
    assert answer.status_code == 200 and live.name in page.text and not page.faults
    assert "as many photos as we have room for" in page.text and token_of(answer) == "None"
    assert len(list((settings.FILES / "held").iterdir())) == 1


def test_the_bootstrap_shows_how_far_it_is(client, alice):
    first = enqueue(kind="suggest", title="Ask the model")
    enqueue(kind="suggest", title="And again", after=first)
    text = client.get(reverse("home")).content.decode()
    assert "Getting ready" in text and "Ask the model" in text and "And again" in text


def test_a_long_chain_is_read_at_once_as_far_as_it_is_shown(client, alice, ada, django_assert_num_queries):
    job = None
    for number in range(CHAIN + 2):
        job = enqueue(kind="suggest", title=f"Step {number}", by=alice, after=job)
    for person in (AnonymousUser(), ada):
        with django_assert_num_queries(1):
            steps = progress_of_the_bootstrap(person)
        assert [each.title for each in steps] == [f"Step {number}" for number in range(2, CHAIN + 2)]


def test_what_a_job_says_is_for_its_owner_and_admins(client, alice, bob, ada):
    first = enqueue(kind="import", title="Import a collection", by=alice)
    enqueue(kind="freeze", title="Freeze what is agreed", by=alice, after=first)
    Job.objects.filter(pk=first.pk).update(message="There is no folder or file secret.")
    for person in (None, bob, alice, ada):
        if person:
            client.force_login(person)
        text = client.get(reverse("home")).content.decode()
        assert "Import a collection" in text and "Waiting" in text
        assert ("secret" in text) == (person in (alice, ada))


def test_other_chains_are_nobody_elses(client, alice, bob, ada):
    first = enqueue(kind="resettle", title="Settle Bob’s river anew", by=alice)
    enqueue(kind="suggest", title="Ask the model", by=alice, after=first)
    enqueue(kind="resettle", title="Settle it again", by=alice, after=first)
    for person in (None, bob, alice, ada):
        if person:
            client.force_login(person)
        text = client.get(reverse("home")).content.decode()
        assert ("Settle it again" in text) == ("Bob’s river" in text) == (person in (alice, ada))
        assert ("Ask the model" in text) == (person in (None, bob))


def test_the_counts_of_the_week_leave_out_drafts_and_what_is_hidden(client, tree, alice, bob, rita):
    draft = universe.sighting(alice, seed="draft", published=False)
    organism = occurrences.add(observation=draft, photos=list(draft.photos.all()), by=alice)
    identifications.add(occurrence=organism, taxon=tree["chub"], by=alice)
    counts = client.get(reverse("home")).context["counts"]
    assert counts == {"photos": 0, "identifications": 0, "people": 0, "settled": 0}
    for seed, consents in (("shown", None), ("hidden", ["research"])):
        organism = universe.sighting(alice, seed=seed, consents=consents).occurrences.get()
        rulings.rule(occurrence=organism, taxon=tree["chub"], reason="Seen.", by=rita)
        for person in {"shown": [bob, alice], "hidden": [alice]}[seed]:
            identifications.add(occurrence=organism, taxon=tree["chub"], by=person)
    counts = client.get(reverse("home")).context["counts"]
    assert counts == {"photos": 1, "identifications": 2, "people": 2, "settled": 1}


def test_home_costs_the_same_for_one_and_for_many(client, tree, alice, django_assert_max_num_queries):
    universe.sighting(alice)
    client.get(reverse("home"))
    with django_assert_max_num_queries(20) as first:
        client.get(reverse("home"))
    for seed in ("a", "b", "c"):
        universe.sighting(alice, seed=seed)
    with django_assert_max_num_queries(len(first)):
        client.get(reverse("home"))


def test_all_that_home_can_show_takes_few_queries(
    client, live, tree, alice, bob, rita, django_assert_max_num_queries
):
    settled = universe.sighting(alice, seed="settled").occurrences.get()
    rulings.rule(occurrence=settled, taxon=tree["brown_trout"], reason="Seen.", by=rita)
    waits = universe.sighting(alice, seed="waits").occurrences.get()
    identifications.add(occurrence=waits, taxon=tree["chub"], by=bob)
    said = [{"label": label, "probability": 0.5} for label in ("brown_trout", "perch")]
    suggest(
        photo=settled.photos.get(), source=live.name, answers=said, taxon=tree["brown_trout"], uncertainty=0.5
    )
    client.force_login(bob)
    client.get(reverse("home"))
    with django_assert_max_num_queries(15):
        shown = client.get(reverse("home")).context
    assert [each["title"] for each in shown["agreed"]] == ["Brown trout"]
    assert [each["title"] for each in shown["needs_you"]] == ["Chub"]
    assert shown["station_model"] == live and shown["sample_pencil"]["state"] == "guesses"


@pytest.mark.parametrize("name", ["about", "api_docs"])
def test_pages_about_the_site(client, db, name):
    response = client.get(reverse(name))
    assert response.status_code == 200
    assert not Page(response.content.decode()).faults


@pytest.mark.parametrize(
    ("drawings", "said"), [(3, "It knows only drawings"), (1, "1 of the 3 pictures"), (0, ""), (None, "")]
)
def test_a_model_that_learned_from_drawings_says_so(client, live, tree, drawings, said):
    learned = {"photos": 3, "occurrences": 3, "groups": 3}
    live.card["trained_on"] = learned if drawings is None else learned | {"drawings": drawings}
    live.save()
    for response in (client.get(reverse("home")), show(client, colour_photo("brown_trout"))):
        text = response.content.decode()
        assert (said in text) if said else ("drawing" not in text)
    assert (said in client.get(reverse("model", args=[live.pk])).content.decode()) or not said
