from django.contrib.auth.backends import BaseBackend

from accounts.models import User


class RoleBackend(BaseBackend):
    """Logs in by the account's address and password, by no other address that waits for being confirmed.

    What a person may do follows from their role (see `User.has_perm`).
    """

    def authenticate(self, request, username=None, password=None, email=None, **kwargs):
        address = username or email
        if not address or password is None:
            return None
        user = User.objects.by_address(address)
        if user is None:
            # Hash anyway: a quick answer would tell which addresses are known.
            User().set_password(password)
            return None
        # Who is leaving gets no further than to the page on which they can call that back (`accounts.adapter`).
        known = user.is_active or user.is_leaving
        return user if known and user.check_password(password) else None

    def get_user(self, user_id):
        return User.objects.filter(pk=user_id, is_active=True).first()
