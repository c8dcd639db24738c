"""Leaving: closed at once, had back within the grace, and afterwards neither name nor address is anywhere."""

import logging
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from accounts import actions as accounts
from accounts import departures
from accounts.models import ApiToken, Departure, KeptAnswer, Role, User
from home.actions import leaving as actions
from home.actions import takeout
from home.tasks import leaving as tasks
from jobs import worker
from jobs.actions import enqueue
from labeling.actions import boxes, comments, drafts, field_marks, flags, identifications, passes
from labeling.models import Box, Comment, FieldMark, Identification
from notices.models import Notification
from research.exports import FORMATS
from research.manifest import store
from species.actions import published
from species.models import NoteWords, Observation, PersonWords, Photo, Place, State
from tests import universe
from tests.conftest import PASSWORD, person
from tests.research.building import agreed, freeze, opened
from webhooks import actions as webhooks
from webhooks.events import EVENTS

NAME = "Zoë Quuxington-Ängström"
EMAIL = "zoe.quuxington@peculiar.example.org"
# In both of them, however they are folded or escaped.
PECULIAR = "quuxington"
PAGE, BACK = "/accounts/leave/", "/accounts/come-back/"


@pytest.fixture
def zoe(db) -> User:
    return accounts.sign_up(email=EMAIL, password=PASSWORD, display_name=NAME)


@pytest.fixture
def journey(zoe, bob, ada, tree):
    """Zoë's name and address in every kind of row that people and the site write; Bob's sighting."""
    own = universe.sighting(
        zoe,
        seed="zoe",
        photos=2,
        note=f"Seen by {NAME}",
        place_name=f"{NAME}’s pool",
        latitude=47.5,
        longitude=11.5,
    )
    Photo.objects.filter(owner=zoe).update(
        file_name=f"{NAME}.jpg", credit=f"© {NAME}", metadata={"artist": NAME}
    )
    published.edit(observation=own, by=zoe, described={"note": f"{NAME}, the second time"})
    draft = universe.sighting(zoe, seed="draft", published=False)
    drafts.keep(observation=draft, by=zoe, typed={"note": [NAME]})
    theirs = universe.sighting(bob, seed="bob")
    mine, his = own.occurrences.get(), theirs.occurrences.get()
    identifications.add(
        occurrence=mine, taxon=tree["brown_trout"], by=zoe, note=f"I, {NAME.upper()}, know it"
    )
    identifications.add(occurrence=his, taxon=tree["brown_trout"], by=bob)
    identifications.add(occurrence=his, taxon=tree["brown_trout"], by=zoe, note=f"Write to {EMAIL.title()}")
    boxes.draw(occurrence=his, photo=theirs.photos.get(), by=zoe, x=0.1, y=0.1, width=0.5, height=0.5)
    field_marks.point(occurrence=his, photo=theirs.photos.get(), mark=f"by {NAME}", x=0.5, y=0.5, by=zoe)
    comments.add(observation=theirs, text=f"{NAME} was here", by=zoe)
    comments.add(observation=theirs, text=f"Thank you, @{NAME}! I write to {EMAIL}.", by=bob)
    flags.raise_flag(photo=theirs.photos.get(), kind="other", reason=f"{NAME} thinks so", by=zoe)
    accounts.make_token(user=zoe, name=f"the phone of {NAME}", by=zoe)
    accounts.grant(user=zoe, scope="all", purpose=f"a study of {NAME}", by=ada)
    accounts.ask_for_address(user=zoe, email="second.quuxington@example.org", by=zoe)
    KeptAnswer.objects.create(user=zoe, key="k", asked="a", status=201, body=NAME)
    webhooks.add(by=zoe, url="https://93.184.216.34/quuxington", events=[sorted(EVENTS)[0]])
    job = enqueue(kind="takeout", by=zoe, title=f"What {NAME} asked for")
    type(job).objects.filter(pk=job.pk).update(
        error=f"Traceback: {EMAIL}", state="failed", finished_at=timezone.now()
    )
    LogEntry.objects.create(
        user=ada,
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(zoe.pk),
        object_repr=NAME,
        action_flag=CHANGE,
        change_message=f"Changed the address to {EMAIL}",
    )
    takeout.ask(user=zoe, by=zoe)
    worker.run_due()
    return theirs


