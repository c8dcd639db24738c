"""Against a real program on a real socket: what arrives there, how it is signed, and what happens when it doesn't."""

import socket
import time
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from jobs import registry, worker
from jobs.models import Job
from notices.models import Notification
from webhooks import actions, paces, sending
from webhooks.models import REMEMBERED, Delivery, Endpoint, Message, Outcome

DATA = {"observation": "00000000-0000-4000-8000-000000000000"}


def tell(**options) -> None:
    actions.tell("observation.published", data=DATA, **options)


def test_what_arrives_is_what_was_told_signed(endpoint, program, deliver):
    tell()
    assert deliver() == 1
    [heard] = program.heard
    said = Webhook(endpoint.secret).verify(heard.body, heard.headers)
    message = Message.objects.get()
    assert said == {
        "type": "observation.published",
        "timestamp": message.created.isoformat(),
        "data": DATA,
    }
    assert heard.headers["webhook-id"] == str(message.pk)
    assert heard.headers["Content-Type"] == "application/json" and heard.path == "/hook"
    delivery = Delivery.objects.get()
    assert (delivery.outcome, delivery.last_status, delivery.attempts) == (Outcome.DELIVERED, 200, 1)


def test_who_changes_a_letter_or_guesses_the_secret_is_found_out(endpoint, program, deliver):
    tell()
    deliver()
    [heard] = program.heard
    with pytest.raises(WebhookVerificationError):
        Webhook(endpoint.secret).verify(heard.body.replace(b"published", b"withdrawn"), heard.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + "A" * 44).verify(heard.body, heard.headers)


def test_both_secrets_sign_for_a_day_after_rotating(endpoint, alice, program, deliver):
    new = actions.rotate(endpoint=endpoint, by=alice)
    assert new.secret != endpoint.secret
    tell()
    deliver()
    for secret in (endpoint.secret, new.secret):
        Webhook(secret).verify(program.heard[-1].body, program.heard[-1].headers)
    Endpoint.objects.update(former_until=timezone.now() - timedelta(seconds=1))
    tell()
    deliver()
    Webhook(new.secret).verify(program.heard[-1].body, program.heard[-1].headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(endpoint.secret).verify(program.heard[-1].body, program.heard[-1].headers)


def test_nothing_is_sent_of_what_was_rolled_back(endpoint, program, deliver):
    with pytest.raises(RuntimeError), transaction.atomic():
        tell()
        raise RuntimeError
    assert deliver() == 0 and program.heard == []


def test_every_attempt_has_the_same_id_and_a_time_of_its_own(endpoint, program, deliver, later):
    program.answers = [500, 503, 204]
    tell()
    for _ in range(3):
        assert deliver() == 1
        later()
    assert deliver() == 0
    assert program.ids == [str(Message.objects.get().pk)] * 3
    delivery = Delivery.objects.get()
    assert delivery.outcome == Outcome.DELIVERED
    assert [each["status"] for each in delivery.log] == [500, 503, 204]
    assert delivery.log[0]["error"] == "It answered 500." and delivery.log[2]["error"] == ""


def test_it_waits_longer_each_time_and_then_has_failed(endpoint, program, deliver, later):
    program.answers = [500]
    tell()
    waited = []
    for attempt in range(1, paces.MOST_ATTEMPTS + 1):
        assert deliver() == 1
        delivery = Delivery.objects.get()
        assert delivery.attempts == attempt
        if delivery.next_at:
            waited.append((delivery.next_at - timezone.now()).total_seconds())
        later()
    for seconds, pause in zip(waited, paces.PAUSES, strict=True):
        assert 0.74 * pause.total_seconds() - 1 < seconds < 1.26 * pause.total_seconds()
    assert delivery.outcome == Outcome.FAILED and delivery.next_at is None
    assert deliver() == 0


def test_who_failed_together_parts_ways():
    assert len({paces.pause(3) for _ in range(20)}) > 1
    assert paces.pause(0) and paces.pause(paces.MOST_ATTEMPTS) is None


def test_the_log_is_bounded(endpoint, program, deliver, later):
    tell()
    Delivery.objects.update(log=[{"at": "then", "status": 500, "error": "It answered 500."}] * REMEMBERED)
    deliver()
    log = Delivery.objects.get().log
    assert len(log) == REMEMBERED and log[-1]["status"] == 200


def test_one_that_is_gone_is_switched_off_and_its_owner_told(endpoint, alice, program, deliver, later):
    program.answers = [410]
    tell()
    tell()
    assert deliver() == 1
    endpoint.refresh_from_db()
    assert not endpoint.active and endpoint.disabled_at and endpoint.disabled_reason == sending.ENDPOINT_GONE
    assert {each.outcome for each in Delivery.objects.all()} == {Outcome.FAILED}
    notice = Notification.objects.get(user=alice)
    assert "My copy" in notice.text and notice.url == f"/webhooks/{endpoint.pk}/"
    later()
    tell()
    assert deliver() == 0 and len(program.heard) == 1


def test_a_redirect_is_not_followed(endpoint, program, deliver):
    for status in (301, 302, 307, 308):
        program.answers = [status]
        tell()
        deliver()
        Endpoint.objects.update(rests_until=None)
    assert {each.path for each in program.heard} == {"/hook"}
    assert all("Redirects are not followed" in each.last_error for each in Delivery.objects.all())


def test_one_that_is_slow_is_cut_off(endpoint, program, deliver, monkeypatch):
    monkeypatch.setattr(sending, "TIMEOUT", 0.3)
    program.pause = 2.0
    tell()
    started = time.monotonic()
    assert deliver() == 1
    assert time.monotonic() - started < 1.5
    assert Delivery.objects.get().last_error == "The site at this address took too long."


def test_one_that_refuses_connections(endpoint, settings, deliver):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    settings.URL_FETCH_ALLOW = [f"127.0.0.1:{port}"]
    Endpoint.objects.update(url=f"http://127.0.0.1:{port}/")
    tell()
    assert deliver() == 1
    delivery = Delivery.objects.get()
    assert (delivery.last_status, delivery.last_error) == (None, "The site at this address did not answer.")
    assert delivery.outcome == Outcome.WAITING


def test_what_became_private_since_it_was_made_is_not_asked(endpoint, program, settings, deliver):
    settings.URL_FETCH_ALLOW = []
    tell()
    assert deliver() == 1 and program.heard == []
    assert "private network" in Delivery.objects.get().last_error


def test_a_name_that_changes_its_mind_gains_nothing(alice, program, settings, deliver, monkeypatch):
    """Public when it is vetted, this machine when it would be asked again (DNS rebinding)."""
    settings.URL_FETCH_ALLOW = []
    answers = ["93.184.216.34", "93.184.216.34", "127.0.0.1"]
    connected = []

    def resolve(host, port, *args, **keywords):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers.pop(0), port))]

    def connect(address, timeout=None):
        connected.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    url = f"http://rebinding.example:{program.port}/hook"
    actions.add(by=alice, url=url, events=["observation.published"])
    tell()
    assert deliver() == 1
    assert connected == ["93.184.216.34"] and answers == ["127.0.0.1"] and program.heard == []


