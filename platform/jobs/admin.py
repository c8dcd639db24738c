from django.contrib import admin, messages

from jobs import actions
from jobs.models import Job
from jobs.registry import kinds
from look.admin import ListAdmin


def _each(request, jobs, change, done: str) -> None:
    changed = 0
    for job in jobs:
        try:
            change(job=job, by=request.user)
        except actions.NotPossible as refusal:
            messages.warning(request, refusal.message)
        else:
            changed += 1
    if changed:
        messages.success(request, f"{changed} {done}.")


@admin.action(description="Stop")
def cancel_jobs(modeladmin, request, queryset):
    _each(request, queryset, actions.cancel, "stopped, or asked to stop")


@admin.action(description="Try again")
def retry_jobs(modeladmin, request, queryset):
    _each(request, queryset, actions.retry, "back in line")


class KindFilter(admin.SimpleListFilter):
    title = "kind"
    parameter_name = "kind"

    def lookups(self, request, model_admin):
        """What this site can run, not what is in the table: that would be read in whole for its few kinds."""
        return [(kind, kind) for kind in kinds()]

    def queryset(self, request, queryset):
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Job)
class JobAdmin(ListAdmin):
    """To look, stop and try again; a row is written only by the actions and by the worker that holds it."""

    list_display = ["__str__", "kind", "state", "percent", "attempts", "queue", "owner", "created", "message"]
    list_filter = ["state", KindFilter, "created"]
    list_select_related = ["owner"]
    search_fields = ["id", "owner"]
    actions = [cancel_jobs, retry_jobs]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
