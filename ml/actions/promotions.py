"""Which model is live."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import News, User
from jobs.full_disk import is_full_disk
from ml.actions import gate
from ml.models import Model, Promotion
from ml.queries import promotions
from ml.serving import model_store
from ml.vision.session import ModelRefused, Session
from notices.actions import notify_each
from research.queries import people
from webhooks.actions import tell

FIRST = "The first model: there was nothing live to compare it with."


def promote(*, model: Model, by: User, reason: str) -> Promotion:
    """Make a model live. Raises ValidationError when its folder is broken; the live one stays live then."""
    if not by.is_admin:
        raise PermissionDenied("Only an admin promotes a model.")
    if not reason.strip():
        raise ValidationError({"reason": "Say why it should go live."})
    check(model)
    return _once(model=model, by=by, reason=reason)


def promote_first(
    *, model: Model, commit: Callable[[], AbstractContextManager[object]] = transaction.atomic
) -> Promotion | None:
    """Make a model live if nothing is; None when something is already, for a person to decide.

    `commit` opens the transaction, after the model was loaded: a job passes its own. Raises ValidationError.
    """
    check(model)
    with commit():
        if promotions.live_promotion():
            return None
        return _go_live(model=model, by=None, reason=FIRST)


def promote_better(
    *, model: Model, commit: Callable[[], AbstractContextManager[object]] = transaction.atomic
) -> tuple[Promotion | None, list[gate.Check]]:
    """Make a model live if the gate lets it through; what it asked, and None where something stops it.

    `commit` as in `promote_first`. What was live when the gate looked must still be: else a person decides. Raises
    ValidationError when its folder is broken.
    """
    check(model)
    before = promotions.live_promotion()
    checks = gate.judge(model)
    if not gate.passes(checks):
        return None, checks
    with commit():
        now = promotions.live_promotion()
        if before is None or now is None or now.pk != before.pk:
            return None, [*checks, gate.Check("Another model went live meanwhile.", False)]
        reason = "Passed the gate by itself. " + " ".join(check.text for check in checks)
        return _go_live(model=model, by=None, reason=reason), checks


def roll_back(*, by: User, reason: str = "") -> Promotion:
    """Make the model live that was live before this one."""
    if not by.is_admin:
        raise PermissionDenied("Only an admin rolls back.")
    previous = promotions.previous_model()
    if previous is None:
        raise ValidationError("No other model was live before this one.")
    check(previous)
    return _once(model=previous, by=by, reason=reason.strip() or "Rolled back.")


def check(model: Model) -> None:
    """Load the folder as the web would, so that a broken one is refused here and not there."""
    try:
        session = Session.load(model_store.local(model.sha256))
    except (ModelRefused, OSError) as error:
        if is_full_disk(error, settings.VAR):
            raise
        raise ValidationError(f"{model} cannot be loaded, so nothing changed: {error}") from error
    if list(session.classes) != list(model.classes):
        raise ValidationError(f"{model} answers with other classes than its record says; nothing changed.")


def _once(*, model: Model, by: User, reason: str) -> Promotion:
    try:
        return _go_live(model=model, by=by, reason=reason)
    except IntegrityError as error:
        raise ValidationError("Somebody promoted another model at the same moment. Look again.") from error


@transaction.atomic
def _go_live(*, model: Model, by: User | None, reason: str) -> Promotion:
    now = timezone.now()
    live = Promotion.objects.select_for_update().filter(ended_at=None).first()
    if live:
        live.ended_at = now
        live.save(update_fields=["ended_at"])
    promotion = Promotion.objects.create(model=model, by=by, reason=reason, created=now)
    _tell_of(model)
    return promotion


def _tell_of(model: Model) -> None:
    """Whose photos it learned from, or was tested on; of a model that goes live again they were told already."""
    dataset, url = model.run.dataset, reverse("model", args=[model.pk])
    texts = {
        person: f"{model} is live. It learned from the dataset {dataset}, of which {counts.trainable} "
        f"photo{' is' if counts.trainable == 1 else 's are'} yours."
        for person, counts in people.to_tell(dataset).items()
        if counts.trainable
    }
    notify_each(texts=texts, kind=News.MODEL, url=url, about=f"model:{model.pk}")
    data = {"model": str(model.pk), "api": reverse("api-model-detail", args=[model.pk]), "page": url}
    tell("model.live", data=data, whose=texts)
