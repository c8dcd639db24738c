"""How an organism got its name: what stood after each word that was said, taken back or ruled."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.formats import date_format

from labeling.consensus import Explanation, Reliability
from labeling.models import Identification, Ruling
from labeling.presenters import threads, wording
from labeling.queries.outcomes import outcome, table_for
from species.models import Occurrence, Taxon
from species.taxonomy.tree import Tree, UnknownTaxon

# Who changes their mind takes one word back and says another: one step.
ONE_ACT = timedelta(seconds=1)
MOST = 50  # the newest; a page of a quarrel without end still loads
Word = Identification | Ruling


@dataclass(frozen=True)
class Step:
    """`did`: what whom it was did; `explanation`: what stood then, by today's rule and tree."""

    moment: datetime
    did: str
    explanation: Explanation

    def taxa(self) -> set[UUID]:
        return {UUID(id) for id in self.explanation.taxa()}


def steps(
    occurrence: Occurrence,
    said: Iterable[Identification],
    rulings: Iterable[Ruling],
    *,
    tree: Tree,
    person=None,
) -> list[Step]:
    """Oldest first; none where one word is all there was, or where today's tree does not hold a name of then."""
    words: list[Word] = [*said, *rulings]
    acts = _acts(words)
    if len(acts) < 2:
        return []
    table = table_for([each for each in words if isinstance(each, Identification)], tree)
    try:
        return [
            Step(moment, _did(act, person), _stood(occurrence, words, moment, tree, table))
            for moment, act in acts[-MOST:]
        ]
    except (UnknownTaxon, ValueError):
        return []


def told(found: list[Step], names: dict[UUID, Taxon]) -> list[dict]:
    """Contexts of `labeling/_steps.html`."""
    return [
        {
            "date": date_format(each.moment, "j M Y"),
            "iso": each.moment.isoformat(),
            "did": each.did,
            "status": each.explanation.status,
            "sentence": wording.sentence(each.explanation, names),
        }
        for each in found
    ]


def _acts(words: list[Word]) -> list[tuple[datetime, list[tuple[Word, bool]]]]:
    """Moments, each with what was said (True) or taken back (False) in one act of one person."""
    events = [(each.created, True, each) for each in words]
    events += [(each.withdrawn_at, False, each) for each in words if each.withdrawn_at]
    found: list[tuple[datetime, list[tuple[Word, bool]]]] = []
    for moment, came, word in sorted(events, key=lambda each: (each[0], each[1], each[2].pk)):
        before, act = found[-1] if found else (moment, [])
        last, said = act[-1] if act else (word, True)
        if came and not said and moment - before < ONE_ACT and _who(last) == _who(word):
            found[-1] = (moment, [*act, (word, came)])
        else:
            found.append((moment, [(word, came)]))
    return found


def _who(word: Word) -> object:
    return word.reviewer_id if isinstance(word, Ruling) else word.person_id


def _did(act: list[tuple[Word, bool]], reader) -> str:
    """ "Lena said chub", "You took back: nase"."""
    said = [word for word, came in act if came]
    word = said[-1] if said else act[-1][0]
    who = threads.who(word.reviewer if isinstance(word, Ruling) else word.person, reader)
    if isinstance(word, Ruling):
        if not said:
            return f"{who} took a ruling back"
        if word.source_id:
            return f"{who} trusted the source"
        return f"{who} ruled: {wording.said(word.taxon) if word.taxon else 'it can’t be settled'}"
    verb = "said" if said else "took back"
    return f"{who} {verb} {wording.said(word.taxon)}"


def _stood(
    occurrence: Occurrence, words: list[Word], moment: datetime, tree: Tree, table: Reliability
) -> Explanation:
    standing = [
        each
        for each in words
        if each.created <= moment and (each.withdrawn_at is None or each.withdrawn_at > moment)
    ]
    said = [each for each in standing if isinstance(each, Identification)]
    ruled = [each for each in standing if isinstance(each, Ruling)]
    reached, _ = outcome(occurrence, said, ruled, tree, table)
    return reached.explanation
