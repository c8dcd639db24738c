from datetime import timedelta

import pytest
from django.utils import timezone

from tests.webhooks.receiving import listening
from webhooks import actions, sending
from webhooks.events import EVENTS
from webhooks.models import Delivery, Endpoint

# An address of nobody's network here, and of no name that would have to be looked up.
ELSEWHERE = "https://93.184.216.34/hook"


@pytest.fixture
def program(settings):
    with listening() as program:
        settings.URL_FETCH_ALLOW = [f"127.0.0.1:{program.port}"]
        yield program


@pytest.fixture
def endpoint(alice, program) -> Endpoint:
    """Alice's, of everything that happens."""
    return actions.add(by=alice, url=program.url, events=list(EVENTS), description="My copy")


@pytest.fixture
def later():
    """Makes as much time pass as it takes until everything that waits is due."""

    def later() -> None:
        before = timezone.now() - timedelta(seconds=1)
        Delivery.objects.filter(next_at__isnull=False).update(next_at=before)
        Delivery.objects.exclude(leased_until=None).update(leased_until=before)
        Endpoint.objects.update(rests_until=None)

    return later


@pytest.fixture
def deliver():
    """Sends until nothing is due; how many attempts that took."""

    def deliver() -> int:
        attempts = 0
        while some := sending.send_some():
            attempts += len(some)
        return attempts

    return deliver
