"""Domain objects as pages show them: the contexts of `templates/parts/`."""

from collections.abc import Iterable
from uuid import UUID

from django.urls import reverse
from django.utils.formats import date_format

from labeling import consensus, wording
from labeling.models import Identification, Ruling, Suggestion, Verdict
from species.models import Observation, Occurrence, OccurrencePhoto, Photo, Shown, Status, Taxon
from species.plates import plate
from species.tree import Tree

NO_NAME = "Not named yet"
GUESSES = 3


def cards(occurrences: Iterable[Occurrence], person=None) -> list[dict]:
    """Contexts of `parts/card.html`, in the order given, with the photos that `person` may see.

    At most four queries, however many there are: the occurrences, their photos, verdicts, and names.
    """
    if hasattr(occurrences, "select_related"):
        occurrences = occurrences.select_related("observation__place", "agreed_taxon")
    occurrences = list(occurrences)
    ids = [each.pk for each in occurrences]
    photos = seen_photos(ids, person)
    verdicts = Verdict.objects.in_bulk(ids) if ids else {}
    known = names(verdicts.values(), known=[each.agreed_taxon for each in occurrences])
    return [card(each, photos.get(each.pk, []), verdicts.get(each.pk), known) for each in occurrences]


def card(
    occurrence: Occurrence, photos: list[Photo], verdict: Verdict | None, names: dict[UUID, Taxon]
) -> dict:
    observation = occurrence.observation
    explanation = verdict.explanation if verdict else {}
    taxon = occurrence.agreed_taxon or names.get(_id(explanation.get("leading")))
    title = wording.title(taxon) if taxon else NO_NAME
    day = observation.local_date
    return {
        "id": str(occurrence.pk),
        "url": observation.get_absolute_url(),
        "title": title,
        "scientific": taxon.scientific_name if taxon and taxon.common_name else "",
        "photo": plate(photos[0], alt=title) if photos else None,
        "count": len(photos),
        "place": place_name(observation),
        "date": date_format(day, "j M Y") if day else "",
        "datetime": day.isoformat() if day else "",
        "status": occurrence.status,
        "foot": wording.foot(occurrence.status, explanation),
    }


def place_name(observation: Observation, exact: bool = False) -> str:
    """What the place is called, unless the name would say more than the public place does."""
    place = observation.place
    if place is None:
        return ""
    if exact or names_nothing_hidden(observation):
        return place.name
    return ""


def names_nothing_hidden(observation: Observation) -> bool:
    """Shown as it is, or in a place so wide that the square says as much."""
    if observation.place_shown != Shown.GENERALIZED:
        return observation.place_shown == Shown.EXACT
    wide = observation.place.uncertainty_m if observation.place else None
    return wide is not None and wide >= (observation.public_uncertainty_m or 0)


def seen_photos(occurrences: list[UUID], person) -> dict[UUID, list[Photo]]:
    """Occurrence to those of its photos that `person` may see, in their order. One query."""
    found: dict[UUID, list[Photo]] = {}
    if occurrences:
        links = OccurrencePhoto.objects.filter(
            occurrence__in=occurrences, photo__in=Photo.objects.visible_to(person)
        )
        for link in links.select_related("photo").order_by("photo__position", "photo__created", "photo_id"):
            found.setdefault(link.occurrence_id, []).append(link.photo)
    return found


def names(verdicts: Iterable[Verdict], known: Iterable[Taxon | None] = ()) -> dict[UUID, Taxon]:
    """Taxa that explanations speak of. One query, or none where all are known."""
    found = {taxon.pk: taxon for taxon in known if taxon is not None}
    missing = {id for verdict in verdicts for id in wording.taxa_in(verdict.explanation) if id not in found}
    return found | (Taxon.objects.in_bulk(missing) if missing else {})


def _id(text: str | None) -> UUID | None:
    return UUID(str(text)) if text else None


def verdict(
    occurrence: Occurrence, found: Verdict | None, names: dict[UUID, Taxon], on_screen: int = 0
) -> dict:
    """Context of `parts/verdict.html`. `on_screen`: standing opinions given with a model's guess in sight."""
    explanation = found.explanation if found else {}
    people = explanation.get("people", 0)
    shown = wording.about(explanation)
    yes = shown.get("supporting", 0)
    no = shown.get("contradicting", 0) + shown.get("rejecting", 0)
    return {
        "status": occurrence.status,
        "sentence": wording.sentence(explanation, names, occurrence.settled_at),
        "votes_for": yes,
        "votes_against": no,
        "votes_neutral": max(0, people - yes - no),
        "score": shown["score"] if yes + no else None,
        "why": wording.why(explanation, on_screen),
    }


def thread(
    identifications: Iterable[Identification],
    rulings: Iterable[Ruling],
    *,
    occurrence: Occurrence,
    about: UUID | None,
    tree: Tree,
    person=None,
    fresh=None,
) -> list[dict]:
    """Contexts of `parts/thread_entry.html`, oldest first, what was taken back among them.

    `about`: the taxon that agreeing and disagreeing are told by; `fresh`: the id of what was just said.
    """
    said = sorted([*identifications, *rulings], key=lambda each: (each.created, each.pk))
    return [
        _ruled(each, person)
        if isinstance(each, Ruling)
        else _said(each, occurrence, about, tree, person) | {"fresh": each.pk == fresh}
        for each in said
    ]


