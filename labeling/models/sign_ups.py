"""What is known of how accounts came to be, so that two of one household do not count as two."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class SignUp(models.Model):
    """From where and with whom a person signed up. Of the network a keyed digest is kept, and no address."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+"
    )
    network = models.CharField(
        max_length=32,
        blank=True,
        help_text="A keyed digest, the same for one network. Empty: none that tells.",
    )
    burst = models.CharField(
        max_length=32, blank=True, help_text="The same for accounts that came in one burst. Empty: in none."
    )
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["created", "person"]
        indexes = [models.Index(fields=["created", "person"])]

    def __str__(self) -> str:
        return f"How {self.person} signed up"
