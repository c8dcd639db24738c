"""Which model is live."""

from ml.models import Model, Promotion


def live_promotion() -> Promotion | None:
    return Promotion.objects.filter(ended_at=None).select_related("model__run__dataset").first()


def live_model() -> Model | None:
    promotion = live_promotion()
    return promotion.model if promotion else None


def previous_model() -> Model | None:
    """What a roll-back goes to: the model that was live before this one and is not this one."""
    live = live_promotion()
    if live is None:
        return None
    earlier = (
        Promotion.objects.filter(created__lt=live.created)
        .exclude(model=live.model)
        .select_related("model__run__dataset")
        .order_by("created", "id")
        .last()
    )
    return earlier.model if earlier else None
