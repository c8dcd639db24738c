from django.db import models
from django.db.models import Q


class Allowance(models.Model):
    """What one person or address has used of a bound since the span of time began that is now running.

    A row of its own for each span, so that one UPDATE both asks and takes: no two requests get the last byte.
    """

    who = models.CharField(max_length=120)
    since = models.DateTimeField()
    used = models.BigIntegerField(default=0, help_text="Bytes.")

    class Meta:
        ordering = ["since", "id"]
        constraints = [
            models.UniqueConstraint(fields=["who", "since"], name="allowance_one_row_a_span"),
            models.CheckConstraint(condition=Q(used__gte=0), name="allowance_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.who} since {self.since:%Y-%m-%d %H:%M}"
