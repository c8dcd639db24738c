import pytest
from django.db import IntegrityError, transaction
from django.test import RequestFactory
from django.urls import reverse

from accounts.actions import set_news
from accounts.models import News
from notices.actions import mark_read, notify, notify_each, renew_each
from notices.context import notices
from notices.models import Notification


def tell(user, text="It is a chub.", **fields) -> Notification:
    notify(user=user, kind="agreed", text=text, **fields)
    return Notification.objects.filter(user=user).latest("created")


def test_a_notification_says_something_and_leads_nowhere_else(alice):
    assert tell(alice, url="/observations/1?a=b#c").url == "/observations/1?a=b#c"
    assert tell(alice, text="  two \n lines ").text == "two lines"
    assert len(tell(alice, text="x" * 900).text) == 500
    for url in (
        "https://example.org/",
        "//example.org/",
        "javascript:alert(1)",
        "observations",
        "/\\example.org",
    ):
        with pytest.raises(ValueError, match="a path on this site"):
            tell(alice, url=url)
    with pytest.raises(ValueError, match="has to say something"):
        tell(alice, text="  ")
    assert Notification.objects.count() == 3
    with pytest.raises(IntegrityError), transaction.atomic():
        Notification.objects.create(user=alice, kind="agreed", text="")


def test_news_of_one_matter_is_one_notification_that_grows(alice, bob):
    first = tell(alice, text="One person named it.", about="observation:1")
    other = tell(alice, text="One person named it.", about="observation:2")
    theirs = tell(bob, text="One person named it.", about="observation:1")
    mark_read(by=alice)
    again = tell(alice, text="Two people named it.", about="observation:1")
    assert again.pk == first.pk and again.text == "Two people named it."
    assert set(Notification.objects.unread()) == {again, theirs}, "what is new is unread again"
    assert Notification.objects.order_by("-created").first() == again, "and first in the list"
    assert set(Notification.objects.all()) == {first, other, theirs}
    with pytest.raises(IntegrityError), transaction.atomic():
        Notification.objects.create(user=alice, kind="x", text="Again.", about="observation:1")


def test_many_are_told_in_a_few_statements(alice, bob, charlie, django_assert_num_queries):
    texts = {person.pk: f"{n} of your photos." for n, person in enumerate((alice, bob, charlie))}
    for _ in range(2):
        with django_assert_num_queries(3):  # a savepoint, one insert, its release
            notify_each(texts=texts, kind="dataset", url="/datasets/1", about="dataset:1")
    assert {each.user_id: each.text for each in Notification.objects.all()} == texts
    with pytest.raises(ValueError, match="a path on this site"):
        notify_each(texts=texts, kind="dataset", url="//example.org/", about="dataset:2")


def test_many_are_told_but_those_who_do_not_want_it(alice, bob, charlie, monkeypatch):
    monkeypatch.setattr("notices.actions.BATCH", 2)
    set_news(user=bob, by=bob, kinds=set(News.values) - {News.DATASET})
    people = [alice, bob, charlie]
    tell(bob, about="dataset:1")
    for each in (notify_each, renew_each):
        each(texts={each.pk: "In it." for each in people}, kind=News.DATASET, url="", about="dataset:1")
    told = {each.user: each.text for each in Notification.objects.all()}
    assert told == {alice: "In it.", bob: "It is a chub.", charlie: "In it."}
    notify(user=bob, kind=News.DATASET, text="In it.")


def test_only_ones_own_are_read(alice, bob):
    mine, other, theirs = tell(alice), tell(alice), tell(bob)
    assert mark_read(by=alice, ids=[mine.pk, theirs.pk]) == 1
    assert set(Notification.objects.unread()) == {other, theirs}
    assert mark_read(by=alice) == 1
    assert mark_read(by=alice) == 0
    assert list(Notification.objects.unread()) == [theirs]


def test_the_count_is_asked_once_and_only_when_printed(alice, rf: RequestFactory, django_assert_num_queries):
    tell(alice)
    request = rf.get("/")
    assert notices(request)["unread"] == 0
    request.user = alice
    with django_assert_num_queries(0):
        unread = notices(request)["unread"]
    with django_assert_num_queries(1):
        assert unread
        assert str(unread) == "1"


def test_the_page(client, alice, bob):
    address = reverse("notices")
    assert client.get(address).status_code == 302
    client.force_login(alice)
    assert "Nothing new" in client.get(address).content.decode()
    tell(bob, text="A secret of Bob's")
    notice = tell(alice, text="Chub & co <agreed>", url="/somewhere")
    page = client.get(address).content.decode()
    assert 'href="/somewhere"' in page
    assert "Chub &amp; co &lt;agreed&gt;" in page
    assert "Notifications, 1 new" in page
    assert "secret" not in page

    assert client.get(reverse("read_notices")).status_code == 405
    client.post(reverse("read_notices"), {"id": "nonsense"})
    assert Notification.objects.unread().count() == 2
    client.post(reverse("read_notices"), {"id": str(notice.pk)})
    assert list(Notification.objects.unread().values_list("user", flat=True)) == [bob.pk]
    assert "1 new" not in client.get(address).content.decode()


def test_read_all(client, alice, bob):
    for person in (alice, alice, bob):
        tell(person)
    client.force_login(alice)
    assert client.post(reverse("read_notices")).status_code == 302
    assert Notification.objects.unread().count() == 1


def test_the_list_asks_the_same_few_questions_however_long(client, alice, django_assert_num_queries):
    tell(alice)
    client.force_login(alice)
    # Session, person, unread for the bell, how many there are, these thirty.
    with django_assert_num_queries(5):
        client.get(reverse("notices"))
    for _ in range(40):
        tell(alice)
    with django_assert_num_queries(5):
        page = client.get(reverse("notices")).content.decode()
    assert page.count("It is a chub.") >= 30
