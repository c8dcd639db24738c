"""The review page: who sees it, what stands in its queues, and that an act is done, told and undone."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from labeling.actions import comments, flags, identifications, review, rulings
from labeling.actions.rulings import Unconfirmed
from labeling.models import Flag, Identification, ReviewAct, Ruling
from labeling.queries import review as queues
from notices.models import Notification
from species.models import Occurrence, Status
from tests import universe
from tests.conftest import person as somebody
from tests.labeling.browsing import PEOPLE, as_person, get, guess, queries

REASON = "The photo shows what tells it."


def disputed(owner, tree, *people, seed="disputed") -> Occurrence:
    """Named as often brown trout as rainbow trout by these."""
    found = universe.sighting(owner, seed=seed, size=(64, 48)).occurrences.get()
    for number, person in enumerate(people):
        name = "brown_trout" if number % 2 == 0 else "rainbow_trout"
        identifications.add(occurrence=found, taxon=tree[name], by=person)
    found.refresh_from_db()
    return found


@pytest.fixture
def quarrel(tree, alice, bob, charlie) -> Occurrence:
    return disputed(alice, tree, bob, charlie)


def row(queue, person):
    [found] = queues.rows_after(queue, person, count=2)
    return found


def standing(occurrence):
    return Ruling.objects.filter(occurrence=occurrence, withdrawn_at=None)


class TestWhoSeesIt:
    def test_reviewers_and_admins_alone(self, client, quarrel, alice, bob, charlie, rita, ada):
        expected = {
            "owner": 403, "colleague": 403, "stranger": 403, "reviewer": 200, "admin": 200, "anonymous": 302,
        }  # fmt: skip
        for who, person in zip(PEOPLE, (alice, bob, charlie, rita, ada, None), strict=True):
            as_person(client, person)
            for address in ("/review", "/review/disputed", "/review/disputed/list"):
                assert client.get(address).status_code == expected[who], (who, address)
            page = client.get("/").content.decode()
            assert ("For you to review" in page) == (expected[who] == 200), who
            assert ('href="/review"' in page) == (expected[who] == 200), who

    def test_home_asks_for_the_numbers(self, client, quarrel, rita, bob):
        page = get(as_person(client, rita), "home")
        [asks] = [each for _, each in page.elements if each.get("hx-get") == "/review"]
        answer = client.get(asks["hx-get"], headers={"HX-Request": "true"})
        assert (
            '<span class="mono">1</span>' in answer.content.decode()
            and "<html" not in answer.content.decode()
        )
        as_person(client, bob)
        assert client.get("/review", headers={"HX-Request": "true"}).status_code == 403

    @pytest.mark.parametrize("who", ["alice", "bob", "charlie"])
    def test_nobody_else_acts(self, request, client, quarrel, rita, who):
        person = request.getfixturevalue(who)
        as_person(client, person)
        data = {"then": "rule", "what": "unsettled", "standard": "1", "confirmed": "on"}
        assert client.post(f"/review/disputed?at={quarrel.pk}", data).status_code == 403
        many = {"chosen": [str(quarrel.pk)], "then": "rule", "standard": "1"}
        assert client.post("/review/disputed/list", many).status_code == 403
        with pytest.raises(PermissionDenied):
            review.rule(
                rows=[row("disputed", rita)], queue="disputed", leading=True, reason=REASON, by=person
            )
        assert not Ruling.objects.exists() and not ReviewAct.objects.exists()

    def test_nothing_of_ones_own_uploads(self, client, tree, rita, bob, charlie):
        own = disputed(rita, tree, bob, charlie)
        assert queues.counts(rita)["disputed"] == 0
        assert "Nothing waits here" in get(as_person(client, rita), "review_queue", "disputed").text
        # The place is known to nobody but who makes it up.
        page = get(client, "review_queue", "disputed", at=own.pk)
        assert "your own upload" in page.text and not page.all("input", name="what")
        answer = client.post(
            f"/review/disputed?at={own.pk}", {"then": "rule", "what": "unsettled", "standard": "1"}
        )
        assert answer.status_code == 403 and not Ruling.objects.exists()

    def test_what_there_is_not_is_not_there(self, client, quarrel, rita):
        as_person(client, rita)
        for address in ("nothing", "disputed?at=x", f"disputed?at={rita.pk}", "nothing/list"):
            assert client.get(f"/review/{address}").status_code == 404, address


class TestOneAfterAnother:
    def test_it_stands_side_by_side(self, client, quarrel, tree, rita, bob):
        guess(quarrel.photos.get(), tree, ("brown_trout", 0.9), ("rainbow_trout", 0.1))
        page = get(as_person(client, rita), "review_queue", "disputed")
        assert "1 left" in page.text and "Brown trout or rainbow trout?" in page.text
        assert "Bob" in page.text and "Charlie" in page.text and "resnet34-v7" in page.text
        assert page.text.count("It overrules 1 person.") == 2
        for key in ("r", "o", "u", "w", "a", "?"):
            assert [each for _, each in page.elements if key in (each.get("data-key") or "").split()], key

    def test_a_ruling_is_done_told_and_undone(self, client, quarrel, tree, rita, alice, bob, charlie):
        other = disputed(alice, tree, charlie, bob, seed="next")
        as_person(client, rita)
        data = {"then": "rule", "what": str(tree["brown_trout"].pk), "standard": "1", "words": ""}
        answer = client.post(f"/review/disputed?at={quarrel.pk}", data)
        assert answer.status_code == 302 and answer["Location"] == f"/review/disputed?at={other.pk}"
        quarrel.refresh_from_db()
        assert (quarrel.status, quarrel.agreed_taxon) == (Status.VERIFIED, tree["brown_trout"])
        assert standing(quarrel).get().reason == REASON
        told = {each.user: each.text for each in Notification.objects.filter(text__contains="Rita ruled")}
        assert set(told) == {alice, charlie}, "whose it is, and who was overruled"
        assert told[charlie] == f"Rita ruled otherwise than you said: brown trout. {REASON}"
        # Back shows how it stands.
        page = get(client, "review_queue", "disputed", at=quarrel.pk)
        assert "not in the queue any more" in page.text and "1 left" in page.text
        [act] = ReviewAct.objects.all()
        answer = client.post(reverse("undo_review", args=[act.pk]))
        assert answer["Location"] == f"/review/disputed?at={quarrel.pk}"
        quarrel.refresh_from_db()
        assert quarrel.status == Status.DISPUTED and not standing(quarrel).exists()
        assert client.post(reverse("undo_review", args=[act.pk])).status_code == 302, "again is no error"

    def test_a_reason_is_asked_for(self, client, quarrel, tree, rita):
        as_person(client, rita)
        brown = str(tree["brown_trout"].pk)
        for data, why in (
            ({"what": brown}, "Say why"),
            ({"standard": "1"}, "Choose a name"),
            ({"what": "other", "name": "", "standard": "1"}, "Say which name"),
            ({"what": "other", "name": "brwn", "standard": "1"}, "brwn"),
        ):
            answer = client.post(f"/review/disputed?at={quarrel.pk}", {"then": "rule"} | data)
            assert answer.status_code == 400 and why in answer.content.decode(), why
        assert not Ruling.objects.exists()

    def test_another_name_in_own_words(self, client, quarrel, tree, rita):
        as_person(client, rita)
        data = {"then": "rule", "what": "other", "name": "chub", "words": "Look at the mouth."}
        answer = client.post(f"/review/disputed?at={quarrel.pk}", data)
        assert answer.status_code == 409, "it overrules both"
        assert "overrules Bob (brown trout) and Charlie (rainbow trout)" in answer.content.decode()
        assert not Ruling.objects.exists()
        assert client.post(f"/review/disputed?at={quarrel.pk}", data | {"confirmed": "on"}).status_code == 302
        assert standing(quarrel).get().reason == "Look at the mouth."

    def test_one_voice_is_no_ruling(self, client, quarrel, tree, rita, bob):
        as_person(client, rita)
        identifications.add(occurrence=quarrel, taxon=tree["brown_trout"], by=rita)
        identifications.add(occurrence=quarrel, taxon=tree["rainbow_trout"], by=rita)
        identifications.add(occurrence=quarrel, taxon=tree["brown_trout"], by=bob)
        page = get(client, "review_queue", "disputed", at=quarrel.pk)
        assert not page.all("button", name="then", value="agree"), "rainbow trout leads, and Rita says so"

    def test_agree_and_its_undo_bring_back_what_one_said(self, client, tree, alice, bob, charlie, ada, rita):
        found = disputed(alice, tree, bob, charlie, ada)
        identifications.add(occurrence=found, taxon=tree["chub"], by=rita, note="Hm.")
        as_person(client, rita)
        client.post(f"/review/disputed?at={found.pk}", {"then": "agree"})
        said = Identification.objects.filter(occurrence=found, person=rita, withdrawn_at=None)
        assert said.get().taxon == tree["brown_trout"] and said.get().others_on_screen
        client.post(reverse("undo_review", args=[ReviewAct.objects.get().pk]))
        assert (said.get().taxon, said.get().note) == (tree["chub"], "Hm.")

    def test_one_that_stood_is_made_again(self, quarrel, tree, rita, ada):
        before = rulings.rule(occurrence=quarrel, taxon=tree["rainbow_trout"], reason="Spots.", by=ada)
        act = review.rule(
            rows=[queues.find("disputed", quarrel.pk)],
            queue="disputed",
            taxon=tree["brown_trout"],
            reason=REASON,
            by=rita,
        )
        review.undo(act=act, by=rita)
        again = standing(quarrel).get()
        assert (again.taxon, again.reviewer, again.reason) == (
            before.taxon,
            ada,
            "Spots.",
        ) and again != before
        quarrel.refresh_from_db()
        assert quarrel.agreed_taxon == tree["rainbow_trout"]
        with pytest.raises(PermissionDenied):
            review.undo(act=act, by=ada)

    def test_the_last_twenty_can_be_undone(self, client, quarrel, tree, rita):
        for _ in range(3):
            act = review.rule(
                rows=[row("disputed", rita)],
                queue="disputed",
                taxon=tree["brown_trout"],
                reason=REASON,
                by=rita,
            )
            review.undo(act=act, by=rita)
        review.rule(
            rows=[row("disputed", rita)],
            queue="disputed",
            leading=False,
            reason=REASON,
            by=rita,
            confirmed=True,
        )
        page = get(as_person(client, rita), "review")
        assert page.text.count("Ruled: undone") == 3 and len(page.all("button", **{"class": "btn"})) >= 1
        assert quarrel.pk and standing(quarrel).get().taxon is None

    def test_many_votes_are_read_like_few(self, client, quarrel, tree, rita, ada):
        as_person(client, rita)
        before = queries(client, "/review/disputed")
        for number in range(4):
            identifications.add(occurrence=quarrel, taxon=tree["chub"], by=somebody(f"Voter{number}"))
        assert queries(client, "/review/disputed") == before <= 15

    def test_its_queries_do_not_grow(self, client, tree, alice, bob, charlie, rita):
        disputed(alice, tree, bob, charlie, seed="one")
        as_person(client, rita)
        few = (
            queries(client, "/review/disputed"),
            queries(client, "/review"),
            queries(client, "/review/disputed/list"),
        )
        for number in range(3):
            disputed(alice, tree, bob, charlie, seed=f"more {number}")
        assert (
            queries(client, "/review/disputed"),
            queries(client, "/review"),
            queries(client, "/review/disputed/list"),
        ) == few
        assert max(few) <= 15, few


class TestAskedTwice:
    def test_two_overruled_or_no_species(self, quarrel, tree, rita, bob):
        with pytest.raises(Unconfirmed) as asked:
            rulings.rule(occurrence=quarrel, taxon=tree["chub"], reason="Seen.", by=rita)
        assert {str(each.person) for each in asked.value.overruled.said} == {"Bob", "Charlie"}
        with pytest.raises(Unconfirmed) as asked:
            rulings.rule(occurrence=quarrel, taxon=tree["salmonidae"], reason="Seen.", by=rita)
        assert asked.value.overruled.said == [] and "names no species" in asked.value.messages[0]
        with pytest.raises(Unconfirmed):
            rulings.rule(occurrence=quarrel, taxon=None, reason="Seen.", by=rita)
        assert not Ruling.objects.exists()
        rulings.rule(occurrence=quarrel, taxon=tree["salmonidae"], reason="Seen.", by=rita, confirmed=True)
        assert standing(quarrel).get().taxon == tree["salmonidae"]

    def test_one_overruled_is_not_asked_about(self, quarrel, tree, rita):
        rulings.rule(occurrence=quarrel, taxon=tree["brown_trout"], reason="Seen.", by=rita)
        assert standing(quarrel).exists()

    def test_by_the_api(self, client, quarrel, tree, rita):
        as_person(client, rita)
        said = {"occurrence": str(quarrel.pk), "taxon": "chub", "reason": "Seen."}
        answer = client.post("/api/v1/rulings", said, content_type="application/json")
        assert answer.status_code == 409
        assert answer.json()["code"] == "unconfirmed"
        assert "overrules Bob (brown trout) and Charlie (rainbow trout)" in answer.json()["detail"]
        answer = client.post("/api/v1/rulings", said | {"confirmed": True}, content_type="application/json")
        assert answer.status_code == 201, answer.content

    def test_on_the_sighting(self, client, quarrel, tree, rita):
        as_person(client, rita)
        data = {"name": "chub", "reason": "Seen."}
        answer = client.post(reverse("rule", args=[quarrel.pk]), data)
        assert answer.status_code == 400
        assert (
            "overrules Bob (brown trout)" in answer.content.decode()
            and 'type="checkbox"' in answer.content.decode()
        )
        assert client.post(reverse("rule", args=[quarrel.pk]), data | {"confirmed": "on"}).status_code == 302


class TestMany:
    def test_each_says_what_came_of_it_and_one_undo_undoes_all(
        self, client, tree, alice, bob, charlie, ada, rita
    ):
        led = [disputed(alice, tree, bob, charlie, ada, seed=f"led {number}") for number in range(3)]
        own = disputed(rita, tree, bob, charlie, ada, seed="own")
        tied = disputed(alice, tree, bob, charlie, seed="tied")
        as_person(client, rita)
        data = {"chosen": [str(each.pk) for each in (*led, own, tied)], "then": "rule", "standard": "1"}
        answer = client.post("/review/disputed/list", data, follow=True)
        text = answer.content.decode()
        assert "3 ruled, 2 refused" in text and "It is your own upload." in text and "No name leads" in text
        assert [each.status for each in Occurrence.objects.filter(pk__in=[each.pk for each in led])] == [
            "verified"
        ] * 3
        [act] = ReviewAct.objects.all()
        client.post(reverse("undo_review", args=[act.pk]))
        assert not Ruling.objects.filter(withdrawn_at=None).exists()
        assert set(Occurrence.objects.values_list("status", flat=True)) == {"disputed"}

    def test_those_that_are_asked_for_twice_are_listed(self, client, tree, alice, bob, charlie, ada, rita):
        five = [universe.sighting(alice, seed="crowd").occurrences.get()]
        people = [bob, charlie, ada, alice]
        people.append(somebody("Dora"))
        for who, name in zip(people, ("brown_trout",) * 3 + ("rainbow_trout",) * 2, strict=True):
            identifications.add(occurrence=five[0], taxon=tree[name], by=who)
        as_person(client, rita)
        data = {"chosen": [str(five[0].pk)], "then": "rule", "words": "Spots."}
        text = client.post("/review/disputed/list", data, follow=True).content.decode()
        assert "1 asked for once more" in text and "Rule on 1 all the same" in text
        assert not Ruling.objects.exists()
        client.post("/review/disputed/list", data | {"confirmed": "on"})
        assert standing(five[0]).get().reason == "Spots."

    def test_at_most_fifty_and_some(self, client, quarrel, rita):
        as_person(client, rita)
        for data, why in (
            ({"then": "right"}, "Choose some first"),
            ({"then": "rule", "chosen": [str(quarrel.pk)]}, "Say why"),
        ):
            answer = client.post("/review/disputed/list", data)
            assert answer.status_code == 400 and why in answer.content.decode()
        rows = [row("disputed", rita)] * 51
        with pytest.raises(ValidationError, match="At most 50"):
            review.right(rows=rows, queue="disputed", by=rita, many=True)


class TestFlagged:
    def test_a_flag_is_dealt_with_and_opened_again(self, client, photo, rita, bob):
        flag = flags.raise_flag(photo=photo, kind=Flag.Kind.RIGHTS, by=bob)
        page = get(as_person(client, rita), "review_queue", "flagged")
        assert "Bob: It is somebody else" in page.text
        client.post(f"/review/flagged?at={flag.pk}", {"then": "resolve"})
        flag.refresh_from_db()
        assert flag.resolved_by == rita and queues.counts(rita)["flagged"] == 0
        client.post(reverse("undo_review", args=[ReviewAct.objects.get().pk]))
        flag.refresh_from_db()
        assert (flag.resolved_at, flag.resolved_by) == (None, None)

    def test_and_so_is_a_report(self, client, occurrence, rita, bob, charlie):
        comment = comments.add(observation=occurrence.observation, text="You fool.", by=bob)
        report = comments.report(comment=comment, by=charlie, reason="Rude.")
        page = get(as_person(client, rita), "review_queue", "flagged")
        assert "Charlie reported a comment of Bob: “You fool.” Rude." in page.text
        client.post(f"/review/flagged?at={report.pk}", {"then": "resolve"})
        report.refresh_from_db()
        assert report.resolved_by == rita
        client.post(reverse("undo_review", args=[ReviewAct.objects.get().pk]))
        report.refresh_from_db()
        assert report.resolved_at is None

    def test_nobody_resolves_their_own(self, client, photo, alice, bob, rita):
        flags.raise_flag(photo=photo, kind=Flag.Kind.RIGHTS, by=bob)
        alice.role = "reviewer"
        alice.save()
        assert queues.counts(alice)["flagged"] == 0 and queues.counts(rita)["flagged"] == 1
