"""Measures how well people agree, how long things wait and who comes back: once a day, by a job."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

from django.utils import timezone

from labeling.consensus import concord
from labeling.models import QualityReport
from labeling.queries import leases, quality, routing
from species.queries import taxa
from species.taxonomy.tree import Tree

PAIRS = 20


def measure() -> QualityReport:
    """Write the figures of today; those that were measured today already are measured anew."""
    now, tree = timezone.now(), taxa.tree()
    organisms = list(quality.blind(tree, now))
    rulings = quality.ruled(tree)
    hours = quality.hours_to_verification(now)
    figures: dict[str, Any] = _agreement([answers for _, answers in organisms])
    judged = [
        each.species == rulings[of]
        for of, answers in organisms
        if of in rulings
        for each in answers
        if not each.reviewer
    ]
    figures["right"] = concord.wilson(sum(judged), len(judged)).to_json()
    figures["gold"] = _gold(now, tree)
    figures["hours"] = {
        "median": concord.quantile(hours, 0.5),
        "p90": concord.quantile(hours, 0.9),
        "count": len(hours),
    }
    figures["backlog"] = quality.backlog(now) | {"unattended": _unattended(now, figures["hours"]["median"])}
    figures["pairs"] = _pairs([answers for _, answers in organisms])
    figures["retention"] = [
        {"month": f"{month:%Y-%m}", "stayed": concord.wilson(stayed, came).to_json()}
        for month, came, stayed in quality.retention(now)
    ]
    report, _ = QualityReport.objects.update_or_create(
        day=now.date(), defaults={"figures": figures, "created": now}
    )
    return report


def _gold(now: datetime, tree: Tree) -> dict[str, Any]:
    """Of names that were given to what people were tried on; those of groups say nothing."""
    known = []
    for said, ruled in leases.tried(now - quality.YEAR):
        mine, right = quality.species_of(tree, str(said)), quality.species_of(tree, str(ruled))
        if mine is not None and right is not None:
            known.append(mine == right)
    return concord.wilson(sum(known), len(known)).to_json()


def _unattended(now: datetime, median: float | None) -> int | None:
    """How many wait for more than three times the median with no reviewer asked by name."""
    return (
        None if median is None else routing.unattended(now, now - routing.PATIENCE * timedelta(hours=median))
    )


def _agreement(organisms: list[list[quality.Answer]]) -> dict[str, Any]:
    units = [[each.species for each in answers] for answers in organisms if len(answers) > 1]
    people, across = [], []
    for answers in organisms:
        crowd = [each.species for each in answers if not each.reviewer]
        reviewers = [each.species for each in answers if each.reviewer]
        if len(crowd) > 1:
            people.append((crowd[0], crowd[1]))
        if crowd and reviewers:
            across.append((crowd[0], reviewers[0]))
    same = sum(a == b for a, b in people)
    return {
        "alpha": concord.bootstrapped(units, concord.alpha).to_json(),
        "kappa_people": concord.bootstrapped(people, concord.kappa).to_json(),
        "kappa_reviewers": concord.bootstrapped(across, concord.kappa).to_json(),
        "same": concord.wilson(same, len(people)).to_json(),
    }


def _pairs(organisms: list[list[quality.Answer]]) -> list[dict[str, Any]]:
    """Which two names are given to one organism, most often first."""
    counts: Counter[tuple[str, str]] = Counter()
    for answers in organisms:
        counts.update(combinations(sorted({each.species for each in answers}), 2))
    found = sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:PAIRS]
    return [{"taxa": list(pair), "count": count} for pair, count in found]
