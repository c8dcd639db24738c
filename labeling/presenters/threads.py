"""What people say of an organism, one after another: the contexts of `parts/thread.html`."""

from collections.abc import Iterable
from uuid import UUID

from django.urls import reverse
from django.utils.formats import date_format

from labeling import consensus
from labeling.models import Identification, Ruling
from labeling.presenters import wording
from labeling.presenters.taxa import taxon
from species.models import Occurrence, Status
from species.taxonomy.tree import Tree


def thread(
    identifications: Iterable[Identification],
    rulings: Iterable[Ruling],
    *,
    occurrence: Occurrence,
    about: UUID | None,
    tree: Tree,
    person=None,
    fresh=None,
    may_say: bool = False,
) -> list[dict]:
    """Contexts of `parts/thread_entry.html`, oldest first, what was taken back among them.

    `about`: the taxon that agreeing and disagreeing are told by; `fresh`: the id of what was just said. Who `may_say`
    something can agree with what others say, once for each name, unless it is what they say themselves.
    """
    identifications = list(identifications)
    votes = [_vote(each) for each in identifications if each.withdrawn_at is None]
    said = sorted([*identifications, *rulings], key=lambda each: (each.created, each.pk))
    agreeable = _agreeable(said, person) if may_say else set()
    return [
        _ruled(each, person)
        if isinstance(each, Ruling)
        else _said(each, occurrence, _stance(each, about, tree, votes), person)
        | {"fresh": each.pk == fresh}
        | (_agree(each) if each.pk in agreeable else {})
        for each in said
    ]


def _stance(each: Identification, about: UUID | None, tree: Tree, votes: list[consensus.Vote]) -> str:
    if each.withdrawn_at is not None or about is None:
        return ""
    return consensus.stance(_vote(each), str(about), tree, votes)


def _said(each: Identification, occurrence: Occurrence, stance: str, person) -> dict:
    gone = each.withdrawn_at is not None
    agrees = stance == "supports"
    relation = {"supports": ("yes", "agrees"), "contradicts": ("no", "says no"), "rejects": ("no", "says no")}
    mark, text = ("gone", _gone(each)) if gone else relation.get(stance, ("", ""))
    own = each.person_id == occurrence.observation.observer_id
    notes = [f"It is not {wording.said(each.disagrees_with)}."] if each.disagrees_with else []
    if each.cannot_improve:
        notes.append("It can’t be named more closely from these photos.")
    return {
        "id": f"say-{each.pk}",
        "who": who(each.person, person),
        "url": by(each.person),
        **when(each.created),
        "what": "came with it" if each.person.is_source else "added it" if own else "",
        "relation": mark,
        "relation_text": text + (_certainty(each) if text and not gone else ""),
        "taxon": taxon(each.taxon, "agreed" if agrees and occurrence.status == Status.VERIFIED else ""),
        "note": " ".join([*notes, each.note]).strip(),
        "fine": " ".join(filter(None, [_in_sight(each), _as_before(each, "identification")])),
        "gone": gone,
    }


def _stands(each: Identification) -> bool:
    return each.withdrawn_at is None


def _is_own(each: Identification, person) -> bool:
    return person is not None and each.person_id == person.pk


def _agreeable(said: Iterable[Identification | Ruling], person) -> set[UUID]:
    """Beside which the button stands: of each name that is not one's own, the first who said it."""
    standing = [each for each in said if isinstance(each, Identification) and _stands(each)]
    own = {each.taxon_id for each in standing if _is_own(each, person)}
    first: dict[UUID, UUID] = {}
    for each in standing:
        first.setdefault(each.taxon_id, each.pk)
    return {pk for taxon, pk in first.items() if taxon not in own}


def _agree(each: Identification) -> dict:
    """The button of who thinks so, too."""
    return {"agree_url": reverse("agree", args=[each.pk]), "agree_with": each.taxon.said}


def others_say(identifications: Iterable[Identification], rulings: Iterable[Ruling], person) -> bool:
    """Whether somebody else than this reader speaks here, also where they took it back."""
    people = {each.person_id for each in identifications} | {each.reviewer_id for each in rulings}
    return bool(people - {person.pk if person is not None else None})


def _in_sight(each: Identification) -> str:
    if each.model_on_screen and each.others_on_screen:
        return "The model’s opinion and what others say were on screen."
    if each.model_on_screen:
        return "The model’s opinion was on screen."
    return "What others say was on screen." if each.others_on_screen else ""


def _ruled(each: Ruling, person) -> dict:
    gone = each.withdrawn_at is not None
    trust = each.source_id is not None
    return {
        "id": f"ruling-{each.pk}",
        "who": who(each.reviewer, person),
        "url": by(each.reviewer),
        **when(each.created),
        "what": "trusts the source" if trust else "ruled" if each.taxon else "ruled that it can’t be settled",
        "relation": "gone" if gone else "",
        "relation_text": _gone(each) if gone else "",
        "taxon": taxon(each.taxon, "" if gone else "agreed") if each.taxon else None,
        "note": each.reason,
        "fine": _as_before(each, "ruling"),
        "gone": gone,
    }


def _gone(each: Identification | Ruling) -> str:
    """Who took it back: its person, or a split that says it otherwise; an undo gives such a word up again."""
    if getattr(each, "said_anew", False):
        return "no longer: the name was split"
    anew = getattr(each, "reapplied", None)
    return "no longer: the split was undone" if anew and anew.given_back_at else "took it back"


def _as_before(each: Identification | Ruling, of: str) -> str:
    anew = getattr(each, "reapplied", None)
    if anew is None:
        return ""
    return f"Said of {getattr(anew, of).taxon.said}, before that name was split."


def _vote(each: Identification) -> consensus.Vote:
    rejected = None if each.disagrees_with_id is None else str(each.disagrees_with_id)
    return consensus.Vote(str(each.person_id), str(each.taxon_id), disagrees_with=rejected)


def _certainty(each: Identification) -> str:
    words = {Identification.Confidence.SURE: ", certain", Identification.Confidence.GUESS: ", a guess"}
    return words.get(each.confidence, "")


def who(each, person) -> str:
    """What they are called, and whether it is who reads this."""
    return f"{each} (you)" if person is not None and each.pk == person.pk else str(each)


def by(each) -> str:
    """Their page: what they found and named."""
    return reverse("person", args=[each.pk])


def when(moment) -> dict:
    """The day in words, and the moment."""
    return {"date": date_format(moment, "j M Y"), "datetime": moment.isoformat(timespec="seconds")}
