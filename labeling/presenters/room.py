"""What stands in the labeling room: one organism, the question, and the covered opinion of a model."""

from django.urls import reverse

from labeling.forms.identifications import IdentifyForm
from labeling.models import Box, Region, Suggestion
from labeling.presenters import cards, observations, places, suggestions, times
from labeling.queries import room as room_queries
from labeling.queries.taxa import every_name
from species.models import Occurrence, Photo, Taxon
from species.presenters.plates import plate
from species.queries import taxa as taxon_queries

LARGE = 2016


def question(rivals: list[Taxon], data=None, on_screen=None) -> IdentifyForm:
    return IdentifyForm(data, rivals=rivals, initial={"suggestion": on_screen}, auto_id="i-%s")


def room(
    occurrence: Occurrence, person, *, form: IdentifyForm | None = None, show: bool = False, photo: str = ""
) -> dict:
    """Context of `labeling/label.html` for one occurrence; `show`: the model's opinion is uncovered."""
    observation = occurrence.observation
    photos = cards.seen_photos([occurrence.pk], person).get(occurrence.pk, [])
    shown = next((each for each in photos if str(each.pk) == photo), photos[0])
    suggestion = Suggestion.objects.filter(photo=shown, region=None).order_by("-created", "-id").first()
    covered = suggestion is not None and not show
    if form is None:
        rivals = room_queries.rivals(occurrence, person)
        form = question(rivals, on_screen=suggestion.pk if suggestion and show else None)
    here = f"{reverse('label')}?occurrence={occurrence.pk}&photo={shown.pk}"
    on_screen = []
    if suggestion is None:
        opinion = None
    elif covered:
        opinion = {"state": "covered", "show_url": f"{here}&show=1"}
    else:
        opinion = suggestions.opinion(suggestion, tree=taxon_queries.tree())
        opinion |= {"shown_url": reverse("shown")}
        on_screen = [(shown.sha256, suggestion.source)]
    likely = room_queries.likely(observation)
    return {
        "occurrence": occurrence,
        "observation": observation,
        "photo": plate(
            shown, size=LARGE, alt="The photo to be named", sizes="(min-width: 64rem) 65vw, 100vw"
        ),
        "photo_id": shown.pk,
        "frames": frames(photos, shown) if len(photos) > 1 else [],
        "marks": marks(occurrence, shown),
        "form": form,
        "likely": observations.choices(likely, {}, form),
        "near": any(each.here for each in likely),
        "names": every_name(),
        "opinion": opinion,
        "covered": covered,
        "on_screen": on_screen,
        "when": times.when(observation),
        "place": places.place_name(observation),
    }


def frames(photos: list[Photo], shown: Photo) -> list[dict]:
    """The photos it is on, to change between."""
    return [{"photo": plate(each, size=LARGE), "current": each.pk == shown.pk} for each in photos]


def marks(occurrence: Occurrence, shown: Photo) -> list[dict]:
    """Where on the photo it is: as agreed, else as the last person drew it who did not take it back."""
    found = (
        Region.objects.filter(occurrence=occurrence, photo=shown).first()
        or Box.objects.filter(occurrence=occurrence, photo=shown, withdrawn_at=None)
        .order_by("created", "id")
        .last()
    )
    if found is None:
        return []
    return [{"box": {"x": found.x, "y": found.y, "width": found.width, "height": found.height}}]
