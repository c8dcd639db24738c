from django.apps import AppConfig

from accounts.counting import count_logins_exactly


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People"

    def ready(self):
        count_logins_exactly()