def test_two_never_send_one_at_once(endpoint):
    tell()
    now = timezone.now()
    first, second = Delivery.objects.get(), Delivery.objects.get()
    assert sending.take(first, now)
    assert not sending.take(second, now)
    assert list(sending._take(now)) == []
    # Whoever took it has died: after the lease it is due again, and what the dead one writes counts no more.
    [third] = sending._take(now + Delivery.LEASE + timedelta(seconds=1))
    sending.write_down(first, sending.Answer(200))
    assert Delivery.objects.get().delivered_at is None
    third.endpoint = endpoint
    sending.write_down(third, sending.Answer(200))
    assert Delivery.objects.get().outcome == Outcome.DELIVERED and Delivery.objects.get().attempts == 2


def test_one_that_fails_rests_and_keeps_nobody_waiting(endpoint, bob, program, deliver):
    program.answers = [500]
    for _ in range(5):
        tell()
    assert deliver() == 1, "one attempt, whatever waits"
    others = actions.add(by=bob, url=program.url, events=["observation.published"])
    program.answers = [200]
    tell()
    assert deliver() == 1
    assert Delivery.objects.get(endpoint=others).outcome == Outcome.DELIVERED
    endpoint.refresh_from_db()
    assert endpoint.failures == 1 and endpoint.rests_until > timezone.now()
    Endpoint.objects.update(rests_until=None)
    assert deliver() == 5, "what had been tried waits for its own time"
    endpoint.refresh_from_db()
    assert (endpoint.failures, endpoint.failing_since) == (0, None)


def test_after_days_of_nothing_but_failures_it_is_switched_off(endpoint, program, deliver, later):
    program.answers = [500]
    tell()
    deliver()
    almost = timezone.now() - sending.GIVEN_UP_AFTER + timedelta(minutes=1)
    Endpoint.objects.update(failing_since=almost)
    later()
    deliver()
    assert Endpoint.objects.get().active
    Endpoint.objects.update(failing_since=almost - timedelta(minutes=2))
    later()
    deliver()
    endpoint.refresh_from_db()
    assert (endpoint.active, endpoint.disabled_reason) == (False, sending.FAILED_FOR_LONG)
    assert Notification.objects.filter(user=endpoint.user, kind="webhook").count() == 1


def test_a_closed_account_is_told_nothing(endpoint, alice, program, deliver):
    tell()
    alice.is_active = False
    alice.save()
    tell()
    assert deliver() == 0 and Delivery.objects.count() == 1


def test_one_that_cannot_be_signed_for_keeps_nobody_waiting(endpoint, bob, program, deliver, caplog):
    Endpoint.objects.update(secret="whsec_")
    actions.add(by=bob, url=program.url, events=["observation.published"])
    tell()
    assert deliver() == 2 and len(program.heard) == 1
    assert Delivery.objects.get(endpoint=endpoint).last_error == sending.OUR_FAULT
    assert str(endpoint.pk) in caplog.text


def test_old_messages_are_forgotten_once_they_are_under_way_no_more(endpoint, program, deliver):
    program.answers = [200, 500]
    tell()
    deliver()
    tell()
    deliver()
    Message.objects.update(created=timezone.now() - sending.KEPT - timedelta(days=1))
    assert sending.forget() == 1
    assert [each.outcome for each in Delivery.objects.all()] == [Outcome.WAITING]
    Endpoint.objects.update(active=False, disabled_at=timezone.now())
    assert sending.forget() == 1 and not Delivery.objects.exists()


def test_a_job_finds_what_is_due_and_sends_it(endpoint, program):
    [look] = [each for each in registry.watches() if each.__module__ == "webhooks.tasks"]
    look()
    assert not Job.objects.exists()
    tell()
    tell()
    look()
    look()
    assert worker.run_due() == 1
    assert len(program.heard) == 2
    job = Job.objects.get()
    assert (job.state, job.message, job.owner) == ("done", "2 of 2 attempts arrived.", None)
    look()
    assert Job.objects.count() == 1
    Job.objects.update(created=timezone.now() - sending.KEPT - timedelta(days=1))
    tell()
    look()
    worker.run_due()
    assert Job.objects.count() == 1, "what was done a month ago is no record that anybody wants"
