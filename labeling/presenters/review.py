"""The review page: queues with how much waits in them, one thing at a time, many in a list, and what one did."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.dates import MONTHS

from accounts.models import User
from labeling import access
from labeling.forms.review import REASONS, ReviewForm
from labeling.models import CommentReport, Flag, ReviewAct, ReviewCase, Routing
from labeling.presenters import cards, keys, places, surroundings, threads, times, verdicts, wording
from labeling.presenters import suggestions as suggestions_presenters
from labeling.presenters import taxa as taxa_presenters
from labeling.presenters.observations import apart_url
from labeling.queries import review
from labeling.queries.review_items import ReviewItem
from labeling.queries.routing import OPEN
from labeling.queries.rulings import overruled
from species.models import Occurrence, Status, Taxon
from species.presenters.plates import plate

LARGE = 2016
Queue = ReviewCase.Queue
# What a queue holds, and what that is measured by.
ABOUT: dict[str, str] = {
    review.ROUTED: "What people leave open, and you were asked to look at, for what you ruled on and where. After a "
    "week somebody else is asked. The oldest come first.",
    review.DISPUTED: "People say different things. The longest shown come first.",
    review.FLAGGED: "Somebody, or the site itself, pointed out that something is wrong with a photo, or reported a "
    "comment. The oldest come first.",
    Queue.FIRST: "The first three sightings of people who came within the last 30 days, or of whom nothing is "
    "verified yet. Photos of imports are not among them.",
    Queue.RANGE: "Verified where, or in a month in which, nothing else here is verified as that name, although at "
    "least 20 others are: within a hexagon some 60 km wide and those around it, and within a month before and after. "
    "It is measured by this library alone, so a gap may be one of its own.",
    Queue.REPOST: "A photo that is nearly the same as one of another sighting, told by a fingerprint of its shapes. "
    "Photos of imports are not compared.",
    Queue.ANCHORED: "Verified by people all of whom had the model’s guess on screen when they said so.",
    Queue.SUSPECT: "The model’s last guess at a photo contradicts what it is verified as; the surest guesses come "
    "first. A model that learned from a photo agrees with its label more often than it should, so this finds fewer "
    "than there are.",
}
DID: dict[str, tuple[str, str]] = {
    ReviewAct.Kind.RULE: ("ruled", "Ruled"),
    ReviewAct.Kind.AGREE: ("agreed", "Agreed"),
    ReviewAct.Kind.RIGHT: ("found right", "Found right"),
    ReviewAct.Kind.RESOLVE: ("dealt with", "Dealt with"),
}


def queues(person: User | None = None) -> list[dict[str, Any]]:
    """Every queue, and how much waits in it for somebody: one query, none for nobody."""
    counts = review.counts(person) if person else {}
    return [
        {
            "queue": queue,
            "name": name,
            "about": ABOUT[queue],
            "count": counts.get(queue),
            "said": review.said_of_count(counts[queue]) if queue in counts else "",
            "url": reverse("review_queue", args=[queue]),
            "list_url": reverse("review_list", args=[queue]),
        }
        for queue, name in review.each_queue()
    ]


def act(each: ReviewAct) -> dict[str, Any]:
    """What one did, in a line: "12 ruled, 1 refused: It is your own upload."."""
    word, alone = DID[each.kind]
    done = len(each.done)
    text = f"{done} {word}" if done != 1 or each.refused else alone
    plain = [refused["why"] for refused in each.refused if "unconfirmed" not in refused]
    if plain:
        text += f", {len(plain)} refused: {' '.join(dict.fromkeys(plain))}"
    if asked := len(each.refused) - len(plain):
        text += f", {asked} asked for once more"
    undone = each.undone_at is not None
    return {
        "id": str(each.pk),
        "queue": review.names_of(each.queue),
        "text": (f"{text}: undone" if undone else text).rstrip(".") + ".",
        "undone": undone,
        "can_undo": not undone and bool(each.done),
        "created": each.created,
        "url": reverse("undo_review", args=[each.pk]),
        "of": [done["of"] for done in each.done],
    }


def item(
    found: ReviewItem, queue: str, person: User, form: ReviewForm | None = None, photo: str = ""
) -> dict[str, Any]:
    """Context of one thing, side by side: photo, votes, the model, what it is taken for. Without queries."""
    occurrence, observation = found.occurrence, found.occurrence.observation
    shown = next((each for each in found.photos if str(each.pk) == photo), None) or _first(found)
    verdict = getattr(occurrence, "verdict", None)
    explanation = verdicts.explained(verdict)
    names = {taxon.pk: taxon for taxon in found.names.values()}
    quarrel = wording.quarrel(explanation, names)
    given = found.given
    taxon = occurrence.agreed_taxon or next(iter(given), None)
    suggestion = found.suggestions.get(shown.pk) if shown else None
    about = explanation.shown if explanation else None
    entries = threads.thread(
        found.said,
        found.rulings,
        occurrence=occurrence,
        about=UUID(about.taxon) if about else None,
        tree=found.tree,
        person=person,
    )
    may_rule = access.can_rule(person, occurrence)
    ruling = next((each for each in found.rulings if each.occurrence_id and not each.withdrawn_at), None)
    return {
        "occurrence": occurrence,
        "sighting_url": f"{observation.get_absolute_url()}#o-{occurrence.pk}",
        "observer": str(observation.observer),
        "observer_url": threads.by(observation.observer),
        "title": quarrel or (wording.title(taxon) if taxon else taxa_presenters.NO_NAME),
        "scientific": taxon.scientific_name if taxon and taxon.common_name and not quarrel else "",
        "photo": plate(
            shown,
            size=LARGE,
            alt=quarrel or (taxon.name if taxon else taxa_presenters.NO_NAME),
            sizes="(min-width: 64rem) 60vw, 100vw",
            whole=found.exact,
        )
        if shown
        else None,
        "marks": _marks(found, shown),
        "frames": [plate(each, size=320, whole=found.exact) for each in found.photos]
        if len(found.photos) > 1
        else [],
        "verdict": verdicts.verdict(occurrence, verdict, names, found.standing),
        "entries": [each for each in entries if not each["gone"]],
        "gone": [each for each in entries if each["gone"]],
        "pencil": suggestions_presenters.pencil(suggestion, found.names, found.tree) if suggestion else None,
        "on_screen": [(shown.sha256, suggestion.source)] if shown and suggestion else [],
        "where": places.where(observation, found.exact),
        "when": times.when(observation, found.exact),
        "exact": found.exact,
        "reasons": reasons(found, names),
        "other": plate(found.other, size=1008, alt="The photo that it is nearly the same as")
        if found.other
        else None,
        "other_url": found.other.observation.get_absolute_url() if found.other else "",
        "alike_url": apart_url(occurrence, [each.taxon for each in found.standing])
        or (reverse("confusions", args=[taxon.label]) if taxon else ""),
        "may_rule": may_rule,
        "form": form or ReviewForm(given=given),
        "choices": _choices(found, given, person, form),
        "standard": list(enumerate(REASONS, start=1)),
        "ruling": ruling,
        "may_agree": may_rule and bool(given) and not _says(found, given, person),
        "may_find_right": may_rule and occurrence.status != Status.DISPUTED and not _flagged(found),
        "may_resolve": may_rule and _flagged(found) and found.row.about.resolved_at is None,
        "right_by": found.right_by,
        "waits": waits(found, queue),
    } | keys.of(person, "review")


def waits(found: ReviewItem, queue: str) -> bool:
    """Whether it still is in the queue: others may have dealt with it, or one oneself."""
    about = found.row.about
    if queue == review.DISPUTED:
        return found.occurrence.status == Status.DISPUTED
    if isinstance(about, Routing):
        return about.closed_at is None and found.occurrence.status in OPEN
    if isinstance(about, ReviewCase):
        stands = about.closed_at is None
        if about.queue in review.OF_A_VERDICT:
            agreed = found.occurrence.status == Status.VERIFIED
            stands = stands and agreed and found.occurrence.agreed_taxon_id == about.taxon_id
        return stands
    return about.resolved_at is None


def reasons(found: ReviewItem, names: Mapping[UUID, Taxon]) -> list[str]:
    """Why it is here, in sentences."""
    about = found.row.about
    if isinstance(about, CommentReport):
        said = f" {about.reason}" if about.reason else ""
        return [f"{about.by} reported a comment of {about.comment.person}: “{about.comment.text}”{said}"]
    if isinstance(about, Flag):
        return [_flag(about)]
    if isinstance(about, Routing):
        return [f"{about.get_cause_display()}.", f"Why this reviewer: {about.reason}"]
    observer = str(found.occurrence.observation.observer)
    open_now = [each for each in found.cases if each.closed_at is None or each is about]
    return [sentence for each in open_now if (sentence := _case(each, names, observer))]


def _flag(flag: Flag) -> str:
    who = str(flag.by) if flag.by else "The site itself"
    return f"{who}: {flag.get_kind_display()}." + (f" {flag.reason}" if flag.reason else "")


def _case(case: ReviewCase, names: Mapping[UUID, Taxon], observer: str) -> str:
    said = case.details
    name = wording.said(case.taxon)
    if case.queue == Queue.FIRST:
        known = "none of theirs is verified yet" if not said.get("verified") else "they came lately"
        return f"Sighting {said.get('number', 1)} of {observer}: {known}."
    if case.queue == Queue.ANCHORED:
        return f"All {said.get('people', 0)} who say {name} had the model’s guess on screen."
    if case.queue == Queue.SUSPECT:
        other = wording.said(names.get(UUID(said["says"]))) if said.get("says") else "something else"
        return (
            f"{said.get('source', 'A model')} says {other}, {case.weight:.2f} sure; it is verified as {name}."
        )
    if case.queue == Queue.REPOST:
        whose = "the same person" if said.get("own") else "somebody else"
        return f"A photo is nearly the same as one in another sighting of {whose}."
    parts = []
    if "elsewhere" in said:
        parts.append(f"none of the {said['elsewhere']} others verified as {name} is within some 60 km")
    if "other_months" in said:
        month = MONTHS[said["month"]]
        parts.append(f"none of the {said['other_months']} others with a known month is from around {month}")
    return f"{'; '.join(parts)}.".capitalize() if parts else ""


def _first(found: ReviewItem) -> Any:
    flagged = found.row.about.photo_id if isinstance(found.row.about, Flag) else None
    flagged = flagged or (
        found.row.about.details.get("photo") if isinstance(found.row.about, ReviewCase) else None
    )
    first = next((each for each in found.photos if str(each.pk) == str(flagged)), None)
    return first or next(iter(found.photos), None)


def _flagged(found: ReviewItem) -> bool:
    return isinstance(found.row.about, (Flag, CommentReport))


def _says(found: ReviewItem, given: Sequence[Taxon], person: User) -> bool:
    return any(each.person_id == person.pk and each.taxon_id == given[0].pk for each in found.standing)


def _marks(found: ReviewItem, shown: Any) -> list[dict[str, Any]]:
    if shown is None:
        return []
    boxes = [
        surroundings.on_shown(frame.box, shown, found.exact)
        for frame in found.frames
        if frame.photo == shown.pk
    ]
    return [{"box": box} for box in boxes if box is not None]


def _choices(
    found: ReviewItem, given: Sequence[Taxon], person: User, form: ReviewForm | None
) -> list[dict[str, Any]]:
    """The names that people give, each with how many do, and whom it would overrule."""
    picked = str(form["what"].value() or "") if form else ""
    people = found.standing
    return [
        {
            "id": str(taxon.pk),
            "name": taxon.name,
            "scientific": taxon.scientific_name if taxon.common_name else "",
            "people": wording.counted(
                sum(
                    found.tree.is_ancestor_or_self(str(taxon.pk), str(each.taxon_id))
                    for each in people
                    if str(each.taxon_id) in found.tree and str(taxon.pk) in found.tree
                ),
                "says so",
                "say so",
            ),
            "overrules": overruled(people, taxon, person, found.tree).counted
            if str(taxon.pk) in found.tree
            else "",
            "checked": picked == str(taxon.pk),
        }
        for taxon in given
    ]


def listed(
    rows: Sequence[review.Row], queue: str, person: User, chosen: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """A line each: photo, title, what people say, why it is here. Five queries at most, however many."""
    of = review.occurrences(rows)
    found = {
        each.pk: each
        for each in Occurrence.objects.select_related(*cards.NEEDED, "observation__batch").filter(
            pk__in=of.values()
        )
    }
    order = [found[of[row.key]] for row in rows if row.key in of and of[row.key] in found]
    made = {card["id"]: card for card in cards.cards(order, person)}
    lines = []
    for row in rows:
        occurrence = found.get(of.get(row.key, row.key))
        if occurrence is None:
            continue
        lines.append(
            made[str(occurrence.pk)]
            | {
                "key": str(row.key),
                "url": f"{reverse('review_queue', args=[queue])}?at={row.key}",
                "why": _short(row),
                "checked": str(row.key) in chosen,
            }
        )
    return lines


def _short(row: review.Row) -> str:
    if isinstance(row.about, Flag):
        return _flag(row.about)
    if isinstance(row.about, CommentReport):
        return f"{row.about.by} reported a comment of {row.about.comment.person}."
    if isinstance(row.about, Routing):
        return f"{row.about.get_cause_display()}."
    if isinstance(row.about, ReviewCase) and row.about.queue == Queue.SUSPECT:
        return f"{row.about.details.get('source', 'A model')} is {row.about.weight:.2f} sure of another name."
    return ""


def refusals(act: ReviewAct, queue: str) -> dict[str, Any]:
    """Those of an act that were refused, each with its reason and its place; apart from them those that are `asked`
    for once more, with the reason that was given for all."""
    address = reverse("review_queue", args=[queue])
    lines = [
        {
            "why": each["why"],
            "key": each["row"],
            "url": f"{address}?at={each['row']}",
            "asks": "unconfirmed" in each,
        }
        for each in act.refused
    ]
    return {
        "refused": [each for each in lines if not each["asks"]],
        "asked": [each for each in lines if each["asks"]] if act.undone_at is None else [],
        "reason": act.reason,
    }
