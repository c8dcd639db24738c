"""In what somebody's photos are used: datasets, and the models that learned from these."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.models import User
from ml.queries import models
from research.queries import people

MOST = 50  # datasets, the newest


@require_safe
def uses(request, id):
    who = get_object_or_404(User, pk=id)
    held = list(people.holding(who)[: MOST + 1])
    learned = models.that_went_live(each.dataset_id for each in held[:MOST])
    context = {
        "section": "gallery",
        "person": who,
        "datasets": [
            {
                "dataset": each.dataset,
                "photos": each.photos,
                "models": learned.get(each.dataset_id, []) if each.trainable else [],
            }
            for each in held[:MOST]
        ],
        "older": len(held) > MOST,
    }
    return render(request, "ml/person_uses.html", context)