def _said(each: Identification, occurrence: Occurrence, about: UUID | None, tree: Tree, person) -> dict:
    gone = each.withdrawn_at is not None
    stance = "" if gone or about is None else consensus.stance(_vote(each), str(about), tree)
    agrees = stance == "supports"
    relation = {"supports": ("yes", "agrees"), "contradicts": ("no", "says no"), "rejects": ("no", "says no")}
    mark, text = ("gone", "took it back") if gone else relation.get(stance, ("", ""))
    own = each.person_id == occurrence.observation.observer_id
    notes = [f"It is not {wording.said(each.disagrees_with)}."] if each.disagrees_with else []
    if each.cannot_improve:
        notes.append("It can’t be named more closely from these photos.")
    return {
        "id": f"say-{each.pk}",
        "who": _who(each.person, person),
        "url": _by(each.person),
        **_when(each.created),
        "what": "came with it" if each.person.is_source else "added it" if own else "",
        "relation": mark,
        "relation_text": text + (_certainty(each) if text and not gone else ""),
        "taxon": taxon(each.taxon, "agreed" if agrees and occurrence.status == Status.VERIFIED else ""),
        "note": " ".join([*notes, each.note]).strip(),
        "fine": "The model’s opinion was on screen." if each.model_on_screen else "",
        "gone": gone,
    }


def _ruled(each: Ruling, person) -> dict:
    gone = each.withdrawn_at is not None
    trust = each.source_id is not None
    return {
        "id": f"ruling-{each.pk}",
        "who": _who(each.reviewer, person),
        "url": _by(each.reviewer),
        **_when(each.created),
        "what": "trusts the source" if trust else "ruled" if each.taxon else "ruled that it can’t be settled",
        "relation": "gone" if gone else "",
        "relation_text": "took it back" if gone else "",
        "taxon": taxon(each.taxon, "" if gone else "agreed") if each.taxon else None,
        "note": each.reason,
        "gone": gone,
    }


def taxon(each: Taxon, kind: str = "") -> dict:
    """Context of `parts/taxon.html`."""
    return {
        "name": each.common_name,
        "scientific": each.scientific_name,
        "url": each.get_absolute_url(),
        "kind": kind,
    }


def opinion(suggestion: Suggestion, taxa: dict[str, Taxon] | None = None, tree: Tree | None = None) -> dict:
    """Context of `parts/pencil.html` for what a model once said; it is told from the row alone.

    `taxa`: label to taxon, for lists; one query where it is not given. With the `tree`, the first guess of an
    answer that was rolled up is the group, with the probability of everything in it.
    """
    answers = suggestion.answers[:GUESSES]
    if taxa is None:
        taxa = labelled([suggestion])
    guesses = [_guess(each["label"], each["probability"], taxa) for each in answers]
    first = taxa.get(answers[0]["label"])
    rolled_up = suggestion.taxon
    context = {
        "state": "guesses",
        "guesses": guesses,
        "source": suggestion.source
        + (f" · trained on dataset {suggestion.dataset_hash[:8]}" if suggestion.dataset_hash else ""),
        "id": str(suggestion.pk),
    }
    if rolled_up is None:
        return context | {"state": "none", "says": "Nothing it knows looks enough like this."}
    if first is None or rolled_up.pk != first.pk:
        close = ", ".join(f"{each['name']} {each['probability']:.2f}" for each in guesses[:2])
        group = _group(rolled_up, suggestion, taxa, tree) if tree else []
        return context | {
            "state": "unsure",
            "guesses": [*group, *guesses][:GUESSES],
            "says": f"{close}: too close to call.",
        }
    return context


def labelled(suggestions: Iterable[Suggestion]) -> dict[str, Taxon]:
    """Label to taxon of everything these suggestions speak of. One query."""
    labels = {answer["label"] for each in suggestions for answer in each.answers}
    return {each.label: each for each in Taxon.objects.filter(label__in=labels)} if labels else {}


def _group(group: Taxon, suggestion: Suggestion, taxa: dict[str, Taxon], tree: Tree) -> list[dict]:
    inside = sum(
        answer["probability"]
        for answer in suggestion.answers
        if answer["label"] in taxa and tree.is_ancestor_or_self(str(group.pk), str(taxa[answer["label"]].pk))
    )
    scientific = group.scientific_name if group.common_name else ""
    return [{"name": wording.title(group), "scientific": scientific, "probability": min(1.0, inside)}]


def _guess(label: str, probability: float, taxa: dict[str, Taxon]) -> dict:
    found = taxa.get(label)
    return {
        "label": label,
        "name": (found.name if found else "") or label.replace("_", " ").capitalize(),
        "scientific": found.scientific_name if found and found.common_name else "",
        "probability": probability,
    }


def _vote(each: Identification) -> consensus.Vote:
    rejected = None if each.disagrees_with_id is None else str(each.disagrees_with_id)
    return consensus.Vote(str(each.person_id), str(each.taxon_id), disagrees_with=rejected)


def _certainty(each: Identification) -> str:
    words = {Identification.Confidence.SURE: ", certain", Identification.Confidence.GUESS: ", a guess"}
    return words.get(each.confidence, "")


def _who(each, person) -> str:
    return f"{each} (you)" if person is not None and each.pk == person.pk else str(each)


def _by(each) -> str:
    return f"{reverse('gallery')}?who={each.pk}"


def _when(moment) -> dict:
    return {"date": date_format(moment, "j M Y"), "datetime": moment.isoformat(timespec="seconds")}
