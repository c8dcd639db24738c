"""What verdicts say in words: sentences made from `Verdict.explanation` (docs/consensus.md lists its keys)."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.humanize.templatetags.humanize import apnumber
from django.utils.formats import date_format
from django.utils.translation import get_language

from species.models import Rank, Status, Taxon

Explanation = Mapping[str, Any]
Names = Mapping[UUID, Taxon]

FINE = (Rank.SPECIES, Rank.HYBRID, Rank.SUBSPECIES, Rank.FORM)
# English common names are stored with a capital, like headings. In a sentence it goes, except where the word
# is the name of a place or a person: "an arctic char" would be misspelt.
PROPER = {"American", "Apache", "Arctic", "Asian", "Atlantic", "Bonneville", "Columbia", "Danube", "Dolly"}
PROPER |= {"European", "Gila", "Japanese", "Lahontan", "Pacific", "Paiute", "Siberian", "Yellowstone"}


def title(taxon: Taxon) -> str:
    """A heading; "Salmonids, species unsure" for what is coarser than a species."""
    return taxon.name if taxon.rank in FINE else f"{taxon.name}, species unsure"


def said(taxon: Taxon | None) -> str:
    """A name within a sentence: "rainbow trout", "Arctic char", "Salmo"."""
    if taxon is None:
        return "a name that is gone"
    name = taxon.name
    # German nouns keep their capital, Chinese has none.
    english = (get_language() or "en").startswith("en") and name == taxon.common_names.get("en")
    if not english or name.split()[0] in PROPER:
        return name
    return name[:1].lower() + name[1:]


def foot(status: str, explanation: Explanation) -> str:
    """The few words beside a card's badge: "3 of 3", "1 of 2", "2 against 2", "ruling"."""
    if explanation.get("reason") == "ruling":
        return "ruling"
    if not explanation.get("people"):
        return ""
    if status == Status.DISPUTED:
        first = max(each["people"] for each in explanation["opinions"])
        return f"{first} against {explanation['people'] - first}"
    supporting, against = explanation["supporting"], _against(explanation)
    if status == Status.NEEDS_ID and explanation.get("needed"):
        return f"{supporting} of {supporting + explanation['needed']}"
    return f"{supporting} of {supporting + against}" if supporting else ""


def about(explanation: Explanation) -> Explanation:
    """The taxon that votes are shown for, with its counts.

    Where people disagree that is the leading opinion: everybody may agree on a group far above it, and showing
    that would look like agreement. Without a leader there is no taxon and no score.
    """
    if explanation.get("reason") != "contradiction":
        return {**explanation, "taxon": explanation.get("about")}
    leading = explanation.get("leading")
    return next((each for each in explanation["opinions"] if each["taxon"] == leading), {})


def taxa_in(explanation: Explanation) -> Iterator[UUID]:
    """Ids of the taxa that the sentences about it name."""
    for key in ("taxon", "about", "leading", "community_taxon"):
        if explanation.get(key):
            yield UUID(str(explanation[key]))
    for opinion in explanation.get("opinions", ()):
        yield UUID(str(opinion["taxon"]))


def sentence(explanation: Explanation, names: Names, settled_at: datetime | None = None) -> str:
    """The verdict in one or two sentences: what people say, and what would settle it or did."""
    write = _SENTENCES.get(explanation.get("reason", ""), _nobody)
    text = write(explanation, names)
    if explanation.get("status") in (Status.VERIFIED, Status.UNRESOLVABLE) and settled_at:
        text += f" Settled on {date_format(settled_at, 'j M Y')}."
    return text


def why(explanation: Explanation, on_screen: int = 0) -> list[dict]:
    """The reasons under the sentence; `on_screen`: how many answered with a model's guess in sight."""
    people = explanation.get("people", 0)
    reasons: list[tuple[str, bool]] = []
    ruling = explanation.get("ruling")
    if ruling:
        reasons.append((f"“{ruling['reason']}” A reviewer’s word goes before what people say.", False))
    if explanation.get("reason") == "agreement":
        enough = apnumber(explanation["thresholds"]["people_at_least"])
        reasons.append((f"{count(explanation['supporting'])} agree; {enough} are enough.", False))
    if explanation.get("reason") in ("agreement", "too_little_weight"):
        enough = explanation["thresholds"]["posterior_at_least"]
        weight = f"{explanation['posterior']:.2f}, and {enough:.1f} is asked for"
        short = explanation["posterior"] < enough
        reasons.append((f"Weighed by how often each of them is right, that makes {weight}.", short))
    if people and on_screen:
        reasons.append((f"{count(on_screen)} answered with the model’s opinion on screen.", True))
    elif people:
        reasons.append(("Nobody had the model’s opinion on screen while answering.", False))
    return [{"text": text, "warn": warn} for text, warn in reasons]


