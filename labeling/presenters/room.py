"""What stands in the labeling room: one organism, the question, and the covered suggestion of a model."""

from collections.abc import Callable, Collection

from django.urls import reverse
from django.utils.dates import MONTHS

from labeling.forms.identifications import IdentifyForm
from labeling.models import Box, Flag, Identification, Pass, Suggestion
from labeling.presenters import boxes, cards, observations, passes, suggestions, times
from labeling.queries import room as room_queries
from labeling.queries.room import Likely, Words
from labeling.queries.sets import WAITING
from look.site import site
from species.models import Observation, Occurrence, Photo, Taxon
from species.presenters.plates import plate
from species.queries import taxa as taxon_queries

LARGE = 2016
Act = Identification | Pass | Flag | Box


def question(
    rivals: list[Taxon], data=None, on_screen=None, before: Identification | None = None, typed=None
) -> IdentifyForm:
    """`before`: what was said and taken back, filled in again; `typed`: a form that is not sent yet."""
    initial: dict = {}
    if before is not None:
        initial |= {
            "name": before.taxon.scientific_name,
            "confidence": before.confidence,
            "disagrees_with": str(before.disagrees_with_id or ""),
            "cannot_improve": before.cannot_improve,
            "note": before.note,
        }
    if typed is not None:
        words = IdentifyForm(typed, rivals=rivals)
        initial = {name: words[name].value() for name in words.fields}
    initial["suggestion"] = on_screen
    return IdentifyForm(data, rivals=rivals, initial=initial, auto_id="i-%s")


def state(occurrence: Occurrence, own: Identification | None) -> str:
    """What somebody who answers has seen of it; a form that brings another one was filled in before that.

    Empty while it waits for their first word.
    """
    if own is not None:
        return str(own.pk)
    return "" if occurrence.status in WAITING else f"{occurrence.status} {occurrence.agreed_taxon_id}"


def meanwhile(occurrence: Occurrence, own: Identification | None) -> str:
    """What happened to it since the form was shown, and what one can do now."""
    if own is not None:
        before = f"You named this one {own.taxon.said} meanwhile, in another tab."
        return f"{before} Save to say this instead, or skip to leave it so."
    what = f"settled as {occurrence.agreed_taxon.said}" if occurrence.agreed_taxon else "settled"
    return f"This one was {what} while you looked. Save to say this all the same, or skip it."


def same(taxon: Taxon | None) -> dict[str, str] | None:
    """The name that was given last, as the form takes it and as its button says it."""
    return taxon and {"value": taxon.scientific_name, "name": taxon.name}


def address_of(act: Act) -> dict[str, str]:
    kinds = {Identification: "name", Pass: "pass", Flag: "flag", Box: "box"}
    return {"kind": kinds[type(act)], "id": str(act.pk)}


def last(act: Act, of: str) -> dict:
    """What was done last, to be undone at once if it slipped; `of`: the occurrence, where the row does not say."""
    undone = act.resolved_at if isinstance(act, Flag) else act.withdrawn_at
    if isinstance(act, Identification):
        text = f"{act.taxon.name}, {'taken back' if undone else 'saved'}."
    elif isinstance(act, Flag):
        text = f"Not a {site()['noun']['one']}: {'taken back' if undone else 'a reviewer will look'}."
    elif isinstance(act, Box):
        text = f"Box {'taken back' if undone else 'saved'}."
    else:
        text = passes.said(act.kind, act.reason, undone=undone is not None)
    occurrence = of if isinstance(act, Flag) else act.occurrence_id
    return address_of(act) | {"text": text, "occurrence": occurrence, "undone": undone is not None}


def room(
    occurrence: Occurrence,
    person,
    *,
    words: Words,
    form: IdentifyForm | None = None,
    show: bool = False,
    photo: str = "",
    undone: Act | None = None,
    again: Collection[Box] = (),
    data=None,
    typed=None,
    address: Callable[[dict], str],
) -> dict:
    """Context of `labeling/label.html` for one occurrence; `show`: the model's suggestion is uncovered.

    `undone`: what was done last; a name of this one, taken back or looked at again, is filled in. `typed`: so is that.
    `again`: boxes that were taken back with it; `data`: those that were sent and refused.
    `address`: the room's, with a query.
    """
    observation = occurrence.observation
    photos = cards.seen_photos([occurrence.pk], person).get(occurrence.pk, [])
    shown = next((each for each in photos if str(each.pk) == photo), photos[0])
    said = Suggestion.objects.filter(photo=shown, region=None).select_related("taxon__synonym_of")
    suggestion = said.order_by("-created", "-id").first()
    covered = suggestion is not None and not show
    named = isinstance(undone, Identification) and undone.occurrence_id == occurrence.pk
    before = undone if named else None
    if form is None:
        on_it = suggestion.pk if suggestion and show else None
        form = question(words.rivals, on_screen=on_it, before=before, typed=typed)
    seen = {"occurrence": str(occurrence.pk), "photo": str(shown.pk)}
    on_screen = []
    if suggestion is None:
        pencil = None
    elif covered:
        pencil = {"state": "covered", "show_url": address(seen | {"show": "1"})}
    else:
        pencil = suggestions.pencil(suggestion, tree=taxon_queries.tree())
        pencil |= {"shown_url": reverse("shown")}
        on_screen = [(shown.sha256, suggestion.source)]
    likely = room_queries.likely(observation, words.used)
    return {
        "occurrence": occurrence,
        "observation": observation,
        "photo": plate(
            shown, size=LARGE, alt="The photo to be named", sizes="(min-width: 64rem) 65vw, 100vw"
        ),
        "photo_id": shown.pk,
        "frames": frames(photos, shown) if len(photos) > 1 else [],
        "form": form,
        "likely": observations.choices(likely, {}, form),
        "group": before is not None and before.taxon.is_group,
        "passes": passes.buttons(),
        "legend": legend(likely, observation),
        "same": same(words.used[0] if words.used else None),
        "pencil": pencil,
        "covered": covered,
        "on_screen": on_screen,
        "when": times.when(observation, exact=False),
        "place": observation.told_locality(exact=False),
    } | boxes.stage(occurrence, person, photos, shown, again=again, data=data, typed=typed)


def legend(likely: list[Likely], observation: Observation) -> str:
    """What the likely names are likely by."""
    if month := any(each.then for each in likely) and room_queries.told_month(observation):
        return f"Likely around here in {MONTHS[month]}"
    return "Likely around here" if any(each.here for each in likely) else "Likely"


def frames(photos: list[Photo], shown: Photo) -> list[dict]:
    """The photos it is on, to change between."""
    return [{"photo": plate(each, size=LARGE), "current": each.pk == shown.pk} for each in photos]
