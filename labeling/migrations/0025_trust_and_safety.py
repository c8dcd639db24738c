import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0015_standing"),
        ("labeling", "0024_votes_follow_splits"),
        ("species", "0033_taxa_change_and_edits_of_them"),
    ]

    operations = [
migrations.CreateModel(name="Caution", fields=[("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)), ("reason", models.TextField(max_length=2000)), ("created", models.DateTimeField(default=django.utils.timezone.now, editable=False)), ("acknowledged_at", models.DateTimeField(blank=True, null=True)), ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)), ("person", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),], options={"verbose_name": "warning", "ordering": ["created", "id"],
 "indexes": [models.Index(fields=["person", "created", "id"], name="caution_of_person"), models.Index(fields=["created", "id"], name="caution_in_order")],
 "constraints": [models.CheckConstraint(condition=models.Q(("reason", ""), _negated=True), name="caution_has_a_reason")],}),
migrations.CreateModel(name="Report", fields=[("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)), ("reason", models.TextField(max_length=2000)), ("created", models.DateTimeField(default=django.utils.timezone.now, editable=False)), ("resolved_at", models.DateTimeField(blank=True, null=True)), ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)), ("observation", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="species.observation")), ("person", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)), ("resolved_by", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),], options={"ordering": ["created", "id"],
 "indexes": [models.Index(fields=["created", "id"], name="labeling_report_created"), models.Index(condition=models.Q(("resolved_at", None)), fields=["created", "id"], name="report_open")],
 "constraints": [
  models.CheckConstraint(condition=models.Q(models.Q(("observation__isnull", False), ("person", None)), models.Q(("observation", None), ("person__isnull", False)), _connector="OR"), name="report_of_one_thing"),
  models.UniqueConstraint(condition=models.Q(("resolved_at", None)), fields=("person", "by"), name="report_of_a_person_once"),
  models.UniqueConstraint(condition=models.Q(("resolved_at", None)), fields=("observation", "by"), name="report_of_a_sighting_once"),
  models.CheckConstraint(condition=models.Q(models.Q(("resolved_at", None), ("resolved_by", None)), models.Q(("resolved_at__isnull", False), ("resolved_by__isnull", False)), _connector="OR"), name="report_resolved_by_somebody"),
 ],}),
migrations.CreateModel(name="Suspension", fields=[("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)), ("reason", models.TextField(max_length=2000)), ("until", models.DateTimeField(blank=True, help_text="Empty: until somebody lifts it.", null=True)), ("votes", models.CharField(choices=[("keep", "Keep counting"), ("leave_out", "Leave the verdicts")], default="keep", max_length=9)), ("photos", models.CharField(choices=[("keep", "Stay as they are"), ("hide", "Are hidden")], default="keep", max_length=4)), ("created", models.DateTimeField(default=django.utils.timezone.now, editable=False)), ("appeal", models.TextField(blank=True, max_length=2000)), ("appealed_at", models.DateTimeField(blank=True, null=True)), ("answer", models.TextField(blank=True, max_length=2000)), ("answered_at", models.DateTimeField(blank=True, null=True)), ("lifted_at", models.DateTimeField(blank=True, null=True)), ("answered_by", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)), ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)), ("lifted_by", models.ForeignKey(blank=True, help_text="Empty: its time was over.", null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)), ("person", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),], options={"ordering": ["created", "id"],
 "indexes": [models.Index(fields=["created", "id"], name="suspension_in_order"), models.Index(condition=models.Q(("lifted_at", None)), fields=["until"], name="suspension_to_end")],
 "constraints": [
  models.UniqueConstraint(condition=models.Q(("lifted_at", None)), fields=("person",), name="suspension_one_stands"),
  models.CheckConstraint(condition=models.Q(("reason", ""), _negated=True), name="suspension_has_a_reason"),
  models.CheckConstraint(condition=models.Q(("answered_by", None), models.Q(("answered_by", models.F("by")), _negated=True), _connector="OR"), name="suspension_answered_by_another"),
  models.CheckConstraint(condition=models.Q(("answered_at", None), models.Q(models.Q(("appeal", ""), _negated=True), models.Q(("answer", ""), _negated=True)), _connector="OR"), name="suspension_answer_to_an_appeal"),
 ],}),
migrations.CreateModel(name="Rollback", fields=[("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)), ("reason", models.TextField(max_length=2000)), ("since", models.DateTimeField(blank=True, help_text="Empty: all they ever did.", null=True)), ("kinds", models.JSONField(help_text="Of labeling.actions.rollbacks.KINDS.")), ("state", models.CharField(choices=[("applying", "Being rolled back"), ("applied", "Rolled back"), ("undoing", "Being given back"), ("undone", "Given back")], default="applying", max_length=8)), ("counts", models.JSONField(blank=True, default=dict, help_text="Kind to how many were set aside.")), ("created", models.DateTimeField(default=django.utils.timezone.now, editable=False)), ("undone_at", models.DateTimeField(blank=True, null=True)), ("by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)), ("person", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)), ("suspension", models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="rollback", to="labeling.suspension")), ("undone_by", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)), ("withheld", models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.withheld")),], options={"ordering": ["created", "id"],
 "indexes": [models.Index(fields=["created", "id"], name="rollback_in_order"), models.Index(fields=["person", "created", "id"], name="rollback_of_person")],
 "constraints": [models.CheckConstraint(condition=models.Q(("reason", ""), _negated=True), name="rollback_has_a_reason")],}),
migrations.CreateModel(name="RolledBack", fields=[("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")), ("kind", models.CharField(max_length=15)), ("row", models.UUIDField()), ("at", models.DateTimeField()), ("given_back_at", models.DateTimeField(blank=True, null=True)), ("rollback", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="rows", to="labeling.rollback")),], options={"verbose_name_plural": "rolled back", "ordering": ["id"],
 "indexes": [models.Index(fields=["rollback", "given_back_at", "id"], name="rolledback_waiting")],
 "constraints": [models.UniqueConstraint(fields=("rollback", "kind", "row"), name="rolledback_once")],}),
        migrations.CreateModel(
            name="QualityReport",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False)),
                ("figures", models.JSONField()),
                ("created", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={"ordering": ["day"]},
        ),
    ]
