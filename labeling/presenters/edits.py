"""The history of a sighting in words, and the page on which its owner changes it."""

from collections.abc import Collection

from django.utils.formats import date_format

from accounts.models import User
from labeling.forms.drafts import offset_words, words
from labeling.forms.edits import EditForm
from labeling.presenters import places, uploads, wording
from species import clocks
from species.models import Edit, Privacy, Purpose, Surroundings, TimePrecision, TimeSource
from species.presenters.plates import plate
from species.queries import edits as edits_queries
from species.queries.elsewhere import Keeper

TIME = ("observed_at", "utc_offset", "local_date")


def event(edit: Edit, *, level: str, exact: bool, gone: Collection[str | None]) -> dict:
    """Who did what, and `changes` from what to what. `gone`: sightings that were put back where they came from."""
    before, after = edits_queries.readable(edit, level=level, exact=exact)
    other = after.get("split_off") or after.get("split_from")
    return {
        "text": f"{edit.by} {_deed(before, after)}",
        "url_of": other if other not in gone else None,
        "changes": list(_changes(before, after)),
    }


def _deed(before: dict, after: dict) -> str:
    if "deleted" in after:
        return "deleted it" if after["deleted"] else "brought it back"
    if "split_from" in after:
        return "split it off from another sighting"
    if "split_off" in after:
        return "made a photo a sighting of its own" if after["split_off"] else "put a photo back"
    if set(after) <= {"photos", "privacy"} and "photos" in after:
        count = after["photos"] - before["photos"]
        many = wording.counted(abs(count), "photo", "photos").lower()
        return f"added {many}" if count > 0 else f"removed {many}"
    return "edited it"


def _changes(before: dict, after: dict):
    """Label, before and after, each in words."""
    if any(before.get(name) != after.get(name) for name in (*TIME, "eventDate")):
        yield _change("Time", _time(before), _time(after))
    if before.get("time_source") != after.get("time_source"):
        yield _change("Time from", *(_source(each) for each in (before, after)))
    if "place" in after:
        yield _change("Place", *(_place(each["place"]) for each in (before, after)))
    if "privacy" in after:
        yield _change("Who sees the place", *(Privacy(each["privacy"]).label for each in (before, after)))
    if "time_precision" in after:
        names = (str(TimePrecision(each["time_precision"]).label).lower() for each in (before, after))
        yield _change("When others see it", *names)
    if "surroundings" in after:
        names = (str(Surroundings(each["surroundings"]).label).lower() for each in (before, after))
        yield _change("What of the photo others see", *names)
    if "length_mm" in after:
        yield _change("Length", *(", ".join(map(_length, each["length_mm"])) for each in (before, after)))
    if "licence" in after:
        names = (
            ", ".join(wording.LICENCES.get(one, one) for one in each["licence"]) for each in (before, after)
        )
        yield _change("Licence", *names)
    if "photo_order" in after:
        yield _change("Photos", *(", ".join(map(str, each["photo_order"])) for each in (before, after)))
    if "trip" in after:
        yield _change("Trip", *("one of yours" if each["trip"] else "none" for each in (before, after)))
    if "note" in after:
        yield _change("Note", *(each["note"] or "none" for each in (before, after)))


def _change(label: str, before: str, after: str) -> dict:
    return {"label": label, "before": before, "after": after}


def _source(said: dict) -> str:
    source = said["time_source"]
    return str(TimeSource(source).label) if source else "nobody"


def _time(said: dict) -> str:
    day, offset = said["local_date"], said["utc_offset"]
    if said["observed_at"] is None:
        if not day and said.get("eventDate"):
            return date_format(clocks.parse(f"{said['eventDate']}-01"), "M Y")
        return date_format(clocks.parse(day), "j M Y") if day else "nobody said when"
    moment = clocks.parse(said["observed_at"])
    if offset is None:
        return f"{date_format(moment.replace(tzinfo=None), 'j M Y, H:i')}, zone not known"
    return f"{date_format(moment.astimezone(clocks.zone(offset)), 'j M Y, H:i')} {offset_words(offset)}"


def _place(said: dict | None) -> str:
    if said is None:
        return "nobody said where"
    if said["shown"] == "withheld":
        return "hidden"
    where = ""
    if said["latitude"] is not None:
        where = places.degrees(said["latitude"], said["longitude"])
        if said["shown"] == "generalized":
            where = f"a square of about 11 km around {said['latitude']:.2f}, {said['longitude']:.2f}"
        elif said["uncertainty_m"] is not None:
            where += f" {places.give_or_take(said['uncertainty_m'])}"
    return ", ".join(filter(None, [said["name"], where]))


def _length(value: float | None) -> str:
    return "not measured" if value is None else f"{value / 10:.3g}\N{NO-BREAK SPACE}cm"


def page(form: EditForm, person: User, keepers: list[Keeper], now: EditForm | None = None) -> dict:
    """Context of `labeling/edit.html`. `now`: what the sighting says where another window changed it meanwhile."""
    observation = form.observation
    photos = list(observation.photos.all())
    return {
        "section": "my_uploads",
        "observation": observation,
        "form": form,
        "version": observation.version,
        "place_field": places.field(observation),
        "elsewhere": uploads.differences(form, words(now), words(form)) if now else [],
        "photos": [
            {
                "id": each.pk,
                "photo": plate(each, size=320, whole=True),
                "name": each.file_name,
                "number": number,
            }
            for number, each in enumerate(photos, start=1)
        ],
        "may_add": observation.observer_id == person.pk and len(observation.occurrences.all()) < 2,
        "as_first": _uses(photos),
        "keepers": keepers,
    }


def _uses(photos) -> str:
    """Under what a photo that comes now would stand: as the first does."""
    if not photos:
        return ""
    allowed = [each.purpose for each in photos[0].standing if each.granted]
    uses = [said for purpose, said in uploads.ALLOWED if purpose in allowed and purpose != Purpose.SHOW]
    return ", ".join([wording.LICENCES.get(photos[0].licence, photos[0].licence), *uses])
