"""What verdicts say in words: sentences made from their explanations."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from uuid import UUID

from django.contrib.humanize.templatetags.humanize import apnumber
from django.utils.formats import date_format

from labeling.consensus import Explanation, Kin, Reason
from labeling.models import Identification
from species.models import Rank, Status, Taxon, titled

Names = Mapping[UUID, Taxon]

UNREADABLE = "How this came about can’t be read here. It has to be settled anew."
# Why several people count as one; read within a sentence and at its beginning.
KIN: dict[Kin, str] = {
    "": "they don’t count as independent of each other",
    "household": "they signed up from the same network and haven’t yet been right often enough to count one by one",
    "burst": "they signed up together with many others and haven’t yet been right often enough to count one by one",
}
# Names in a heading.
QUARREL = 3
FINE = (Rank.SPECIES, Rank.HYBRID, Rank.SUBSPECIES, Rank.FORM)
# By SPDX id; that of others is said as it is.
LICENCES = {"CC0-1.0": "CC0", "CC-BY-4.0": "CC BY 4.0", "CC-BY-NC-4.0": "CC BY-NC 4.0", "NONE": "none"}


def title(taxon: Taxon) -> str:
    """A heading; "Salmonids, species unsure" for what is coarser than a species."""
    return taxon.name if taxon.rank in FINE else f"{taxon.name}, species unsure"


def quarrel(explanation: Explanation | None, names: Names) -> str:
    """A heading for what people disagree about: "Brown trout or rainbow trout?"; empty where they do not."""
    if explanation is None or explanation.status != Status.DISPUTED:
        return ""
    given = [(-each.people, _named(each.taxon, names)) for each in explanation.identifications]
    said_of_it = [name for _, name in sorted(given)]
    if len(said_of_it) > QUARREL:
        said_of_it = [*said_of_it[: QUARREL - 1], "something else"]
    alternatives = [", ".join(said_of_it[:-1]), said_of_it[-1]] if len(said_of_it) > 1 else said_of_it
    return titled(f"{' or '.join(alternatives)}?") if alternatives else ""


def said(taxon: Taxon | None) -> str:
    """A name within a sentence: "rainbow trout", "Arctic char", "Salmo"."""
    return taxon.said if taxon else "a name that is gone"


def foot(explanation: Explanation) -> str:
    """The few words beside a card's badge: "3 of 3", "1 of 2", "2 against 2", "ruling"."""
    if explanation.reason == "ruling":
        return "ruling"
    if explanation.status == Status.DISPUTED:
        first = max(each.people for each in explanation.identifications)
        return f"{first} against {explanation.people - first}"
    about = explanation.about
    if about is None or not about.supporting:
        return ""
    if explanation.status == Status.NEEDS_ID and explanation.needed:
        return f"{about.supporting} of {about.supporting + explanation.needed}"
    return f"{about.supporting} of {about.supporting + about.against}"


def sentence(explanation: Explanation | None, names: Names, settled_at: datetime | None = None) -> str:
    """The verdict in one or two sentences: what people say, and what would settle it or did."""
    if explanation is None:
        return UNREADABLE
    text = _SENTENCES[explanation.reason](explanation, names)
    if explanation.status in (Status.VERIFIED, Status.UNRESOLVABLE) and settled_at:
        text += f" Settled on {date_format(settled_at, 'j M Y')}."
    return text


