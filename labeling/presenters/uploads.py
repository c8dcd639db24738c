"""One's own photos as pages show them: drafts to be sent, and sightings that are out in the world."""

from collections import Counter

from django.conf import settings
from django.urls import reverse

from labeling.forms.drafts import DraftForm, words
from labeling.forms.photos import ConsentForm
from labeling.presenters import places, suggestions, taxa, times, wording
from labeling.presenters.verdicts import explained, leading
from labeling.queries.suggestions import taxa_of
from species.models import Observation, Photo, PlaceSource, Purpose, TimeSource
from species.presenters.plates import plate
from species.queries.places import near

SOURCES = {
    PlaceSource.EXIF: "from the camera",
    PlaceSource.XMP: "from the photo’s XMP",
    PlaceSource.DEVICE: "from this device",
    PlaceSource.MAP_PIN: "map pin",
    PlaceSource.GPX: "from a track",
    PlaceSource.PLACE_NAME: "by name",
}


def tray(forms: list[DraftForm], alike: dict, doubts: dict) -> list[dict]:
    """The drafts of a page. `alike`: see labeling.queries.alike.among; `doubts`: labeling.queries.doubts.about."""
    return [
        draft(each, alike) | {"doubts": [one.says for one in doubts[each.observation.pk] if one.says]}
        for each in forms
    ]


def draft(form: DraftForm, alike: dict | None = None) -> dict:
    """A draft with its form: what is known of where and when, where that came from, and what it lacks."""
    observation = form.observation
    photos = list(observation.photos.all())
    missing = lacks(form)
    when, doubt = times.when(observation, exact=True), times.doubt(observation)
    satellites = times.satellites(observation)
    return {
        "id": observation.pk,
        "title": title(observation),
        "form": form,
        "photos": [_upcard(each, (alike or {}).get(each.pk)) for each in photos],
        "lacks": missing,
        "state": f"Needs {' and '.join(LACKS[each] for each in missing)}" if missing else "Ready",
        "when": when,
        "when_from": "as you said" if observation.time_source == TimeSource.SAID else when["source"],
        "doubt": doubt,
        "satellites": satellites,
        "said_place": next(
            (each.metadata["place_name"] for each in photos if "place_name" in each.metadata), ""
        ),
        "where": _degrees(observation),
        "uncertainty": observation.uncertainty_m,
        "where_from": SOURCES.get(observation.place_source, ""),
        "place": observation.told_locality(exact=True),
        "place_field": places.field(observation),
        "open": bool(form.errors or form.elsewhere or doubt or satellites),
        "elsewhere": differences(form, form.elsewhere, words(form)) if form.elsewhere else [],
        "version": observation.version,
    }


LACKS = {
    "choice": "a choice between two windows",
    "correction": "a correction",
    "time": "a day",
    "place": "a place",
}


def lacks(form: DraftForm) -> list[str]:
    """What it does not say yet and should before it is added with others, of LACKS; with the words that wait."""
    if form.elsewhere:
        return ["choice"]
    if form.errors:
        return ["correction"]
    said = form.cleaned_data if form.is_bound else form.before
    found = [] if said["date"] else ["time"]
    nowhere = said["latitude"] is None and not said["place_name"]
    return [*found, "place"] if settings.PLACES and nowhere else found


def summary(drafts: list[dict]) -> str:
    """How many of them could be added, and what the others lack: "4 ready, 1 without a place"."""
    if not drafts:
        return ""
    ready = sum(not each["lacks"] for each in drafts)
    without = Counter(each["lacks"][0] for each in drafts if each["lacks"])
    words = {"choice": "to choose between", "correction": "to correct", "time": "without a day"}
    words["place"] = "without a place"
    return ", ".join([f"{ready} ready", *(f"{count} {words[what]}" for what, count in without.items())])


def title(observation: Observation) -> str:
    """Where and when, as far as they are known."""
    when = times.when(observation, exact=True)
    return " · ".join(filter(None, [_place(observation), when["text"]])) or "No place and time yet"


def pencils(forms: list[DraftForm], said: dict, show: object, tree) -> tuple[dict, list[tuple[str, str]]]:
    """Draft's id to what a model says of its first photo with such a word, and what of it is on the screen then.

    Covered until its owner has named it, or asks to see it (`show`, a draft's id). `said`: see
    labeling.queries.suggestions.latest.
    """
    found, on_screen, names = {}, [], None
    for form in forms:
        draft = form.observation
        photo = next((each for each in draft.photos.all() if each.pk in said), None)
        if photo is None:
            continue
        spoken = any(each.own_words for each in draft.occurrences.all())
        if not spoken and draft.pk != show:
            here = f"{reverse('upload')}?draft={draft.pk}&show={draft.pk}"
            found[draft.pk] = {"state": "covered", "show_url": here}
            continue
        if names is None:
            names = taxa_of(said.values())
        found[draft.pk] = suggestions.pencil(said[photo.pk], names, tree) | {"shown_url": reverse("shown")}
        on_screen.append((photo.sha256, said[photo.pk].source))
    return found, on_screen


