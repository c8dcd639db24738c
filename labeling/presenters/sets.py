"""What lists and sets are asked for, in words; and what there is to work on."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.dates import MONTHS_3
from django.utils.formats import date_format

from accounts.models import User
from labeling.models import Campaign
from labeling.queries import campaigns
from labeling.queries.narrowed import HAS
from labeling.queries.sets import Difficulty
from species.models import Status

WORDS = {
    "bbox": "a box on the map",
    "cell": "a hexagon of the map",
    "observation": "one sighting",
    "updated_since": "what changed",
    "trip": "one trip",
    "model_disagrees": "a model says otherwise",
}
MEASURES = {
    "radius": "within {:,} m",
    "uncertainty_max": "place known within {:,} m",
    "agreement_min": "agreement from {}",
    "agreement_max": "agreement up to {}",
}
DRAWN = {"true": "drawings alone", "false": "photographs alone"}
IN_ORDER = (
    *("campaign", "q", "taxon", "place", "who", "bbox", "cell", "observation", "updated_since"),
    *("near", "radius", "uncertainty_max", "trip"),
    *("difficulty", "status", "since", "until", "month"),
    *("agreement_min", "agreement_max", "identified_by", "model_disagrees", "has", "lacks"),
    *("licence", "drawn"),
)


def words(asked: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each filter that is asked for, by its cleaned value, and its word."""
    for name in IN_ORDER:
        if asked.get(name):
            yield name, _word(name, asked[name])


def _word(name: str, value: Any) -> str:
    if name == "taxon":
        return str(value.name)
    if name == "campaign":
        return str(value.name)
    if name == "difficulty":
        return str(Difficulty(value).label)
    if name == "status":
        return str(Status(value).label)
    if name in ("since", "until"):
        return f"{'from' if name == 'since' else 'to'} {date_format(value, 'j M Y')}"
    if name == "month":
        return ", ".join(str(MONTHS_3[each]).capitalize() for each in sorted(value))
    if name in ("who", "identified_by"):
        who = _person(str(value))
        return who if name == "who" else f"named by {who}"
    if name in MEASURES:
        return MEASURES[name].format(value)
    if name == "near":
        return "near {:.4f}, {:.4f}".format(*value)
    if name in ("has", "lacks"):
        listed = ", ".join(word.lower() for each, word in HAS if each in value)
        return f"{'with' if name == 'has' else 'without'} {listed}"
    if name == "licence":
        return " or ".join(value)
    if name == "drawn":
        return DRAWN[value]
    return WORDS.get(name) or f"“{value}”"


def _person(text: str) -> str:
    try:
        found = User.objects.filter(pk=UUID(text)).first()
    except ValueError:
        return f"by “{text}”"
    return f"by {found}" if found else "by somebody"


def title(asked: Mapping[str, Any]) -> str:
    """E.g. "Chub, “Enns”"; empty for everything."""
    return ", ".join(word for _, word in words(asked))


def offered() -> list[dict[str, Any]]:
    """Campaigns that run, with how far people are. One query, and one for each."""
    return [campaign(each) for each in campaigns.running()]


def campaign(each: Campaign) -> dict[str, Any]:
    given = campaigns.given(each)
    return {
        "name": each.name,
        "words": each.words,
        "given": given,
        "goal": each.goal,
        "reached": given >= each.goal,
        "until": until(each.last_day),
        "url": f"{reverse('label')}?{urlencode({'campaign': each.slug})}",
    }


def until(last_day: date | None) -> str:
    if last_day is None:
        return ""
    left = (last_day - timezone.now().date()).days
    if left < 0:
        return f"It ended on {date_format(last_day, 'j M Y')}."
    return "Today is its last day." if left == 0 else f"Until {date_format(last_day, 'j M Y')}."
