"""Models."""

from django.db.models import QuerySet

from ml.models import Model


def models() -> QuerySet[Model]:
    return Model.objects.select_related("run__dataset").prefetch_related("promotions").order_by("-version")
