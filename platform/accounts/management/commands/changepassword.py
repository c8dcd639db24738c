from django.contrib.auth.management.commands import changepassword

from accounts import actions
from accounts.models import User


class Command(changepassword.Command):
    help = "Change somebody's password; their tokens end with the old one, as they do on the pages."

    def handle(self, *arguments, **options):
        user = User.objects.by_address(options["username"] or "")
        if user:
            options["username"] = user.email
        said = super().handle(*arguments, **options)
        if user:
            actions.revoke_tokens(user=user, by=user)
        return said
