"""One's own photos as pages show them: drafts to be sent, and sightings that are out in the world."""

from labeling.forms.drafts import DraftForm, words
from labeling.forms.photos import ConsentForm
from labeling.presenters import places, taxa, times, wording
from labeling.presenters.verdicts import explained, leading
from species.models import Observation, Photo, PlaceSource, Purpose, TimeSource
from species.presenters.plates import plate

SOURCES = {
    PlaceSource.EXIF: "from the camera",
    PlaceSource.XMP: "from the photo’s XMP",
    PlaceSource.DEVICE: "from this device",
    PlaceSource.MAP_PIN: "map pin",
    PlaceSource.GPX: "from a track",
    PlaceSource.PLACE_NAME: "by name",
}


def draft(form: DraftForm) -> dict:
    """A draft with its form: what is known of where and when, and where that came from."""
    observation = form.observation
    photos = list(observation.photos.all())
    when, doubt = times.when(observation), times.doubt(observation)
    satellites = times.satellites(observation)
    return {
        "id": observation.pk,
        "title": " · ".join(filter(None, [_place(observation), when["text"]])) or "No place and time yet",
        "form": form,
        "photos": [_upcard(each) for each in photos],
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
        "place": places.place_name(observation, exact=True),
        "open": bool(form.errors or form.elsewhere or doubt or satellites),
        "elsewhere": differences(form, form.elsewhere, words(form)) if form.elsewhere else [],
        "version": observation.version,
    }


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
    when = times.when(observation)
    return {
        "title": " · ".join(filter(None, [_place(observation), when["text"]])) or "No place and time yet",
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
            "when": times.when(observation),
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
        "photo": plate(photo, size=320),
        "name": photo.file_name,
        # Many of these forms stand on a page.
        "form": ConsentForm(initial={"consents": allowed}, auto_id=f"c{photo.pk.hex[:12]}-%s"),
        "allowed": [words for purpose, words in ALLOWED if purpose in allowed],
    }


ALLOWED = [(Purpose.SHOW, "shown"), (Purpose.RESEARCH, "research"), (Purpose.TRAIN, "training")]


def _upcard(photo: Photo) -> dict:
    return {
        "id": photo.pk,
        "photo": plate(photo, size=320, alt=photo.file_name or "Your photo"),
        "name": photo.file_name or f"{photo.pk.hex[:8]}",
    }


def _place(observation: Observation) -> str:
    return places.place_name(observation, exact=True) or _degrees(observation)


def _degrees(observation: Observation) -> str:
    if observation.latitude is None or observation.longitude is None:
        return ""
    return places.degrees(observation.latitude, observation.longitude)
