from datetime import timedelta

import pytest

from jobs.templatetags.job_words import span


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
