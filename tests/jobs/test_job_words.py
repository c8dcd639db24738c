from datetime import timedelta

import pytest
from django.utils import timezone

from jobs.models import Job, State
from jobs.templatetags.job_words import span, state_words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0.0 s"),
        (0.42, "0.4 s"),
        (41.4, "41 s"),
        (99, "99 s"),
        (100, "2 min"),
        (14 * 60, "14 min"),
        (3600, "1 h"),
        (3599, "1 h"),
        (3 * 3600 + 300, "3 h 5 min"),
        (26 * 3600, "1 day 2 h"),
        (48 * 3600, "2 days"),
        (-5, "0.0 s"),
    ],
)
def test_a_length_of_time_in_few_words(seconds, words):
    assert span(timedelta(seconds=seconds)) == words


def test_no_length():
    assert span(None) == ""


@pytest.mark.parametrize(
    ("state", "fields", "words"),
    [
        (State.WAITING, {}, "waiting"),
        (State.RUNNING, {}, "running"),
        (State.RUNNING, {"cancel_requested": True}, "stopping"),
        (State.DONE, {}, "done in 41 s"),
        (State.FAILED, {}, "stopped after 41 s"),
        (State.CANCELLED, {"started_at": None}, "stopped"),
    ],
)
def test_a_state_in_words(state, fields, words):
    now = timezone.now()
    times = {"started_at": now - timedelta(seconds=41), "finished_at": now}
    assert state_words(Job(state=state, **times | fields)) == words