def missing(explanation: Explanation, names: Names) -> tuple[str, str]:
    """What would settle it, and who could; both empty where it is settled."""
    if explanation.status in (Status.VERIFIED, Status.UNRESOLVABLE):
        return "", ""
    if not explanation.identifications:
        enough = str(apnumber(explanation.thresholds.people_at_least))
        return f"{_upper(enough)} people who give it the same name.", "Anybody, or a reviewer."
    named = [each for each in explanation.identifications if each.needed]
    if not named:
        return "Somebody who names the species.", "Anybody who knows it more closely, or a reviewer."
    fewest = min(each.needed or 0 for each in named)
    nearest = [_named(each.taxon, names) for each in named if each.needed == fewest]
    who = "person who names" if fewest == 1 else "people who name"
    what = (
        f"{_more(fewest)} {who} it {' or '.join(nearest) if len(nearest) <= QUARREL else 'what others do'}."
    )
    changing = ", somebody who changes their mind" if len(explanation.identifications) > 1 else ""
    return what, f"Somebody who has said nothing yet{changing}, or a reviewer."


def why(explanation: Explanation, standing: Collection[Identification] = ()) -> list[dict]:
    """The reasons under the sentence; `standing`: the identifications that it follows from."""
    reasons: list[tuple[str, bool]] = []
    if explanation.ruling:
        text = f"“{explanation.ruling.reason}” A reviewer’s word goes before what people say."
        reasons.append((text, False))
    if explanation.reason == "agreement":
        enough = str(apnumber(explanation.thresholds.people_at_least))
        reasons.append((f"{count(_supporting(explanation))} agree; {enough} are enough.", False))
    if explanation.reason == "agreement" and explanation.exported != explanation.taxon:
        text = "Researchers are given the coarser name: those who say more count as one"
        reasons.append((f"{text}; {KIN[explanation.kin]}.", True))
    elif explanation.reason == "agreement" and explanation.kin:
        text = f"Some of them count as one; {KIN[explanation.kin]}."
        reasons.append((text, False))
    if explanation.anchored:
        text = (
            "Nobody named it without a suggestion, or others’ word, in sight. It is not used to test models."
        )
        reasons.append((text, True))
    if explanation.reason in ("agreement", "too_little_weight"):
        enough = explanation.thresholds.posterior_at_least
        weight = f"{explanation.posterior:.2f}, and {enough:.1f} is asked for"
        short = explanation.posterior < enough
        reasons.append((f"Weighed by how often each of them is right, that makes {weight}.", short))
    on_screen = sum(bool(each.model_on_screen) for each in standing)
    if standing:
        reasons.append(blind([each.others_on_screen for each in standing]))
    if explanation.people and on_screen:
        reasons.append((f"{count(on_screen)} answered with the model’s opinion on screen.", True))
    elif explanation.people:
        reasons.append(("Nobody had the model’s opinion on screen while answering.", False))
    return [{"text": text, "warn": warn} for text, warn in reasons]


def blind(on_screen: Collection[bool | None]) -> tuple[str, bool]:
    """How many named it without having seen what others say, and whether anybody had; None: nobody knows of these."""
    saw, unknown = sum(each is True for each in on_screen), sum(each is None for each in on_screen)
    unseen = len(on_screen) - saw - unknown
    if unknown == len(on_screen):
        return "Whether they had seen what others say when they named it is not known.", True
    who = "All of them" if unseen == len(on_screen) > 1 else count(unseen) if unseen else "Nobody"
    text = f"{who} named it without having seen what others say"
    if saw and unseen:
        text += f"; {apnumber(saw)} had seen it"
    if unknown:
        text += f"; of {apnumber(unknown)} it is not known"
    return f"{text}.", bool(saw or unknown)


def count(people: int) -> str:
    """ "One person", "Two people", "12 people"; to begin a sentence with."""
    return counted(people, "person", "people")


def counted(number: int, one: str, many: str) -> str:
    """ "One photo", "Two photos", "12 photos"."""
    return _upper(f"{apnumber(number)} {one if number == 1 else many}")


def _supporting(explanation: Explanation) -> int:
    return explanation.about.supporting if explanation.about else 0


def _nobody(explanation: Explanation, names: Names) -> str:
    return "Nobody has said what it is yet."


