from django.core.management.base import BaseCommand, CommandError

from accounts import second_factor, sessions
from accounts.models import User


class Command(BaseCommand):
    help = (
        "For who lost phone, passkeys and recovery codes: from now on their password alone opens the account."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "address", help="the address they log in with; you answer for it being them who ask"
        )

    def handle(self, *arguments, **options):
        user = User.objects.by_address(options["address"])
        if user is None:
            raise CommandError(f"Nobody here has the address {options['address']}.")
        second_factor.forget(user)
        sessions.end_all(user)
        self.stdout.write(f"{user.email} has no second factor any more, and is logged out everywhere.")
