"""In what the photos of a sighting are used: datasets, and the models that learned from these or were tried on them."""

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from labeling.queries.observations import observation_of
from ml.presenters import uses as presenter
from ml.queries import models
from research.queries import datasets
from species.access import can_see_exact_place
from species.models import Consent, Purpose


@require_safe
def uses(request, id):
    observation = observation_of(id, request.user)
    if observation is None:
        raise Http404("No such sighting.")
    photos = observation.photos.all()
    if not can_see_exact_place(request.user, observation):
        photos = photos.visible_to(request.user)
    ids = list(photos.values_list("pk", flat=True))
    held = list(datasets.holdings(ids))
    learned = models.that_went_live({each.dataset_id for each in held})
    said = Consent.objects.filter(photo__in=ids, purpose=Purpose.TRAIN, granted=True) if learned else []
    context = {
        "section": "gallery",
        "observation": observation,
        "datasets": presenter.datasets(held, learned, list(said)),
    }
    return render(request, "ml/sighting_uses.html", context)
