"""The page of one sighting, section by section: who says what, how to cite it, what became of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from labeling import access
from labeling.consensus import Explanation
from labeling.forms.flags import FlagForm
from labeling.forms.identifications import IdentifyForm
from labeling.forms.occurrences import SecondForm
from labeling.forms.rulings import RulingForm
from labeling.models import Identification, Suggestion
from labeling.presenters import (
    citations,
    comments,
    edits,
    field_marks,
    passes,
    places,
    portraits,
    steps,
    surroundings,
    threads,
    times,
    verdicts,
    wording,
)
from labeling.presenters import suggestions as suggestions_presenters
from labeling.presenters import taxa as taxa_presenters
from labeling.queries import room
from labeling.queries.observations import ObservationPage
from labeling.queries.room import Likely
from labeling.queries.suggestions import taxa_of
from look.site import site
from species.access import can_edit
from species.models import Measurement, Observation, Occurrence, Photo, Status, Taxon
from species.presenters.plates import plate
from species.queries import field_marks as taxon_marks
from species.queries.trips import told_trip
from species.taxonomy.field_marks import Mark

FRESH = timedelta(seconds=5)


LARGE = 2016


def _trip_url(observation: Observation, person) -> str:
    told = told_trip(observation, person)
    return reverse("trip", args=[told]) if told else ""


def sighting(page: ObservationPage, person, *, photo: str = "", bound: dict | None = None) -> dict:
    """Context of `labeling/observation.html`. `bound`: forms with errors, by (kind, id of what it is about)."""
    bound = bound or {}
    observation = page.observation
    shown = next((each for each in page.photos if str(each.pk) == photo), None) or next(
        iter(page.photos), None
    )
    may_say = bool(page.occurrences) and access.can_identify(person, page.occurrences[0])
    likely = room.likely(observation) if may_say else []
    suggestions = page.suggestions.get(shown.pk, []) if shown else []
    became = {
        each.pk: steps.steps(
            each,
            page.identifications.get(each.pk, []),
            page.rulings.get(each.pk, []),
            tree=page.tree,
            person=person,
        )
        for each in page.occurrences
    }
    spoken_of = taxa_presenters.spoken_of(page.verdicts.values()).union(
        *(each.taxa() for found in became.values() for each in found)
    )
    said_names = field_marks.names_said(page)
    above = taxon_marks.above(said_names, page.tree)
    guessed = taxa_of(suggestions, also=spoken_of | above)
    said_marks = {str(id): guessed[str(id)].field_marks for id in above if str(id) in guessed}
    of_taxa = taxon_marks.among(said_names, said_marks, page.tree)
    names = {id: guessed[str(id)] for id in spoken_of if str(id) in guessed}
    pencils = [suggestions_presenters.pencil(each, guessed, page.tree) for each in suggestions]
    if pencils and may_say:
        pencils[0] |= {"shown_url": reverse("shown")}
    sections = [
        section(
            page,
            each,
            number,
            person,
            names,
            may_say,
            likely,
            _guess_at(page, each, shown, suggestions),
            bound,
            of_taxa,
        )
        | {"steps": steps.told(became[each.pk], names)}
        for number, each in enumerate(page.occurrences, start=1)
    ]
    may_edit = can_edit(person, observation)
    may_comment = access.can_comment(person, observation)
    named_in_comments = comments.others_name_it(page.comments, person)
    others_on_screen = [
        each.pk
        for each in page.occurrences
        if named_in_comments
        or field_marks.others_point(page, shown, each.pk, person)
        or threads.others_say(page.identifications.get(each.pk, []), page.rulings.get(each.pk, []), person)
    ]
    return {
        "section": "gallery",
        "observation": observation,
        "observer_url": threads.by(observation.observer),
        "sections": sections,
        "title": sections[0]["title"] if len(sections) == 1 else None,
        "scientific": sections[0]["scientific"] if len(sections) == 1 else "",
        "first": sections[0] if sections else None,
        "photo": plate(
            shown,
            size=LARGE,
            alt=_alt(sections),
            sizes="(min-width: 64rem) 60vw, 100vw",
            whole=page.exact,
        ),
        "others_see": surroundings.note(shown, page.exact),
        "photo_id": shown.pk if shown else None,
        "marks": marks(page, shown),
        "field_marks": field_marks.pointed(page, shown, person, said_names, of_taxa, may_say, bound)
        if shown
        else None,
        "frames": [plate(each, size=320, whole=page.exact) for each in page.photos]
        if len(page.photos) > 1
        else [],
        "pencils": pencils,
        # What is folded away can be unfolded without asking us.
        "on_screen": [(shown.sha256, each.source) for each in reversed(suggestions)] if shown else [],
        "others_on_screen": others_on_screen,
        # A guess tells by itself that it was shown.
        "tell_url": reverse("shown") if may_say and others_on_screen and not pencils else "",
        "comments": comments.comments(
            page.comments, observation, _people(page), person, may_comment=may_comment, bound=bound
        ),
        "where": places.where(observation, page.exact),
        "when": times.when(observation, page.exact),
        "trip_url": _trip_url(observation, person),
        "lengths": lengths(page.measured),
        "origins": origins(page.occurrences),
        "cite": citations.cite(observation, page.photos, sections),
        "history": history(page, names),
        "may_say": may_say,
        "may_edit": may_edit,
        "flag_form": bound.get(("flag", shown.pk)) or FlagForm(auto_id="flag-%s")
        if may_say and shown
        else None,
        "second_form": bound.get(("second", observation.pk))
        or SecondForm(among=page.photos, auto_id="second-%s")
        if may_edit and page.photos
        else None,
    }


def _people(page: ObservationPage) -> list:
    """Who can be mentioned here: as `labeling.queries.comments.people_here` finds them."""
    said = [each.person for rows in page.identifications.values() for each in rows]
    ruled = [each.reviewer for rows in page.rulings.values() for each in rows if each.occurrence_id]
    wrote = [each.person for each in page.comments]
    return list({each.pk: each for each in (page.observation.observer, *said, *ruled, *wrote)}.values())


def section(
    page: ObservationPage,
    occurrence: Occurrence,
    number: int,
    person,
    names: dict[UUID, Taxon],
    may_say: bool,
    likely: list[Likely],
    on_screen: UUID | None,
    bound: dict,
    of_taxa: Mapping[UUID, Sequence[Mark]],
) -> dict:
    """One organism: what is agreed, what people say, and what one can say oneself."""
    said = page.identifications.get(occurrence.pk, [])
    standing = [each for each in said if each.withdrawn_at is None]
    rulings = page.rulings.get(occurrence.pk, [])
    ruling = next((each for each in rulings if each.occurrence_id and each.withdrawn_at is None), None)
    found = page.verdicts.get(occurrence.pk)
    explanation = verdicts.explained(found)
    shown = explanation.shown if explanation else None
    own = next((each for each in standing if person is not None and each.person_id == person.pk), None)
    own_pass, own_kind = page.own_pass.get(occurrence.pk, (None, ""))
    others = {each.taxon_id: each.taxon for each in standing if each is not own}
    taxon = occurrence.agreed_taxon or verdicts.leading(explanation, names)
    quarrel = wording.quarrel(explanation, names)
    may_rule = access.can_rule(person, occurrence)
    form = bound.get(("identify", occurrence.pk))
    if form is None and may_say:
        form = identify_form(occurrence, list(others.values()), own, on_screen)
    entries = threads.thread(
        said,
        rulings,
        occurrence=occurrence,
        about=UUID(shown.taxon) if shown else None,
        tree=page.tree,
        person=person,
        fresh=own.pk if own and own.created > timezone.now() - FRESH else None,
        may_say=may_say,
    )
    return {
        "id": occurrence.pk,
        "key": str(occurrence.pk),
        "number": number,
        "status": occurrence.status,
        "taxon": taxon,
        "title": quarrel or (wording.title(taxon) if taxon else taxa_presenters.NO_NAME),
        "scientific": taxon.scientific_name if taxon and taxon.common_name and not quarrel else "",
        "verdict": verdicts.verdict(occurrence, found, names, standing, getattr(occurrence, "asked", None)),
        "entries": [each for each in entries if not each["gone"]],
        "gone": [each for each in entries if each["gone"]],
        "look_next": field_marks.look_next(
            occurrence.status,
            list(dict.fromkeys(each.taxon_id for each in standing)),
            of_taxa,
            page.field_marks,
            occurrence.pk,
        ),
        "apart_url": apart_url(occurrence, [each.taxon for each in standing]),
        "asks": occurrence.status == Status.NEEDS_ID and own is None and own_pass is None,
        "passed": passes.told(page.passed[occurrence.pk], own_kind, unclear=occurrence.unclear),
        "own_pass": own_pass,
        "own_pass_words": passes.words(own_kind).lower() if own_kind else "",
        "own": own,
        "own_name": wording.said(own.taxon) if own else "",
        "form": form,
        "open": ("identify", occurrence.pk) in bound,
        "likely": choices(likely, others, form) if form else [],
        "ruling": ruling,
        "ruling_form": (bound.get(("rule", occurrence.pk)) or RulingForm(auto_id=f"r{number}-%s"))
        if may_rule
        else None,
        "ruling_open": ("rule", occurrence.pk) in bound,
    }


def apart_url(occurrence: Occurrence, said: Sequence[Taxon]) -> str:
    """Where the names that people give stand side by side; empty where they do not disagree."""
    names = list(dict.fromkeys(each.label for each in said))
    if occurrence.status != Status.DISPUTED or len(names) < 2:
        return ""
    return reverse("confusions", args=[names[0]], query=[("with", each) for each in names[1:3]])


def _guess_at(
    page: ObservationPage, occurrence: Occurrence, shown: Photo | None, suggestions: list[Suggestion]
) -> UUID | None:
    """The guess that stands beside the question; about a photo of another organism there is none."""
    on_it = shown is not None and (occurrence.pk, shown.pk) in page.seen_on
    return suggestions[0].pk if suggestions and on_it else None


def identify_form(
    occurrence: Occurrence, rivals: list[Taxon], own: Identification | None, on_screen: UUID | None, data=None
) -> IdentifyForm:
    """The form in which one person says what one organism is; `own`: what they said before."""
    initial = {"suggestion": on_screen}
    if own is not None:
        initial |= {"confidence": own.confidence}
    return IdentifyForm(data, rivals=rivals, initial=initial, auto_id=f"i{occurrence.pk.hex[:8]}-%s")


def choices(likely: list[Likely], others: dict[UUID, Taxon], form: IdentifyForm) -> list[dict]:
    """The radios: what people say here, then what is likely."""
    pictures = {each.taxon.pk: each for each in likely}
    taxa = list(others.values()) + [each.taxon for each in likely if each.taxon.pk not in others]
    picked = form["likely"].value()
    return [
        {
            "label": each.label,
            "name": each.name,
            "group": each.is_group,
            "scientific": each.scientific_name if each.common_name else "",
            **portraits.picture(pictures.get(each.pk)),
            "checked": picked == each.label,
        }
        for each in taxa[: room.LIKELY]
    ]


def marks(page: ObservationPage, shown: Photo | None) -> list[dict]:
    """Boxes on the photo, numbered where there are several organisms."""
    if shown is None:
        return []
    order = {each.pk: number for number, each in enumerate(page.occurrences, start=1)}
    found: list[dict] = []
    on_it = [each for each in page.frames if each.photo == shown.pk]
    for frame in sorted(on_it, key=lambda each: order[each.occurrence]):
        box = surroundings.on_shown(frame.box, shown, page.exact)
        if box is None:
            continue
        found.append({"box": box})
        if len(order) > 1:
            corner = {"x": box["x"], "y": box["y"], "at_x": box["x"], "at_y": box["y"]}
            found.append(corner | {"number": order[frame.occurrence]})
    return found


def lengths(measured: list[tuple[str, float]]) -> list[str]:
    return [
        f"{value / 10:.3g}\N{NO-BREAK SPACE}cm"
        if kind == Measurement.Kind.TOTAL_LENGTH
        else f"{value:g}\N{NO-BREAK SPACE}g"
        for kind, value in measured
    ]


def origins(occurrences: list[Occurrence]) -> list[str]:
    """Where the organisms come from, as far as their observer said."""
    words = site()["establishmentMeans"]
    said = (each.establishment_means for each in occurrences)
    return [words.get(each, each) for each in said if each]


def history(page: ObservationPage, names: dict[UUID, Taxon]) -> list[dict]:
    """What became of it, newest first."""
    observation = page.observation
    # Those that came and went later are edits of their own.
    first = next(
        (each.before["photos"] for each in reversed(page.edits) if "photos" in each.before), page.photos
    )
    added = wording.counted(len(first), "photo", "photos")
    told = f"{added} added by {observation.observer}"
    events: list[tuple[datetime, dict]] = [(observation.published_at or observation.created, {"text": told})]
    for occurrence in page.occurrences:
        found = page.verdicts.get(occurrence.pk)
        if found and occurrence.settled_at and occurrence.status != Status.NEEDS_ID:
            text = _settled(occurrence, verdicts.explained(found))
            events.append((occurrence.settled_at, {"text": text}))
        for ruling in page.rulings.get(occurrence.pk, []):
            name = wording.said(ruling.taxon) if ruling.taxon else "it can’t be settled"
            text = "trusted the source" if ruling.source_id else f"ruled: {name}"
            events.append((ruling.created, {"text": f"{ruling.reviewer} {text}"}))
            if ruling.withdrawn_at:
                text = f"{ruling.reviewer}’s ruling was taken back"
                events.append((ruling.withdrawn_at, {"text": text}))
    put_back = {each.before.get("split_off") for each in page.edits}
    for each in page.edits:
        event = edits.event(each, level=page.level, exact=page.exact, gone=put_back)
        events.append((each.created, event))
    events.sort(key=lambda each: each[0], reverse=True)
    return [
        event | {"date": date_format(moment, "j M Y"), "iso": moment.date().isoformat()}
        for moment, event in events
    ]


def _settled(occurrence: Occurrence, explanation: Explanation | None) -> str:
    if occurrence.status == Status.VERIFIED and occurrence.agreed_taxon:
        agreed = explanation.about if explanation and explanation.reason == "agreement" else None
        score = f", score {agreed.score:.2f}" if agreed else ""
        return f"Verified as {wording.said(occurrence.agreed_taxon)}{score}"
    return occurrence.get_status_display()


def _alt(sections: list[dict]) -> str:
    named = [each["title"] for each in sections if each["taxon"]]
    return ", ".join(named) if named else "Photo without a name yet"
