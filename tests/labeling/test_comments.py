"""Comments on sightings: who writes, changes, takes back, reports and hides them, and who hears of it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.actions import make_token
from accounts.models import User
from labeling.actions import comments, drafts, identifications, rulings
from labeling.models import Comment, CommentReport, Identification
from labeling.queries.comments import changed_since, mentioned, people_here, pieces, visible_to
from notices.actions import mark_read
from notices.models import Notification
from species.access import NotYours
from species.actions import observations, partings, photos, published
from species.models import Observation
from species.queries.names import Names
from tests import universe
from tests.conftest import person
from tests.labeling.browsing import PEOPLE, as_person, get, queries

JSON = {"content_type": "application/json"}


@pytest.fixture
def sighting(occurrence) -> Observation:
    return occurrence.observation


@pytest.fixture
def people(alice, colleague, charlie, rita, ada):
    return dict(zip(PEOPLE, [alice, colleague, charlie, rita, ada, AnonymousUser()], strict=True))


def write(sighting, by, text="Which river is this?") -> Comment:
    return comments.add(observation=sighting, text=text, by=by)


def told(person) -> list[str]:
    return [each.text for each in Notification.objects.of(person).filter(kind__in=["comment", "moderation"])]


def older(comment, **by) -> Comment:
    Comment.objects.filter(pk=comment.pk).update(created=timezone.now() - timedelta(**by))
    comment.refresh_from_db()
    return comment


def page_of(client, person, sighting):
    return get(as_person(client, person), "observation", sighting.pk)


class TestWriting:
    def test_it_stands_on_the_page_in_its_lines(self, client, sighting, bob):
        write(sighting, bob, "  One line.\r\nAnother <b>one</b>, https://example.org \n")
        assert Comment.objects.get().text == "One line.\nAnother <b>one</b>, https://example.org"
        page = page_of(client, None, sighting)
        assert "Another <b>one</b>, https://example.org" in page.text
        assert "https://example.org" not in [each["href"] for each in page.all("a")], "no link of strangers"

    def test_by_the_form(self, client, sighting, charlie):
        answer = as_person(client, charlie).post(reverse("comment", args=[sighting.pk]), {"text": "Nice."})
        assert answer.url == f"{sighting.get_absolute_url()}#comments"
        assert Comment.objects.get().person == charlie

    def test_what_is_wrong_is_said_and_nothing_is_lost(self, client, sighting, charlie):
        long = "x" * 2001
        for text, why in (
            ("   ", "This field is required."),
            (long, "at most 2000 characters"),
            ("\x07", ""),
        ):
            answer = as_person(client, charlie).post(reverse("comment", args=[sighting.pk]), {"text": text})
            assert answer.status_code == 400 and why in answer.content.decode()
        answer = client.post(reverse("comment", args=[sighting.pk]), {"text": long})
        assert long in answer.content.decode()
        assert not Comment.objects.exists()

    @pytest.mark.parametrize("text", ["", " \n ", "\u202e", "x" * 2001])
    def test_the_action_refuses_too(self, sighting, bob, text):
        with pytest.raises(ValidationError) as refused:
            write(sighting, bob, text)
        assert "text" in refused.value.message_dict

    def test_what_turns_the_text_around_is_left_out(self, sighting, bob):
        assert write(sighting, bob, "a\u202eb\u2066c\x00d\x1be").text == "abcde"

    def test_who_is_not_signed_in_logs_in_first(self, client, sighting):
        answer = client.post(reverse("comment", args=[sighting.pk]), {"text": "Nice."})
        assert reverse("account_login") in answer.url and not Comment.objects.exists()

    def test_a_comment_is_no_vote_and_in_no_dataset(self, sighting, occurrence, bob, tree):
        write(sighting, bob, "A brown trout.")
        occurrence.refresh_from_db()
        assert occurrence.status == "needs_id" and not Identification.objects.exists()


class TestChanging:
    def test_within_a_quarter_of_an_hour(self, client, sighting, bob):
        comment = write(sighting, bob, "Nise.")
        page = page_of(client, bob, sighting)
        assert "edited" not in page.text
        edit = reverse("edit_comment", args=[comment.pk])
        assert edit in [each.get("action") for each in page.all("form")]
        assert client.post(edit, {"text": "Nice."}).status_code == 302
        comment.refresh_from_db()
        assert comment.text == "Nice." and comment.edited_at
        assert "edited" in page_of(client, None, sighting).text

    def test_then_no_more(self, client, sighting, bob):
        comment = older(write(sighting, bob), minutes=16)
        with pytest.raises(ValidationError):
            comments.edit(comment=comment, text="Never.", by=bob)
        edit = reverse("edit_comment", args=[comment.pk])
        assert edit not in [each.get("action") for each in page_of(client, bob, sighting).all("form")]
        answer = client.post(edit, {"text": "Never."})
        assert answer.status_code == 400 and "a quarter of an hour" in answer.content.decode()

    def test_the_same_words_are_no_change(self, sighting, bob):
        comment = write(sighting, bob)
        assert comments.edit(comment=comment, text=comment.text, by=bob).edited_at is None

    def test_a_refused_change_is_said_where_it_was_made(self, client, sighting, bob):
        comment = write(sighting, bob)
        answer = as_person(client, bob).post(reverse("edit_comment", args=[comment.pk]), {"text": ""})
        assert answer.status_code == 400 and "This field is required." in answer.content.decode()

    def test_what_was_taken_back_is_gone(self, client, sighting, bob):
        comment = write(sighting, bob, "A secret.")
        assert as_person(client, bob).post(reverse("withdraw_comment", args=[comment.pk])).status_code == 302
        comments.withdraw(comment=comment, by=bob)
        comment.refresh_from_db()
        assert comment.text == "" and comment.withdrawn_at
        page = page_of(client, None, sighting)
        assert "A secret." not in page.text and "1 taken back" in page.text
        with pytest.raises(ValidationError):
            comments.edit(comment=comment, text="Again.", by=bob)

    def test_it_goes_with_its_sighting(self, sighting, alice, bob):
        comment = write(sighting, bob)
        published.withdraw(observation=sighting, by=alice)
        with pytest.raises(NotYours):
            comments.edit(comment=comment, text="Still here?", by=bob)
        drafts.clear(before=timezone.now() + timedelta(days=400))
        assert not Comment.objects.exists() and not Observation.objects.filter(pk=sighting.pk).exists()
        with pytest.raises(NotYours):
            comments.withdraw(comment=comment, by=bob)


class TestReportingAndHiding:
    def test_from_the_report_to_the_end(self, client, sighting, bob, charlie, rita):
        comment = write(sighting, bob, "You are a fool.")
        report = reverse("report_comment", args=[comment.pk])
        as_person(client, charlie)
        for reason in ("Rude.", "Very rude."):
            assert client.post(report, {"reason": reason}).status_code == 302
        assert CommentReport.objects.get().reason == "Very rude."
        assert "reported" not in page_of(client, charlie, sighting).text
        assert "reported" in page_of(client, rita, sighting).text
        hide = reverse("hide_comment", args=[comment.pk])
        assert client.post(hide, {"reason": " "}).status_code == 400
        assert client.post(hide, {"reason": "Be kind."}).status_code == 302
        assert CommentReport.objects.get().resolved_by == rita
        assert told(bob) == ["Rita hid a comment of yours: Be kind."]
        assert told(charlie) == ["Rita looked at the comment that you reported. It is hidden."]
        for reader, reads in ((None, False), (charlie, False), (bob, True), (rita, True)):
            page = page_of(client, reader, sighting)
            assert ("You are a fool." in page.text) == reads
            assert "Hidden by a reviewer: Be kind." in page.text
        unhide = reverse("unhide_comment", args=[comment.pk])
        assert as_person(client, rita).post(unhide, {"reason": "It was a quotation."}).status_code == 302
        assert "You are a fool." in page_of(client, None, sighting).text
        assert told(bob) == ["Rita shows a comment of yours again: It was a quotation."]

    def test_a_report_that_leads_to_nothing(self, sighting, bob, charlie, rita):
        report = comments.report(comment=write(sighting, bob), by=charlie)
        assert comments.resolve(report=report, by=rita).resolved_by == rita
        assert told(charlie) == ["Rita looked at the comment that you reported. It may stand."]
        assert not told(bob)

    def test_ones_own_is_not_reported_nor_what_is_gone(self, sighting, bob, charlie, rita):
        comment = write(sighting, bob)
        with pytest.raises(ValidationError):
            comments.report(comment=comment, by=bob)
        comments.hide(comment=comment, reason="Off topic.", by=rita)
        with pytest.raises(ValidationError):
            comments.report(comment=comment, by=charlie)

    def test_again_is_no_error(self, sighting, bob, rita):
        comment = write(sighting, bob)
        for act in (comments.hide, comments.hide, comments.unhide, comments.unhide):
            act(comment=comment, reason="Why not.", by=rita)
        assert Comment.objects.get().hidden_at is None

    def test_from_the_staff_list(self, client, sighting, bob, charlie, rita):
        report = comments.report(comment=write(sighting, bob, "Nonsense."), by=charlie, reason="It is.")
        page = as_person(client, rita).get(reverse("admin:labeling_comment_changelist") + "?reported=yes")
        assert "Nonsense." in page.content.decode()
        listed = reverse("admin:labeling_commentreport_changelist")
        client.post(listed, {"action": "resolve", "_selected_action": [report.pk]})
        report.refresh_from_db()
        assert report.resolved_by == rita


MAY = {
    "write": "owner colleague stranger reviewer admin",
    "change the stranger's": "stranger",
    "take the stranger's back": "stranger",
    "report the stranger's": "owner colleague reviewer admin",
    "hide the stranger's": "reviewer admin",
    "show it again": "reviewer admin",
    "write on a draft": "owner",
}


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("what", MAY)
def test_who_may(what, who, sighting, people):
    comment = write(sighting, people["stranger"])
    if what.endswith("draft"):
        universe.take_everything_back()
    by = people[who]
    deeds = {
        "write": lambda: write(sighting, by),
        "change": lambda: comments.edit(comment=comment, text="Otherwise.", by=by),
        "take": lambda: comments.withdraw(comment=comment, by=by),
        "report": lambda: comments.report(comment=comment, by=by),
        "hide": lambda: comments.hide(comment=comment, reason="Rude.", by=by),
        "show": lambda: comments.unhide(comment=comment, reason="It is not.", by=by),
    }
    deed = deeds[what.split()[0]]
    if who in MAY[what].split():
        deed()
    else:
        with pytest.raises((PermissionDenied, ValidationError)):
            deed()


def test_nobody_hides_what_is_written_on_their_own_sighting(bob, rita):
    own = universe.sighting(rita, seed="rita")
    with pytest.raises(PermissionDenied):
        comments.hide(comment=write(own, bob), reason="I don’t like it.", by=rita)


def test_who_was_shut_out_writes_nothing(sighting, bob):
    comment = write(sighting, bob)
    bob.is_active = False
    bob.save()
    for deed in (lambda: write(sighting, bob), lambda: comments.withdraw(comment=comment, by=bob)):
        with pytest.raises(PermissionDenied):
            deed()


class TestWhoSeesThem:
    def test_those_who_see_the_sighting(self, sighting, alice, bob, charlie, rita):
        comment = write(sighting, bob)

        def seen(person) -> bool:
            return visible_to(Comment.objects.all(), person).exists()

        assert [seen(each) for each in (None, alice, charlie, rita)] == [True] * 4
        for photo in sighting.photos.all():
            photos.say(photo=photo, purpose="show", granted=False, by=alice)
        assert [seen(each) for each in (None, alice, charlie, rita)] == [False, True, False, True]
        for photo in sighting.photos.all():
            photos.say(photo=photo, purpose="show", granted=True, by=alice)
        comment.refresh_from_db(), sighting.refresh_from_db()
        assert comment.shown and comment.listed_at == sighting.listed_at, "last in the lists"

    def test_on_a_draft_only_its_owner(self, client, alice, bob, rita):
        draft = universe.sighting(alice, seed="draft", published=False)
        comment = write(draft, alice, "Note to myself.")
        for reader, status in ((alice, 200), (bob, 404), (rita, 404), (None, 404)):
            assert as_person(client, reader).get(f"/api/v1/comments/{comment.pk}").status_code == status
            posted = client.post(reverse("report_comment", args=[comment.pk]))
            assert posted.status_code in (404, 400 if reader else 302)


class TestNotices:
    def test_whose_sighting_it_is_who_wrote_there_and_who_is_mentioned(
        self, sighting, occurrence, tree, alice, bob, charlie, rita
    ):
        identifications.add(occurrence=occurrence, taxon=tree["chub"], by=rita)
        write(sighting, bob)
        assert told(alice) == ["Bob commented on your sighting."]
        write(sighting, charlie, "@Rita, look at the tail. @Nobody @bob")
        assert told(alice) == ["Charlie and 1 other commented on your sighting."]
        assert told(bob) == ["Charlie commented on a sighting that you commented on."]
        assert told(rita) == [
            "Charlie commented on a sighting where you said something, and you are mentioned."
        ]
        assert not told(charlie)
        assert (
            Notification.objects.filter(kind="comment")
            .values("url")
            .distinct()
            .get()["url"]
            .endswith("#comments")
        )

    def test_one_notice_that_is_unread_again(self, sighting, alice, bob, charlie):
        write(sighting, bob)
        mark_read(by=alice)
        write(sighting, charlie)
        assert Notification.objects.of(alice).unread().count() == 1 == len(told(alice))

    def test_what_was_written_before_ones_own_is_not_news(self, sighting, alice, bob, charlie):
        write(sighting, bob)
        write(sighting, alice, "In the Sill.")
        write(sighting, charlie, "Thanks.")
        assert told(alice) == ["Charlie commented on your sighting."]

    def test_nothing_of_its_words_which_may_be_taken_back(self, sighting, alice, bob):
        comments.withdraw(comment=write(sighting, bob, "My telephone number"), by=bob)
        assert not [each for each in told(alice) if "telephone" in each]

    def test_a_change_tells_only_whom_it_mentions_now(self, sighting, alice, bob, charlie):
        write(sighting, charlie)
        comment = write(sighting, bob, "Look, @Alice.")
        Notification.objects.all().delete()
        comments.edit(comment=comment, text="Look, @Alice and @Charlie.", by=bob)
        assert (told(alice), len(told(charlie))) == ([], 1)

    def test_nobody_hears_of_what_they_may_not_see(self, sighting, alice, bob, rita):
        write(sighting, bob)
        for photo in sighting.photos.all():
            photos.say(photo=photo, purpose="show", granted=False, by=alice)
        Notification.objects.all().delete()
        write(sighting, rita, "@Bob, can you tell?")
        assert not told(bob) and len(told(alice)) == 1

    def test_who_was_shut_out_and_a_source_hear_nothing(self, rita, alice, bob):
        _, imported = universe.imported(rita)
        write(imported, bob)
        bob.is_active = False
        bob.save()
        write(imported, alice)
        assert not Notification.objects.filter(kind="comment").exists()

    def test_a_crowd_costs_what_one_costs(self, sighting, bob, charlie, django_assert_max_num_queries):
        with django_assert_max_num_queries(30) as one:
            write(sighting, bob)
        for number in range(8):
            write(sighting, person(f"P{number}"))
        with django_assert_max_num_queries(len(one)):
            write(sighting, charlie)


class TestMentions:
    def test_by_exact_name_of_those_here(self, alice, bob):
        anna, anna_b = User(display_name="Anna"), User(display_name="Anna B.")
        here = [alice, bob, anna, anna_b]
        assert mentioned("@Alice @alice me@Bob @Bobby", here) == {alice.pk}
        assert mentioned("@Anna B. and @Anna", here) == {anna.pk, anna_b.pk}
        assert [each.text for each in pieces("Hi @Anna B.!", here)] == ["Hi ", "@Anna B.", "!"]

    def test_two_of_one_name_are_both_meant_and_lead_to_neither(
        self, client, sighting, bob, tree, occurrence
    ):
        other = person("Bobby")
        User.objects.filter(pk=other.pk).update(display_name="Bob")
        for each in (bob, other):
            identifications.add(occurrence=occurrence, taxon=tree["chub"], by=each)
        write(sighting, person("Dora"), "@Bob?")
        assert len(told(bob)) == len(told(other)) == 1
        page = page_of(client, None, sighting)
        assert reverse("person", args=[bob.pk]) in [each["href"] for each in page.all("a")]
        assert "@Bob" not in [each.text for each in page.all("a") if hasattr(each, "text")]

    @settings(deadline=None)
    @given(st.lists(st.text("ab @.\n", max_size=5), max_size=4), st.text("ab@ .\n", max_size=40))
    def test_the_pieces_are_the_text(self, names, text):
        people = [User(display_name=name) for name in names]
        found = pieces(text, people)
        assert "".join(each.text for each in found) == text
        assert all(each.text for each in found)
        assert all(each.text == f"@{each.people[0].display_name}" for each in found if each.people)

    def test_who_is_here(self, sighting, occurrence, tree, alice, bob, charlie, rita, ada):
        identifications.add(occurrence=occurrence, taxon=tree["chub"], by=bob)
        rulings.rule(occurrence=occurrence, taxon=tree["chub"], reason="The mouth.", by=rita)
        write(sighting, charlie)
        assert set(people_here(sighting)) == {alice, bob, charlie, rita}


class TestNamesInComments:
    @pytest.mark.parametrize(
        ("text", "names"),
        [
            ("Look at the brown trout!", True),
            ("two Brown-trouts", True),
            ("Salmo trutta, I think", True),
            ("eine Forelle", True),
            ("这是褐鳟吗", True),
            ("Which river is this?", False),
            ("trout", False),
            ("", False),
        ],
    )
    def test_whether_there_is_one(self, tree, text, names):
        assert Names().is_in(text) == names

    def test_who_has_read_one_has_seen_what_others_say(
        self, client, sighting, occurrence, tree, bob, charlie
    ):
        comment = write(sighting, charlie, "A nice day at the river.")
        as_person(client, bob)
        form = {"likely": "chub", "confidence": "likely"}
        get(client, "observation", sighting.pk)
        client.post(reverse("identify", args=[occurrence.pk]), form)
        assert Identification.objects.get().others_on_screen is False
        comments.edit(comment=comment, text="A nice brown trout at the river.", by=charlie)
        get(client, "observation", sighting.pk)
        client.post(reverse("identify", args=[occurrence.pk]), form)
        assert Identification.objects.get(withdrawn_at=None).others_on_screen is True

    def test_by_the_api_likewise(self, client, sighting, occurrence, tree, bob, charlie):
        write(sighting, charlie, "A nice brown trout.")
        headers = {"Authorization": f"Token {make_token(user=bob, name='x', by=bob).secret}"}
        client.get("/api/v1/comments", headers=headers)
        body = {"occurrence": str(occurrence.pk), "taxon": "chub"}
        answer = client.post("/api/v1/identifications", body, headers=headers, **JSON)
        assert answer.json()["others_on_screen"] is True

    def test_a_hidden_one_is_not_read(self, client, sighting, occurrence, tree, bob, charlie, rita):
        comments.hide(comment=write(sighting, charlie, "A chub, fool."), reason="Rude.", by=rita)
        get(as_person(client, bob), "observation", sighting.pk)
        client.post(reverse("identify", args=[occurrence.pk]), {"likely": "chub", "confidence": "likely"})
        assert Identification.objects.get().others_on_screen is False


class TestTheApi:
    def headers(self, person) -> dict:
        return {"Authorization": f"Token {make_token(user=person, name='x', by=person).secret}"}

    def test_all_of_it(self, sighting, bob, charlie, rita):
        mine, other, staff = self.headers(bob), self.headers(charlie), self.headers(rita)
        api = Client()
        body = {"observation": str(sighting.pk), "text": "Nise."}
        made = api.post("/api/v1/comments", body, headers=mine, **JSON)
        assert made.status_code == 201, made.content
        at = f"/api/v1/comments/{made.json()['id']}"
        assert api.post(f"{at}/edit", {"text": "Nice."}, headers=mine, **JSON).json()["text"] == "Nice."
        assert api.post(f"{at}/edit", {"text": "Ugly."}, headers=other, **JSON).status_code == 403
        assert api.post(f"{at}/report", {"reason": "Spam."}, headers=other, **JSON).status_code == 201
        assert api.post(f"{at}/hide", {}, headers=staff, **JSON).status_code == 400
        hidden = api.post(f"{at}/hide", {"reason": "Spam."}, headers=staff, **JSON).json()
        assert hidden["text"] == "Nice." and hidden["hidden_because"] == "Spam."
        assert api.get(at).json()["text"] == "" and api.get(at, headers=mine).json()["text"] == "Nice."
        assert api.post(f"{at}/unhide", {"reason": "No."}, headers=staff, **JSON).json()["hidden_at"] is None
        gone = api.post(f"{at}/withdraw", headers=mine).json()
        assert gone["text"] == "" and gone["withdrawn_at"]

    def test_the_list_in_the_order_of_changes(self, client, sighting, bob, charlie):
        first, second = write(sighting, bob, "One."), write(sighting, charlie, "Two.")
        moment = second.updated
        comments.edit(comment=first, text="One!", by=bob)
        rows = client.get("/api/v1/comments", {"updated_since": moment.isoformat()}).json()["results"]
        assert [each["text"] for each in rows] == ["Two.", "One!"]
        assert list(changed_since(Comment.objects.all(), moment).order_by("changed")) == [second, first]
        rows = client.get("/api/v1/comments", {"observation": str(sighting.pk), "person": str(bob.pk)}).json()
        assert [each["text"] for each in rows["results"]] == ["One!"]

    def test_few_queries(self, client, sighting, bob, charlie):
        write(sighting, bob, "A brown trout.")
        one = queries(client, "/api/v1/comments")
        for number in range(4):
            write(sighting, person(f"P{number}"), "A brown trout.")
        assert queries(client, "/api/v1/comments") <= one


def test_the_page_costs_what_it_cost(client, sighting, occurrence, photo, tree, alice, bob, rita):
    for each in (alice, bob, rita):
        identifications.add(occurrence=occurrence, taxon=tree["chub"], by=each)
        write(sighting, each, "@Alice @Bob, a brown trout.")
    comments.report(comment=Comment.objects.first(), by=bob)
    comments.hide(comment=Comment.objects.last(), reason="No.", by=person("Eva", "reviewer"))
    address = reverse("observation", args=[sighting.pk])
    for each in (None, alice, bob, rita):
        assert queries(as_person(client, each), address) <= 15, each


class TestConstraints:
    def refused(self, **fields):
        with pytest.raises(IntegrityError), transaction.atomic():
            Comment.objects.update(**fields)

    def test_the_database_refuses(self, sighting, bob, charlie):
        comment = write(sighting, bob)
        self.refused(text="")
        self.refused(withdrawn_at=timezone.now())
        self.refused(hidden_at=timezone.now())
        self.refused(hidden_because="Why")
        comments.report(comment=comment, by=charlie)
        with pytest.raises(IntegrityError), transaction.atomic():
            CommentReport.objects.create(comment=comment, by=charlie)
        with pytest.raises(IntegrityError), transaction.atomic():
            CommentReport.objects.update(resolved_at=timezone.now())


def test_comments_stay_where_they_were_written(sighting, alice, bob):
    """A photo that is split off takes no words about the sighting along."""
    comment = write(sighting, bob)
    partings.split(photo=sighting.photos.last(), by=alice)
    comment.refresh_from_db()
    assert comment.observation == sighting


def test_taken_back_to_a_draft_and_sent_again(sighting, alice, bob):
    comment = write(sighting, alice)
    observations.take_back(observation=sighting, by=alice)
    comment.refresh_from_db()
    assert not comment.shown
    observations.publish(observation=sighting, by=alice)
    comment.refresh_from_db()
    assert comment.shown