def _ruling(explanation: Explanation, names: Names) -> str:
    ruling = explanation.ruling
    if ruling is None or ruling.taxon is None:
        return "A reviewer ruled that it can’t be settled."
    name = _named(ruling.taxon, names)
    if ruling.trust:
        return f"It came named {name}, from a source that a reviewer trusts."
    return f"A reviewer ruled: {name}."


def _agreement(explanation: Explanation, names: Names) -> str:
    name = _named(explanation.taxon, names)
    supporting, everybody = _supporting(explanation), explanation.people
    if supporting < everybody:
        return f"{_upper(str(apnumber(supporting)))} of {apnumber(everybody)} say {name}."
    return f"Both say {name}." if supporting == 2 else f"All {apnumber(supporting)} say {name}."


def _one_person(explanation: Explanation, names: Names) -> str:
    said = explanation.identifications
    if len(said) > 1:
        named = _list([_named(each.taxon, names) for each in said])
        return f"No two people say the same yet: {named}. Another opinion would help."
    only = said[0]
    text = f"One person says {_named(only.taxon, names)}."
    if not only.needed:
        return f"{text} Whoever knows it more closely can name the species."
    strangers = "who don’t know them" if only.needed > 1 else "who doesn’t know them"
    return f"{text} {_more(only.needed)}, {strangers}, would settle it."


def _too_coarse(explanation: Explanation, names: Names) -> str:
    group = _named(explanation.community_taxon, names)
    text = f"{count(_supporting(explanation))} agree on {group}."
    leading = explanation.leading
    if leading and leading != explanation.community_taxon and explanation.needed:
        says = "says" if explanation.needed == 1 else "say"
        return f"{text} {_more(explanation.needed)} who {says} {_named(leading, names)} would settle it."
    return f"{text} Nobody has named the species yet."


def _only_uploader(explanation: Explanation, names: Names) -> str:
    return "Only the person who added it says so. Somebody else has to agree."


def _too_little_weight(explanation: Explanation, names: Names) -> str:
    name = _named(explanation.about.taxon if explanation.about else None, names)
    text = f"{count(_supporting(explanation))} say {name}, not yet with enough weight."
    return f"{text} {_more(explanation.needed)} would settle it." if explanation.needed else text


def _not_independent(explanation: Explanation, names: Names) -> str:
    name = _named(explanation.about.taxon if explanation.about else None, names)
    text = f"{count(_supporting(explanation))} say {name}, but {KIN[explanation.kin]}."
    return (
        f"{text} {_more(explanation.needed)}, from elsewhere, would settle it."
        if explanation.needed
        else text
    )


def _contradiction(explanation: Explanation, names: Names) -> str:
    parts = [
        f"{apnumber(each.people)} {'says' if each.people == 1 else 'say'} {_named(each.taxon, names)}"
        for each in explanation.identifications
    ]
    text = f"People disagree: {_list(parts)}."
    if explanation.leading and explanation.needed:
        says = "says" if explanation.needed == 1 else "say"
        leading = _named(explanation.leading, names)
        return f"{text} {_more(explanation.needed)} who {says} {leading} would settle it."
    return text


def _cannot_improve(explanation: Explanation, names: Names) -> str:
    group = _named(explanation.community_taxon, names)
    supporting = count(_supporting(explanation))
    return f"{supporting} agree on {group}, and that these photos can’t say more."


def _named(taxon: str | None, names: Names) -> str:
    return said(names.get(UUID(taxon)) if taxon else None)


_SENTENCES: dict[Reason, Callable[[Explanation, Names], str]] = {
    "no_identifications": _nobody,
    "ruling": _ruling,
    "agreement": _agreement,
    "one_person": _one_person,
    "too_coarse": _too_coarse,
    "only_uploader": _only_uploader,
    "too_little_weight": _too_little_weight,
    "not_independent": _not_independent,
    "contradiction": _contradiction,
    "cannot_improve": _cannot_improve,
}


def _more(people: int) -> str:
    return f"{_upper(str(apnumber(people)))} more"


def _list(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
