import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import labeling.models.routing


class Migration(migrations.Migration):

    dependencies = [
        ("labeling", "0025_trust_and_safety"),
        ("species", "0033_taxa_change_and_edits_of_them"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Routing",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("disputed", "People disagree about it"),
                            ("stalled", "Several have named it, and nobody any more for two weeks"),
                            ("late", "It has waited for more than three times the median"),
                        ],
                        max_length=8,
                    ),
                ),
                ("reason", models.TextField(help_text="Why this reviewer, in a sentence.")),
                ("created", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "until",
                    models.DateTimeField(
                        default=labeling.models.routing.in_a_week, help_text="Then another is asked."
                    ),
                ),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("settled", "Settled"),
                            ("passed_on", "Passed on"),
                            ("gone", "Not shown any more"),
                        ],
                        max_length=9,
                    ),
                ),
                (
                    "occurrence",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="species.occurrence",
                    ),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["created", "id"],
                "indexes": [
                    models.Index(fields=["created", "id"], name="routing_in_order"),
                    models.Index(
                        condition=models.Q(("closed_at", None)),
                        fields=["reviewer", "created", "id"],
                        name="routing_of_reviewer",
                    ),
                    models.Index(
                        condition=models.Q(("closed_at", None)),
                        fields=["until", "id"],
                        name="routing_to_end",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None)),
                        fields=("occurrence",),
                        name="routing_one_is_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="routing_has_a_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at", None), ("outcome", "")),
                            models.Q(
                                ("closed_at__isnull", False), models.Q(("outcome", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="routing_closed_with_an_outcome",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Lease",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("fills", models.BooleanField(default=False)),
                ("is_gold", models.BooleanField(default=False)),
                ("created", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("until", models.DateTimeField()),
                (
                    "occurrence",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="species.occurrence",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["created", "id"],
                "indexes": [
                    models.Index(fields=["created", "id"], name="lease_in_order"),
                    models.Index(fields=["occurrence", "until"], name="lease_of_occurrence"),
                    models.Index(fields=["person", "until"], name="lease_of_person"),
                    models.Index(
                        condition=models.Q(("is_gold", True)),
                        fields=["created", "id"],
                        name="lease_gold_in_order",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("occurrence", "person"), name="lease_once"),
                    models.CheckConstraint(
                        condition=models.Q(("until__gt", models.F("created"))), name="lease_ends_later"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("is_gold", False), ("fills", False), _connector="OR"),
                        name="lease_gold_fills_nothing",
                    ),
                ],
            },
        ),
    ]