def count(people: int) -> str:
    """ "One person", "Two people", "12 people"; to begin a sentence with."""
    return counted(people, "person", "people")


def counted(number: int, one: str, many: str) -> str:
    """ "One photo", "Two photos", "12 photos"."""
    return _upper(f"{apnumber(number)} {one if number == 1 else many}")


def _against(explanation: Explanation) -> int:
    return explanation.get("contradicting", 0) + explanation.get("rejecting", 0)


def _nobody(explanation: Explanation, names: Names) -> str:
    return "Nobody has said what it is yet."


def _ruling(explanation: Explanation, names: Names) -> str:
    taxon = explanation.get("taxon")
    if not taxon:
        return "A reviewer ruled that it can’t be settled."
    name = said(names.get(UUID(taxon)))
    if explanation["ruling"].get("trust"):
        return f"It came named {name}, from a source that a reviewer trusts."
    return f"A reviewer ruled: {name}."


def _agreement(explanation: Explanation, names: Names) -> str:
    name = said(names.get(UUID(explanation["taxon"])))
    supporting, everybody = explanation["supporting"], explanation["people"]
    if supporting < everybody:
        return f"{_upper(apnumber(supporting))} of {apnumber(everybody)} say {name}."
    return f"Both say {name}." if supporting == 2 else f"All {apnumber(supporting)} say {name}."


def _one_person(explanation: Explanation, names: Names) -> str:
    opinions = explanation["opinions"]
    if len(opinions) > 1:
        named = _list([said(names.get(UUID(each["taxon"]))) for each in opinions])
        return f"No two people say the same yet: {named}. Another opinion would help."
    only = opinions[0]
    text = f"One person says {said(names.get(UUID(only['taxon'])))}."
    if not only["needed"]:
        return f"{text} Whoever knows it more closely can name the species."
    strangers = "who don’t know them" if only["needed"] > 1 else "who doesn’t know them"
    return f"{text} {_more(only['needed'])}, {strangers}, would settle it."


def _too_coarse(explanation: Explanation, names: Names) -> str:
    group = said(names.get(UUID(explanation["community_taxon"])))
    text = f"{count(explanation['supporting'])} agree on {group}."
    leading = explanation.get("leading")
    if leading and leading != explanation["community_taxon"] and explanation.get("needed"):
        name = said(names.get(UUID(leading)))
        says = "says" if explanation["needed"] == 1 else "say"
        return f"{text} {_more(explanation['needed'])} who {says} {name} would settle it."
    return f"{text} Nobody has named the species yet."


def _only_uploader(explanation: Explanation, names: Names) -> str:
    return "Only the person who added it says so. Somebody else has to agree."


def _too_little_weight(explanation: Explanation, names: Names) -> str:
    name = said(names.get(UUID(explanation["about"])))
    text = f"{count(explanation['supporting'])} say {name}, not yet with enough weight."
    needed = explanation.get("needed")
    return f"{text} {_more(needed)} would settle it." if needed else text


def _contradiction(explanation: Explanation, names: Names) -> str:
    parts = [
        f"{apnumber(each['people'])} {'says' if each['people'] == 1 else 'say'} "
        f"{said(names.get(UUID(each['taxon'])))}"
        for each in explanation["opinions"]
    ]
    text = f"People disagree: {_list(parts)}."
    leading, needed = explanation.get("leading"), explanation.get("needed")
    if leading and needed:
        says = "says" if needed == 1 else "say"
        return f"{text} {_more(needed)} who {says} {said(names.get(UUID(leading)))} would settle it."
    return text


def _cannot_improve(explanation: Explanation, names: Names) -> str:
    group = said(names.get(UUID(explanation["community_taxon"])))
    return f"{count(explanation['supporting'])} agree on {group}, and that these photos can’t say more."


_SENTENCES = {
    "ruling": _ruling,
    "agreement": _agreement,
    "one_person": _one_person,
    "too_coarse": _too_coarse,
    "only_uploader": _only_uploader,
    "too_little_weight": _too_little_weight,
    "contradiction": _contradiction,
    "cannot_improve": _cannot_improve,
}


def _more(people: int) -> str:
    return f"{_upper(apnumber(people))} more"


def _list(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
