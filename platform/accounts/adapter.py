from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect

from accounts import actions, departures, passwords


class AccountAdapter(DefaultAccountAdapter):
    """Where allauth's pages write, our actions do."""

    def clean_password(self, password, user=None):
        """As it will be kept: what looks like ten letters may be five."""
        super().clean_password(passwords.normal(password), user)
        return password

    def set_password(self, user, password):
        actions.set_password(user=user, password=password, by=user)

    def confirm_email(self, request, email_address):
        user = email_address.user
        before = user.email if user.has_confirmed_address else ""
        try:
            actions.confirm_address(address=email_address, by=user)
        except ValidationError as error:
            self.add_message(request, messages.ERROR, message=error.messages[0])
            return False
        if before and before != email_address.email:
            # Who lost their account to somebody who knew the password hears of it.
            self.send_mail("account/email/address_changed", before, {})
        self.add_message(
            request,
            messages.SUCCESS,
            "account/messages/email_confirmed.txt",
            {"email": email_address.email},
        )
        return True

    def respond_user_inactive(self, request, user):
        """Who said the right password of an account that is being deleted may call that back, and nothing else."""
        if not user.is_leaving:
            return super().respond_user_inactive(request, user)
        request.session[departures.SESSION_KEY] = departures.ticket(user)
        return redirect("come_back")
