"""Owner, colleague, stranger, reviewer, admin, nobody: who sees a job, and who may touch it."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import actions as accounts
from jobs import actions, leases, worker
from jobs.models import Job, State
from jobs.registry import job
from tests.look.pages import one_line


@pytest.fixture
def people(client, alice, bob, charlie, rita, ada):
    accounts.grant(user=bob, scope="all", purpose="to compare", by=ada)
    known = {"owner": alice, "colleague": bob, "stranger": charlie, "reviewer": rita, "admin": ada}
    return known | {"nobody": None}


@pytest.fixture
def alices(alice) -> Job:
    job("grow")(lambda context: None)
    return actions.enqueue(kind="grow", title="Grow it", by=alice)


def login(client, person) -> None:
    client.logout()
    if person:
        client.force_login(person)


@pytest.mark.parametrize("who", ["owner", "colleague", "stranger", "reviewer", "admin", "nobody"])
def test_who_sees_and_touches_a_job(client, people, alices, who):
    login(client, people[who])
    may = who in ("owner", "admin")
    expected = 200 if may else 302 if who == "nobody" else 404
    for name in ("job", "job_part"):
        answer = client.get(reverse(name, args=[alices.pk]))
        assert answer.status_code == expected
    listed = client.get(reverse("jobs"))
    assert listed.status_code == (302 if who == "nobody" else 200)
    assert ("Grow it" in listed.content.decode()) is may

    answer = client.post(reverse("cancel_job", args=[alices.pk]))
    assert answer.status_code == (302 if may else expected)
    alices.refresh_from_db()
    assert alices.state == (State.CANCELLED if may else State.WAITING)
    answer = client.post(reverse("retry_job", args=[alices.pk]))
    assert answer.status_code == (302 if may else expected)
    alices.refresh_from_db()
    assert alices.state == State.WAITING


def test_a_get_changes_nothing(client, alice, alices):
    login(client, alice)
    for name in ("cancel_job", "retry_job"):
        assert client.get(reverse(name, args=[alices.pk])).status_code == 405
    alices.refresh_from_db()
    assert alices.state == State.WAITING


def test_the_panel_keeps_itself_up_to_date_until_the_end(client, alice, alices):
    login(client, alice)
    part = one_line(client.get(reverse("job_part", args=[alices.pk])))
    assert f'hx-get="{reverse("job_part", args=[alices.pk])}" hx-trigger="every 2s"' in part
    assert "<html" not in part
    assert "1st in line" in part
    worker.run_due()
    part = one_line(client.get(reverse("job_part", args=[alices.pk])))
    assert "hx-get" not in part
    assert re.search(r"Done in \d", part)
    assert 'value="100"' in part
    assert "<button" not in part


def test_a_running_job_shows_how_far_it_is(client, alice, alices):
    leases.claim(alices.pk)
    Job.objects.update(progress_done=1240, progress_total=2000, message="Epoch 13 of 20")
    login(client, alice)
    page = one_line(client.get(reverse("job", args=[alices.pk])))
    assert "<b>1,240</b> of 2,000" in page
    assert 'value="62"' in page
    assert "Epoch 13 of 20" in page
    client.post(reverse("cancel_job", args=[alices.pk]))
    page = one_line(client.get(reverse("job", args=[alices.pk])))
    assert "Stopping" in page
    assert reverse("cancel_job", args=[alices.pk]) not in page


def test_a_failed_job_says_so_without_the_traceback(client, alice, ada, alices):
    leases.fail(
        leases.claim(alices.pk), message="The disk is full.", error="File /srv/secret", permanent=True
    )
    login(client, alice)
    page = one_line(client.get(reverse("job", args=[alices.pk])))
    assert "The disk is full." in page
    assert "Nothing live has changed." in page
    assert "/srv/secret" not in page
    login(client, ada)
    assert "/srv/secret" in one_line(client.get(reverse("job", args=[alices.pk])))


def test_what_is_not_possible_is_said_in_words(client, alice, alices):
    worker.run_due()
    login(client, alice)
    answer = client.post(reverse("cancel_job", args=[alices.pk]), follow=True)
    assert answer.status_code == 200
    assert "“Grow it” has already ended" in answer.content.decode()


def test_a_successor_says_what_it_waits_for(client, alice, alices):
    after = actions.enqueue(kind="grow", by=alice, after=alices, title="Grow on")
    login(client, alice)
    assert "Starts when “Grow it” is done." in one_line(client.get(reverse("job", args=[after.pk])))


def test_words_in_titles_are_not_markup(client, alice, alices):
    Job.objects.update(title="<script>x</script>", message="<b>bold</b>")
    login(client, alice)
    for address in (reverse("jobs"), reverse("job", args=[alices.pk])):
        page = one_line(client.get(address))
        assert "<script>x" not in page
        assert "<b>bold" not in page


@pytest.mark.parametrize("admin", [False, True])
def test_the_list_asks_the_same_few_questions_however_long(
    client, alice, bob, ada, alices, admin, django_assert_max_num_queries
):
    for number in range(30):
        owner = alice if not admin or number % 2 else bob
        Job.objects.create(kind="grow", title=f"Grow {number}", owner=owner, after=alices)
    login(client, ada if admin else alice)
    # Session, person, count, page, unread notifications.
    with django_assert_max_num_queries(5):
        page = client.get(reverse("jobs")).content.decode()
    assert page.count('class="panel job"') == 20
    assert "Page 1 of 2" in page
    assert "Grow 29" in page
    assert "Grow it" in client.get(reverse("jobs") + "?page=2").content.decode()
    assert client.get(reverse("jobs") + "?page=nonsense").status_code == 200


def test_an_empty_list_says_what_will_be_there(client, alice):
    login(client, alice)
    assert "Nothing is being done for you" in client.get(reverse("jobs")).content.decode()


def test_place_in_line_counts_the_queue(client, alice, alices):
    job("train", queue="gpu")(lambda context: None)
    actions.enqueue(kind="train", by=alice)
    second = actions.enqueue(kind="grow", by=alice)
    Job.objects.create(kind="grow", state=State.DONE, finished_at=timezone.now())
    login(client, alice)
    assert "2nd in line" in one_line(client.get(reverse("job", args=[second.pk])))
