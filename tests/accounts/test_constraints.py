"""What the tables of people refuse, whoever writes."""

import pytest
from django.db import IntegrityError, transaction

from accounts import actions
from accounts.models import ApiToken, Grant, User


@pytest.mark.parametrize(
    "fields",
    [
        {"role": "king"},
        {"is_source": True, "is_active": True},
        {"is_source": True, "is_active": False, "role": "reviewer"},
    ],
)
def test_the_database_refuses(db, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email="x@example.org", display_name="X", **fields)
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("grant_scope_known", {"scope": "everything", "purpose": "a study"}),
        ("grant_scope_known", {"scope": "", "purpose": "a study"}),
        ("grant_says_what_for", {"scope": "all", "purpose": ""}),
    ],
)
def test_a_grant_that_opens_nothing_or_says_nothing_cannot_stand(ada, bob, constraint, fields):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Grant.objects.create(user=bob, granted_by=ada, **fields)


def test_an_address_and_a_digest_are_there_once(alice):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email=alice.email, display_name="Other")
    token = actions.make_token(user=alice, name="one", by=alice).token
    with pytest.raises(IntegrityError), transaction.atomic():
        ApiToken.objects.create(user=alice, name="two", prefix="x", digest=token.digest)


def test_a_source_account_cannot_be_woken_up(db):
    source = actions.source_account(name="A collection")
    source.is_active = True
    with pytest.raises(IntegrityError), transaction.atomic():
        source.save()