def differences(form: DraftForm, these: dict[str, list[str]], others: dict[str, list[str]]) -> list[dict]:
    """Where `these` words are not `others`: the field's label, and what it says in these."""
    return [
        {"label": field.label or form[name].label, "text": _in_words(field, these.get(name, [])) or "nothing"}
        for name, field in form.fields.items()
        if name != "place_source" and these.get(name, []) != others.get(name, [])
    ]


def _in_words(field, texts: list[str]) -> str:
    names = {str(value): str(name) for value, name in getattr(field, "choices", [])}
    return ", ".join(names.get(each, each) for each in texts)


def take_focus(draft: dict) -> None:
    """The first field with something wrong has the focus; without one, what is wrong as a whole."""
    form = draft["form"]
    wrong = [name for name in form.fields if name in form.errors]
    if draft["elsewhere"] or form.non_field_errors():
        draft["focus"] = True
    elif wrong:
        form.fields[wrong[0]].widget.attrs["autofocus"] = True


def waiting(observation: Observation) -> dict:
    """A draft in a list."""
    photos = list(observation.photos.all())
    return {
        "title": title(observation),
        "photo": plate(photos[0], size=320) if photos else None,
        "count": len(photos),
    }


def uploads(observations: list[Observation]) -> list[dict]:
    """Published sightings with what became of each organism, and what each photo may be used for."""
    organisms = [each for observation in observations for each in observation.occurrences.all()]
    verdicts = {each.pk: each.verdict for each in organisms if hasattr(each, "verdict")}
    names = taxa.names(verdicts.values(), known=[each.agreed_taxon for each in organisms])
    return [
        {
            "id": observation.pk,
            "can_take_back": not observation.answered and observation.batch_id is None,
            "url": observation.get_absolute_url(),
            "when": times.when(observation, exact=True),
            "place": _place(observation),
            "organisms": [_organism(each, verdicts, names) for each in observation.occurrences.all()],
            "photos": [_own_photo(each) for each in observation.photos.all()],
        }
        for observation in observations
    ]


def owns(person, photo: Photo) -> bool:
    """Whose it is; for an import, who ran it."""
    return photo.owner_id == person.pk or (
        photo.batch_id is not None and photo.batch.operator_id == person.pk
    )


def _organism(occurrence, verdicts: dict, names: dict) -> dict:
    found = verdicts.get(occurrence.pk)
    explanation = explained(found)
    taxon = occurrence.agreed_taxon or leading(explanation, names)
    return {
        "title": wording.title(taxon) if taxon else taxa.NO_NAME,
        "scientific": taxon.scientific_name if taxon and taxon.common_name else "",
        "status": occurrence.status,
        "sentence": wording.sentence(explanation, names, occurrence.settled_at),
    }


def _own_photo(photo: Photo) -> dict:
    allowed = [each.purpose for each in photo.standing if each.granted]
    return {
        "id": photo.pk,
        "photo": plate(photo, size=320, whole=True),
        "name": photo.file_name,
        # Many of these forms stand on a page.
        "form": ConsentForm(initial={"consents": allowed}, auto_id=f"c{photo.pk.hex[:12]}-%s"),
        "allowed": [words for purpose, words in ALLOWED if purpose in allowed],
    }


ALLOWED = [(Purpose.SHOW, "shown"), (Purpose.RESEARCH, "research"), (Purpose.TRAIN, "training")]


def _upcard(photo: Photo, other: Photo | None) -> dict:
    """`alike`: another one of one's own that is nearly the same, to be looked at beside it."""
    return {
        "alike": other and _upcard(other, None),
        "id": photo.pk,
        "photo": plate(photo, size=320, alt=photo.file_name or "Your photo"),
        "name": photo.file_name or f"{photo.pk.hex[:8]}",
    }


def _place(observation: Observation) -> str:
    if (name := observation.told_locality(exact=True)) or observation.latitude is None:
        return name
    return str(near(observation.latitude, observation.longitude)) or _degrees(observation)


def _degrees(observation: Observation) -> str:
    if observation.latitude is None or observation.longitude is None:
        return ""
    return places.degrees(observation.latitude, observation.longitude)
