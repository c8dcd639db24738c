"""The same words find the same rows on either database, and a row is found by its text as it is now."""

import io

import pytest
from django.core.management import call_command
from django.urls import reverse
from hypothesis import example, given, settings
from hypothesis import strategies as st

from accounts import actions as accounts
from accounts.models import User
from species.actions import observations, words
from species.models import NoteWords, Observation, PersonWords, Place, PlaceWords
from species.queries.words import first_holding, holding, searched
from species.taxonomy import names
from tests import universe

pytestmark = pytest.mark.django_db

# What databases fold, escape, split and count in ways of their own, beside letters that are alike here.
SIGNS = "aAäÄæåbBeéÉE\u0301oøÖüßxX×iİıŉlł'’-–._ %*\"\\^():+~ ​0१２गि्がか鱒石한ﬁ🐟Жё\u0345"
TEXTS = st.text(SIGNS, max_size=12) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12
)


def found(model, text: str) -> set:
    """Which rows, by reading and by the index."""
    read = set(holding(model, text).values_list("of", flat=True))
    assert read == set(first_holding(model, text, 1000).values_list("of", flat=True)), text
    return read


@settings(deadline=None, max_examples=60)
@given(st.lists(TEXTS, min_size=1, max_size=5), st.lists(TEXTS, max_size=3), st.data())
@example(["Traun at Gmunden", "50%_off", 'say "NEAR"'], ["traun gmunden", "%", "NEAR", "a", "at"], None)
def test_words_find_what_reading_every_text_finds(texts, typed, data):
    Place.objects.all().delete()
    places = Place.objects.bulk_create(Place(name=text) for text in texts)
    for place in places:
        words.settle(place)
    documents = {place.pk: names.document(place.name) for place in places}
    if data:
        text, ends = data.draw(st.sampled_from(texts)), st.integers(0, 12)
        typed = [*typed, text[data.draw(ends) : data.draw(ends)], text.upper()]
    for each in typed:
        pieces = names.pieces(each)
        held = {
            pk
            for pk, document in documents.items()
            if pieces and all(any(piece in document for piece in spelt) for spelt in pieces)
        }
        assert found(PlaceWords, each) == held, each
        assert searched(each) or not held


@pytest.mark.parametrize(
    ("name", "typed", "not_by"),
    [
        ("Traun at Gmunden", ["traun", "TRAUN gmunden", "gmunden traun", "at", "a", "mund"], ["traunsee", "nat"]),
        ("Möll", ["Möll", "moll", "MOELL", "mo\u0308ll", "MÖLL"], ["mell"]),
        ("Moell", ["Möll", "moell"], ["moll"]),
        ("Río Ñielol", ["rio nielol", "RÍO", "ÑIELOL"], []),
        ("St.-Gilgen", ["st gilgen", "St. Gilgen", "stgilgen", "st-gilgen"], ["tg ilgen"]),
        ("L’Isle-en-Dodon", ["l'isle", "lisle", "isle", "lisleendodon", "dodon isle"], []),
        ("Bachforelle", ["bach-forelle", "bach forelle", "forelle"], []),
        ("Великий Устюг", ["великий", "УСТЮГ", "устю"], ["устья"]),
        ("千歳川", ["千歳川", "千歳", "千"], ["歳川", "川"]),
        ("Inn", ["inn", "in", "i", "ｉｎｎ"], ["nn", "n", "inns"]),
        ("100 % pure_water", ["100", "pure", "water", "pure_water", "%  pure"], ["%", "_", "*", ""]),
    ],
)  # fmt: skip
def test_a_name_is_found_however_it_is_typed(name, typed, not_by):
    place = universe.place(name)
    for text in typed:
        assert found(PlaceWords, text) == {place.pk}, text
    for text in not_by:
        assert found(PlaceWords, text) == set(), text


def test_no_more_are_found_than_asked_for():
    for number in range(5):
        universe.place(f"Inn {number}")
    assert len(first_holding(PlaceWords, "inn", 3)) == 3


class TestEveryDoor:
    """A text that comes, changes or goes by an action takes its words along."""

    def test_people(self, client, ada, alice, bob):
        assert found(PersonWords, "ali") == {alice.pk}
        consents = {
            "licence": "CC0-1.0",
            "privacy": "generalized",
            "show": True,
            "research": True,
            "train": True,
        }
        accounts.set_defaults(user=alice, by=alice, display_name="Zoë", **consents)
        assert (found(PersonWords, "alice"), found(PersonWords, "zoe")) == (set(), {alice.pk})
        source = accounts.source_account(name="Weiße Elster")
        accounts.source_account(name="Weiße Elster")
        assert found(PersonWords, "WEISSE") == {source.pk}
        boss = User.objects.create_superuser("boss@example.org", "a trout in the reeds", display_name="Boß")
        assert found(PersonWords, "boss") == {boss.pk}
        client.force_login(ada)
        form = {"email": bob.email, "display_name": "Rob", "role": "contributor", "is_active": "on"}
        form |= {"licence": "CC0-1.0"}
        assert client.post(reverse("admin:accounts_user_change", args=[bob.pk]), form).status_code == 302
        assert (found(PersonWords, "bob"), found(PersonWords, "rob")) == (set(), {bob.pk})

    def test_places(self, client, ada):
        client.force_login(ada)
        assert client.post(reverse("admin:species_place_add"), {"name": "Ötz"}).status_code == 302
        place = Place.objects.get()
        assert found(PlaceWords, "oetz") == {place.pk}
        client.post(reverse("admin:species_place_change", args=[place.pk]), {"name": "Inn"})
        assert (found(PlaceWords, "oetz"), found(PlaceWords, "inn")) == (set(), {place.pk})

    def test_notes(self, alice):
        draft = observations.start(by=alice, note="Unter der Brücke")
        assert found(NoteWords, "brucke") == {draft.pk}
        observations.describe(observation=draft, by=alice, note="Over the weir")
        assert (found(NoteWords, "brucke"), found(NoteWords, "weir")) == (set(), {draft.pk})
        observations.describe(observation=draft, by=alice, note="")
        assert not NoteWords.objects.exists()
        observations.describe(observation=draft, by=alice, note="Weir")
        observations.discard(observation=draft, by=alice)
        assert found(NoteWords, "weir") == set() and not NoteWords.objects.exists()


def test_fsck_finds_and_mends_words_that_are_of_no_text(alice):
    sighting = universe.sighting(alice, note="Under the bridge")
    place = universe.place("Inn")
    silent = universe.sighting(alice, seed="silent")
    assert words.differing() == []
    Place.objects.filter(pk=place.pk).update(name="Möll")
    PersonWords.objects.filter(of=alice).delete()
    Observation.objects.filter(pk=sighting.pk).update(note="")
    NoteWords.objects.create(of=silent, text="  nothing")
    assert {each.pk for each in words.differing()} == {place.pk, alice.pk, sighting.pk, silent.pk}
    said = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("fsck", "--deep", stdout=said)
    assert f"The words of place {place.pk} are not those of its text." in said.getvalue()
    call_command("fsck", "--deep", "--mend", stdout=said)
    assert f"Wrote the words of user {alice.pk}." in said.getvalue()
    assert words.differing() == [] and not NoteWords.objects.exists()
    assert (found(PlaceWords, "inn"), found(PlaceWords, "moll")) == (set(), {place.pk})