def in_the_database() -> list[str]:
    """Every cell of every table that holds the peculiar word."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            columns = [each[0] for each in cursor.description]
            found += [
                f"{table}.{column}: {cell}"
                for row in cursor.fetchall()
                for column, cell in zip(columns, row, strict=True)
                if PECULIAR in str(cell).lower()
            ]
    return found


def in_files(folder) -> list[str]:
    return [
        str(path)
        for path in Path(folder).rglob("*")
        if path.is_file()
        and (PECULIAR.encode() in path.read_bytes().lower() or PECULIAR in path.name.lower())
    ]


def leave(user: User, photos: str = "erase", words: str = "remove", **more) -> Departure:
    return actions.ask(user=user, by=user, photos=photos, words=words, **more)


def the_time_comes(departure: Departure) -> None:
    past = timezone.now() - timedelta(minutes=1)
    Departure.objects.filter(pk=departure.pk).update(due=past, asked=past - departures.GRACE)
    tasks._looked = float("-inf")
    tasks.look_for_departures()
    worker.run_due()


@pytest.mark.parametrize(("photos", "words"), [("erase", "remove"), ("give", "keep")])
def test_afterwards_neither_name_nor_address_is_anywhere(journey, zoe, ada, caplog, settings, photos, words):
    assert len({each.split(":")[0] for each in in_the_database()}) > 20  # the scan finds what there is
    assert list(Path(settings.FILES, "takeouts").iterdir())
    caplog.set_level(logging.INFO)
    caplog.clear()
    departure = leave(zoe, photos, words)
    the_time_comes(departure)
    departure.refresh_from_db()
    assert departure.done is not None
    assert in_the_database() == []
    assert in_files(settings.FILES) == [] and not list(Path(settings.FILES, "takeouts").iterdir())
    assert PECULIAR not in caplog.text.lower()
    zoe.refresh_from_db()
    assert (zoe.display_name, zoe.is_active, zoe.has_usable_password()) == (departures.NOBODY, False, False)
    assert Comment.objects.filter(person__display_name="Bob", text__contains=departures.NOBODY).exists()
    if photos == "erase":
        assert (
            not Photo.objects.filter(owner=zoe).exists()
            and not Observation.objects.filter(observer=zoe).exists()
        )
    else:
        [kept] = Observation.objects.filter(observer=zoe)
        assert (
            kept.shown and kept.photos.count() == 2 and kept.note == f"{departures.NOBODY}, the second time"
        )


def test_what_is_said_is_taken_back_and_settled_anew_or_stays(journey, zoe, bob, charlie, tree):
    occurrence = journey.occurrences.get()
    identifications.add(occurrence=occurrence, taxon=tree["brown_trout"], by=charlie)
    passed = universe.sighting(bob, seed="another").occurrences.get()
    passes.add(occurrence=passed, kind="skip", by=zoe)
    the_time_comes(leave(zoe, "give", "remove"))
    for model in (Identification, Box, FieldMark, Comment):
        rows = model.objects.filter(person=zoe)
        assert rows.exists() and not rows.filter(withdrawn_at=None).exists(), model
    occurrence.refresh_from_db()
    assert str(zoe.pk) not in str(occurrence.agreement)
    assert sorted(occurrence.agreement["agreeing"]) == sorted([str(bob.pk), str(charlie.pk)])


def test_it_is_closed_at_once(client, journey, zoe, bob):
    session = Client()
    session.force_login(zoe)
    token = accounts.make_token(user=zoe, name="a phone", by=zoe)
    client.force_login(zoe)
    assert b"<b>3</b> photos" in client.get(PAGE).content
    said = {"photos": "erase", "words": "keep", "then": "look"}
    page = client.post(PAGE, said)
    assert page.status_code == 200 and b"This is what happens" in page.content
    assert not Departure.objects.exists()
    for wrong in ({"password": "wrong", "sure": "on"}, {"password": PASSWORD}, {"sure": "on"}):
        assert client.post(PAGE, said | {"then": "delete"} | wrong).status_code == 400
    assert not Departure.objects.exists()
    done = client.post(PAGE, said | {"then": "delete", "password": PASSWORD, "sure": "on"})
    assert done.status_code == 302
    departure = Departure.objects.get()
    assert departure.due - departure.asked == departures.GRACE
    worker.run_due()
    assert (
        session.get("/accounts/settings/").status_code == client.get("/accounts/settings/").status_code == 302
    )
    answer = client.get("/api/v1/me", headers={"Authorization": f"Token {token.secret}"})
    assert answer.status_code == 401
    own = Observation.objects.get(observer=zoe, state=State.PUBLISHED)
    assert not own.shown and client.get(f"/sightings/{own.pk}").status_code == 404
    for path in (
        f"/api/v1/users/{zoe.pk}",
        f"/api/v1/identifications?occurrence={journey.occurrences.get().pk}",
    ):
        assert client.get(path).status_code == 200 and NAME not in client.get(path).json().__str__()
    assert NAME.encode() not in client.get(f"/people/{zoe.pk}").content
    assert not PersonWords.objects.filter(text__contains=PECULIAR).exists()


def test_it_can_be_called_back_with_the_password_and_is_as_it_was(client, journey, zoe):
    shown = set(Observation.objects.filter(observer=zoe, shown=True).values_list("pk", flat=True))
    leave(zoe)
    worker.run_due()
    assert not Observation.objects.filter(observer=zoe, shown=True).exists()
    assert client.get(BACK).status_code == 302  # nobody who has not said the password
    assert client.post(BACK).status_code == 302 and Departure.objects.exists()
    login = client.post("/accounts/login/", {"login": EMAIL, "password": "not this one"})
    assert login.status_code == 200
    login = client.post("/accounts/login/", {"login": EMAIL, "password": PASSWORD})
    assert login["Location"] == BACK
    assert client.get("/accounts/settings/").status_code == 302  # it is no log-in
    assert b"Have it back" in client.get(BACK).content
    assert client.post(BACK)["Location"] == "/accounts/login/"
    worker.run_due()
    zoe.refresh_from_db()
    assert (zoe.display_name, zoe.is_active) == (NAME, True) and not Departure.objects.exists()
    assert set(Observation.objects.filter(observer=zoe, shown=True).values_list("pk", flat=True)) == shown
    assert PersonWords.objects.filter(of=zoe, text__contains=PECULIAR).exists()
    assert ApiToken.objects.filter(user=zoe, revoked_at=None).count() == 0
    assert client.post("/accounts/login/", {"login": EMAIL, "password": PASSWORD})["Location"] == "/"


def test_after_the_grace_nobody_comes_back(client, zoe):
    departure = leave(zoe)
    past = timezone.now() - timedelta(minutes=1)
    Departure.objects.filter(pk=departure.pk).update(due=past, asked=past - departures.GRACE)
    login = client.post("/accounts/login/", {"login": EMAIL, "password": PASSWORD})
    assert login.get("Location", "") != BACK
    with pytest.raises(PermissionDenied):
        departures.call_back(user=zoe)


def test_somebody_whom_an_admin_closed_out_is_not_let_in_by_it(client, zoe):
    User.objects.filter(pk=zoe.pk).update(is_active=False)
    login = client.post("/accounts/login/", {"login": EMAIL, "password": PASSWORD})
    assert login.get("Location", "") != BACK
    zoe.refresh_from_db()
    with pytest.raises(PermissionDenied):
        leave(zoe)


def test_what_published_datasets_hold_stays_byte_for_byte(zoe, bob, charlie, ada, tree, settings):
    occurrence = agreed(zoe, tree["brown_trout"], [bob, charlie], seed="in a dataset")
    alone = universe.sighting(zoe, seed="in none")
    dataset = freeze(ada)
    manifest = Path(settings.FILES) / dataset.manifest_name
    before = manifest.read_bytes()
    assert NAME in before.decode()
    the_time_comes(leave(zoe, erase_published=True))
    assert manifest.read_bytes() == before
    assert in_files(settings.FILES) == [str(manifest)]
    assert in_the_database() == []
    kept = Observation.objects.get(pk=occurrence.observation_id)
    assert kept.state == State.KEPT and not kept.shown
    assert not Observation.objects.filter(pk=alone.pk).exists()
    assert Notification.objects.filter(user=ada, kind="departure").exists()


def test_an_export_made_later_credits_nobody(zoe, bob, charlie, ada, tree, settings):
    agreed(zoe, tree["brown_trout"], [bob, charlie], seed="given")
    the_time_comes(leave(zoe, "give", "keep"))
    dataset = freeze(ada)
    made = opened(FORMATS["csv"].write(store.read(dataset)))
    texts = b"".join(made.read(name) for name in made.namelist() if not name.startswith("images/"))
    assert departures.NOBODY.encode() in texts and PECULIAR.encode() not in texts.lower()
    assert in_files(settings.FILES) == []


def test_a_killed_job_goes_on_where_it_was(journey, zoe, monkeypatch):
    universe.sighting(zoe, seed="third")
    departure = leave(zoe)
    erase, erased = actions.erase, []

    def killed(pk):
        if erased:
            raise KeyboardInterrupt
        erased.append(pk)
        erase(pk)

    monkeypatch.setattr(actions, "erase", killed)
    with pytest.raises(KeyboardInterrupt):
        the_time_comes(departure)
    assert Observation.objects.filter(observer=zoe).exists()
    monkeypatch.setattr(actions, "erase", erase)
    worker.run_due()
    departure.refresh_from_db()
    assert departure.done is not None and not Observation.objects.filter(observer=zoe).exists()


def test_the_only_admin_stays(ada, rita):
    with pytest.raises(ValidationError, match="only admin"):
        leave(ada)
    ada.refresh_from_db()
    assert ada.is_active
    person("Second", Role.ADMIN)
    leave(ada)
    assert not User.objects.get(pk=ada.pk).is_active


def test_nobody_has_anothers_account_deleted(zoe, ada):
    with pytest.raises(PermissionDenied):
        actions.ask(user=zoe, by=ada, photos="erase", words="keep")


def test_a_word_that_others_use_stays_theirs(bob, charlie, tree):
    """Whoever is called River takes no rivers along."""
    river = person("River")
    theirs = universe.sighting(
        bob, seed="bob", note="River in flood", place_name="River Enns", latitude=47, longitude=11
    )
    identifications.add(occurrence=theirs.occurrences.get(), taxon=tree["brown_trout"], by=river)
    comments.add(observation=theirs, text="Thank you, @River. The River is high.", by=charlie)
    the_time_comes(leave(river, "give", "keep"))
    theirs.refresh_from_db()
    assert theirs.note == "River in flood" and Place.objects.filter(name="River Enns").exists()
    assert Comment.objects.get().text == f"Thank you, {departures.NOBODY}. The River is high."
    assert NoteWords.objects.get(of=theirs).text
    assert not Notification.objects.filter(text__startswith="River").exists()


@pytest.mark.parametrize(
    "wrong",
    [{"photos": "burn"}, {"words": "sing"}, {"due": timezone.now() - timedelta(days=20)}, {"display_name": ""},
     {"done": timezone.now()}],
)  # fmt: skip
def test_a_departure_says_what_it_is(zoe, wrong):
    said = {
        "photos": "erase",
        "words": "keep",
        "due": timezone.now() + departures.GRACE,
        "display_name": NAME,
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        Departure.objects.create(user=zoe, **(said | wrong))
