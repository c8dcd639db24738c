"""What is kept of how an account came to be: two of one household, or of one burst, are no two independent people."""

import hmac
from datetime import timedelta
from ipaddress import ip_address
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils import timezone

from accounts.client_address import client_address
from accounts.models import User
from labeling.models import Identification, SignUp, Verdict

#: So many accounts within so long came together. A class or an outing is one, too, until its people have a history.
BURST, WITHIN = 10, timedelta(hours=1)
DIGITS = 32


def follow_sign_up(request: HttpRequest, user: User, **sent: Any) -> None:
    """Receives `allauth.account.signals.user_signed_up`."""
    remember(person=user, address=client_address(request.META))


@transaction.atomic
def remember(*, person: User, address: str) -> SignUp:
    """From which network they signed up, as a keyed digest, and with whom; once for each person.

    Who is found to be part of a burst only now loses their independence: what they named is settled anew by a job.
    """
    since = timezone.now() - WITHIN
    # Two who sign up at once are counted one after the other.
    lately = list(SignUp.objects.select_for_update().filter(created__gte=since).order_by("created", "person"))
    burst = ""
    if len(lately) + 1 >= BURST:
        burst = next((each.burst for each in lately if each.burst), uuid4().hex)
        joining = [each.person_id for each in lately if not each.burst]
        SignUp.objects.filter(person__in=joining).update(burst=burst)
        said = Identification.objects.filter(occurrence=OuterRef("pk"), person__in=joining, withdrawn_at=None)
        Verdict.objects.filter(Exists(said)).update(tree_version="")
    found, _ = SignUp.objects.get_or_create(
        person=person, defaults={"network": network(address), "burst": burst}
    )
    return found


def network(address: str) -> str:
    """A digest under the site's key, so that who has the rows alone cannot try all addresses; empty for an address that
    many share, within the site's own walls."""
    try:
        if not ip_address(address).is_global:
            return ""
    except ValueError:
        return ""
    return hmac.new(settings.SECRET_KEY.encode(), b"network " + address.encode(), "sha256").hexdigest()[
        :DIGITS
    ]
