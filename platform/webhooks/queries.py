"""Who is told, and what people see of it."""

from collections.abc import Iterable
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from accounts.models import User
from webhooks.models import Delivery, DeliveryQuerySet, Endpoint, EndpointQuerySet


def hearing(event: str, whose: Iterable[UUID]) -> list[UUID]:
    """Ids of the endpoints that hear of an event about something of these people. One query."""
    rows = Endpoint.objects.listening().filter(Q(only_mine=False) | Q(user__in=list(whose)))
    # Lists are read here: not every database can look into them, and endpoints are few.
    return [pk for pk, events in rows.order_by().values_list("pk", "events") if event in events]


def of(user: User | AnonymousUser) -> EndpointQuerySet:
    """A person's own; nobody else's, whoever asks: what listens where is between the site and them."""
    return Endpoint.objects.of(user) if isinstance(user, User) else Endpoint.objects.none()


def deliveries(user: User | AnonymousUser, endpoint: UUID) -> DeliveryQuerySet:
    """What went, or is to go, to an endpoint of this person's; nothing for anybody else's."""
    rows = Delivery.objects.select_related("message", "endpoint")
    return rows.filter(endpoint=endpoint, endpoint__user=user) if isinstance(user, User) else rows.none()
