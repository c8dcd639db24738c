"""When something that did not arrive is sent again."""

import random
from datetime import timedelta

# After the first attempt, the second, …: what Standard Webhooks proposes.
PAUSES = (
    *(timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30)),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
MOST_ATTEMPTS = len(PAUSES) + 1
# Of an endpoint that failed: a moment the first time, then longer, lest one that is slow keeps all others waiting
# with everything that is there for it.
RESTS = (timedelta(seconds=5), timedelta(minutes=5))


def pause(attempts: int) -> timedelta | None:
    """How long to wait after so many attempts, a quarter more or less so that those that failed together part ways;
    None after the last.
    """
    if attempts >= MOST_ATTEMPTS:
        return None
    return PAUSES[max(attempts, 1) - 1] * random.uniform(0.75, 1.25)


def rest(failures: int) -> timedelta:
    """How long an endpoint that failed so many times in a row is left alone."""
    return RESTS[min(failures, len(RESTS)) - 1]
