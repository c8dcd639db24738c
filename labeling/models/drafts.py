"""What people write into drafts."""

from django.db import models

from species.models import Observation


class DraftWords(models.Model):
    """A draft's form as its owner left it, where it could not be taken as it stood. Never anybody else's to see."""

    observation = models.OneToOneField(
        Observation, models.CASCADE, primary_key=True, related_name="draft_words"
    )
    typed = models.JSONField(default=dict, help_text="Field to the list of texts in it.")
    refused = models.JSONField(default=dict, help_text="Field to what was wrong with it, in sentences.")
    elsewhere = models.JSONField(
        null=True, blank=True, help_text="The same form as another window saved it meanwhile."
    )
    version = models.PositiveIntegerField(
        help_text="Of the sighting, with these words; another: it was changed since."
    )

    class Meta:
        verbose_name_plural = "draft words"

    def __str__(self) -> str:
        return f"Words for {self.observation_id}"
