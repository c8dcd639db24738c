"""People: signing up, roles, defaults, grants, tokens. Who may do each is part of each."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts import actions
from accounts.backends import RoleBackend
from accounts.models import Grant, Licence, Role, User
from tests.conftest import PASSWORD


class TestSigningUp:
    def test_a_person_contributes_and_consents_by_default(self, alice):
        assert isinstance(alice.pk, UUID)
        assert (alice.role, alice.licence) == (Role.CONTRIBUTOR, Licence.CC_BY)
        assert alice.consents_to_show and alice.consents_to_research and alice.consents_to_train
        assert alice.check_password(PASSWORD) and PASSWORD not in alice.password

    def test_an_address_is_somebodys_once_whatever_its_case(self, alice):
        with pytest.raises(ValidationError, match="already"):
            actions.sign_up(email="ALICE@example.org", password=PASSWORD, display_name="Other")
        assert User.objects.count() == 1

    @pytest.mark.parametrize("name", ["", "   "])
    def test_somebody_has_a_name(self, db, name):
        with pytest.raises(ValidationError, match="call you"):
            actions.sign_up(email="x@example.org", password=PASSWORD, display_name=name)
        assert not User.objects.exists()


class TestSourceAccounts:
    def test_the_same_name_is_the_same_account_and_nobody_logs_in_with_it(self, db):
        one = actions.source_account(name="A collection")
        assert actions.source_account(name="A collection") == one
        assert actions.source_account(name="Another") != one
        assert one.pk.version == 5
        for password in ("", "!", "password"):
            assert RoleBackend().authenticate(None, username=one.email, password=password) is None
        assert RoleBackend().get_user(one.pk) is None


class TestLoggingIn:
    def test_by_address_in_any_case_and_the_right_password(self, alice):
        backend = RoleBackend()
        assert backend.authenticate(None, username="Alice@Example.org", password=PASSWORD) == alice
        assert backend.authenticate(None, username=alice.email, password="wrong") is None
        assert backend.authenticate(None, username="nobody@example.org", password=PASSWORD) is None
        assert backend.authenticate(None, username=alice.email, password=None) is None
        alice.is_active = False
        alice.save()
        assert backend.authenticate(None, username=alice.email, password=PASSWORD) is None


class TestRoles:
    def test_only_an_admin_gives_one(self, alice, bob, rita, ada):
        for person in (alice, bob, rita):
            with pytest.raises(PermissionDenied):
                actions.set_role(user=bob, role=Role.REVIEWER, by=person)
        assert actions.set_role(user=bob, role=Role.REVIEWER, by=ada).is_reviewer

    def test_an_admin_does_not_lock_the_last_door_behind_themselves(self, ada):
        with pytest.raises(PermissionDenied):
            actions.set_role(user=ada, role=Role.CONTRIBUTOR, by=ada)

    def test_a_role_nobody_knows_is_refused(self, bob, ada):
        with pytest.raises(ValidationError):
            actions.set_role(user=bob, role="king", by=ada)
        bob.refresh_from_db()
        assert bob.role == Role.CONTRIBUTOR

    @pytest.mark.parametrize(
        ("role", "staff", "superuser", "reviewer", "researcher"),
        [
            (Role.CONTRIBUTOR, False, False, False, False),
            (Role.RESEARCHER, False, False, False, True),
            (Role.REVIEWER, True, False, True, False),
            (Role.ADMIN, True, True, True, True),
        ],
    )
    def test_what_follows_from_a_role(self, role, staff, superuser, reviewer, researcher):
        user = User(role=role)
        assert (user.is_staff, user.is_superuser, user.is_reviewer, user.is_researcher) == (
            staff,
            superuser,
            reviewer,
            researcher,
        )
        assert not any(
            (User(role=role, is_active=False).is_staff, User(role=role, is_active=False).is_reviewer)
        )

    def test_a_reviewer_looks_at_two_floors_and_changes_nothing(self, rita, ada, alice):
        assert rita.has_perm("species.view_photo") and rita.has_perm("labeling.view_ruling")
        for perm in ("species.change_photo", "species.delete_photo", "accounts.view_user", "ml.view_model"):
            assert not rita.has_perm(perm)
            assert ada.has_perm(perm)
        assert not alice.has_perm("species.view_photo") and not alice.has_module_perms("species")
        assert rita.has_module_perms("species") and not rita.has_module_perms("accounts")


class TestDefaults:
    FIELDS = {
        "display_name": " Alice B. ",
        "licence": "CC0-1.0",
        "privacy": "private",
        "show": True,
        "research": False,
        "train": False,
    }

    def test_what_the_next_photos_start_from(self, alice):
        actions.set_defaults(user=alice, by=alice, **self.FIELDS)
        alice.refresh_from_db()
        assert (alice.display_name, alice.licence) == ("Alice B.", "CC0-1.0")
        assert (alice.consents_to_show, alice.consents_to_research) == (True, False)

    def test_how_much_of_times_is_told(self, alice):
        for said, kept in (
            ({"time_precision": "month"}, "month"),
            ({}, "month"),
            ({"time_precision": "day"}, "day"),
        ):
            actions.set_defaults(user=alice, by=alice, **self.FIELDS | said)
            alice.refresh_from_db()
            assert alice.time_precision == kept

    def test_how_much_of_photos_others_see(self, alice):
        for said, kept in (({}, "whole"), ({"surroundings": "cropped"}, "cropped"), ({}, "cropped")):
            actions.set_defaults(user=alice, by=alice, **self.FIELDS | said)
            alice.refresh_from_db()
            assert alice.surroundings == kept

    def test_only_by_the_person(self, alice, bob, ada):
        for person in (bob, ada):
            with pytest.raises(PermissionDenied):
                actions.set_defaults(user=alice, by=person, **self.FIELDS)

    def test_nothing_changes_when_one_of_them_cannot_be(self, alice):
        for wrong in (
            {"licence": "WTFPL"},
            {"privacy": "secret"},
            {"display_name": " "},
            {"time_precision": "year"},
            {"surroundings": "blurred"},
        ):
            with pytest.raises((ValidationError, ValueError)):
                actions.set_defaults(user=alice, by=alice, **self.FIELDS | wrong)
            alice.refresh_from_db()
            assert (alice.display_name, alice.licence) == ("Alice", Licence.CC_BY)


class TestGrants:
    def test_a_grant_stands_until_it_ends_or_is_taken_back(self, bob, ada):
        now = timezone.now()
        kept = actions.grant(user=bob, scope="all", purpose="a study", by=ada)
        actions.grant(user=bob, scope="all", purpose="over", by=ada, until=now - timedelta(seconds=1))
        later = actions.grant(user=bob, scope="all", purpose="later", by=ada, until=now + timedelta(days=1))
        assert set(Grant.objects.active()) == {kept, later}
        actions.revoke(grant=later, by=ada)
        assert set(Grant.objects.active()) == {kept}

    def test_it_says_what_it_is_for(self, bob, ada):
        with pytest.raises(ValidationError, match="what it is for"):
            actions.grant(user=bob, scope="all", purpose=" ", by=ada)

    @pytest.mark.parametrize("scope", ["", "everything", "observation:1", "person:{}", "all:{}", "taxon:"])
    def test_a_scope_that_would_open_nothing_is_refused(self, bob, ada, scope):
        with pytest.raises(ValidationError, match="Write all"):
            actions.grant(user=bob, scope=scope.format(uuid4()), purpose="a study", by=ada)
        assert not Grant.objects.exists()

    def test_a_scope_is_kept_in_the_form_it_is_looked_for(self, bob, ada):
        id = uuid4()
        given = actions.grant(user=bob, scope=f" taxon:{str(id).upper()} ", purpose="a study", by=ada)
        assert given.scope == f"taxon:{id}"

    def test_taken_back_by_who_gave_it_or_an_admin_once(self, alice, bob, charlie, rita, ada):
        scope = f"observation:{uuid4()}"
        given = actions.grant(user=bob, scope=scope, purpose="a look", by=alice)
        for person in (bob, charlie, rita):
            with pytest.raises(PermissionDenied):
                actions.revoke(grant=given, by=person)
        first = actions.revoke(grant=given, by=alice).revoked_at
        assert actions.revoke(grant=given, by=ada).revoked_at == first


def test_nobody_in_particular_may_be_asked_for_nothing():
    assert not AnonymousUser().is_authenticated
    assert User(display_name="Maren van K.").initials == "MV"
    assert str(User()) == "somebody"
