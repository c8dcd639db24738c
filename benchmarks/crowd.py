"""`python -m benchmarks.crowd`: the rule of consensus among simulated crowds, against the rules that others use.

People name organisms one after the other, at most twelve each; a rule says when it has heard enough and what it is
then. So do people who draw. Nothing here reads a database; `python -m benchmarks.crowd_work` does. What comes out goes
between the marks in RESULTS.md.
"""

from __future__ import annotations

import argparse
import math
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean

from benchmarks.workload import record
from labeling.consensus import PLAIN, Reliability, Vote, decide
from labeling.consensus.boxes import Rectangle, agreed, overlap
from labeling.consensus.reliability import Item, measure, posterior
from species.taxonomy.tree import TaxonRow, Tree

ORGANISMS, PEOPLE, MOST = 60, 24, 12
HEARD = (3,)  # by rules that hear so many in any case
FAMILIES, EACH = 3, 4
LEAVES = [f"species {family}{number}" for family in range(FAMILIES) for number in range(EACH)]
TREE = Tree(
    [
        TaxonRow("fishes", rank="class"),
        *(TaxonRow(f"family {family}", "fishes", rank="family") for family in range(FAMILIES)),
        *(
            TaxonRow(f"species {family}{number}", f"family {family}", rank="species")
            for family in range(FAMILIES)
            for number in range(EACH)
        ),
    ]
)
#: Of names that are wrong, so many are of the same family.
ALIKE = 0.8

Said = list[tuple[int, str]]  # person, name
Told = tuple[str | None, int]  # what a rule says it is, and after how many names


@dataclass
class Crowd:
    """`said`: of each organism what people say, in the order in which they come."""

    truths: list[str]
    said: list[Said]
    house: dict[int, str]


def crowd(kind: str, seed: int) -> Crowd:
    chance = random.Random(f"{kind} {seed}")
    skill = {
        (who, family): _skill(kind, who, family, chance)
        for who in range(PEOPLE)
        for family in range(FAMILIES)
    }
    # A quarter in threes that say what their first says.
    clique = {who: who - who % 3 for who in range(6)} if kind.startswith("cliques") else {}
    truths, said = [], []
    for _ in range(ORGANISMS):
        truth = chance.choice(LEAVES)
        spoken: dict[int, str] = {}
        for who in chance.sample(range(PEOPLE), MOST):
            first = clique.get(who)
            if first is not None and (
                copied := next((spoken[o] for o in spoken if clique.get(o) == first), None)
            ):
                spoken[who] = copied
                continue
            right = chance.random() < skill[who, int(truth[8])]
            spoken[who] = truth if right else _wrong(truth, chance)
        truths.append(truth)
        said.append(list(spoken.items()))
    known = kind == "cliques of known households"
    return Crowd(truths, said, {who: f"house {first}" for who, first in clique.items()} if known else {})


def _skill(kind: str, who: int, family: int, chance: random.Random) -> float:
    if kind == "spammers" and who % 10 < 3:
        return 1 / len(LEAVES)
    if kind == "experts":
        return 0.97 if who % 8 == 0 else chance.uniform(0.5, 0.75)
    if kind == "skill by family":
        return chance.uniform(0.9, 0.98) if who % FAMILIES == family else chance.uniform(0.45, 0.7)
    if kind.startswith("cliques") and who < 6:
        return 0.4
    return chance.uniform(0.7, 0.95)


def _wrong(truth: str, chance: random.Random) -> str:
    near = [leaf for leaf in LEAVES if leaf[8] == truth[8] and leaf != truth]
    far = [leaf for leaf in LEAVES if leaf[8] != truth[8]]
    return chance.choice(near if chance.random() < ALIKE else far)


KINDS = (
    *("plain", "spammers", "experts", "skill by family"),
    *("cliques", "cliques of known households"),
)

# --- rules that hear so many, whatever is said ------------------------------------------------------------------------


def majority(said: Sequence[Said], chance: random.Random) -> list[str]:
    found = []
    for each in said:
        counts = Counter(name for _, name in each)
        most = max(counts.values())
        found.append(chance.choice([name for name, count in counts.items() if count == most]))
    return found


def _em(
    said: Sequence[Said],
    hit: Callable[[dict[str, float], int, str, str, int], float],
    learn: Callable[[Sequence[Said], list[dict[str, float]]], dict],
) -> list[str]:
    """Expectation and maximization over all names of the list, from majority on."""
    likely: list[dict[str, float]] = []
    for each in said:
        counts = Counter(name for _, name in each)
        likely.append({name: counts[name] / len(each) for name in LEAVES})
    for _ in range(15):
        known = learn(said, likely)
        for at, each in enumerate(said):
            logs = {
                truth: math.log(known["prior"][truth])
                + math.fsum(math.log(max(1e-9, hit(known, who, name, truth, at))) for who, name in each)
                for truth in LEAVES
            }
            top = max(logs.values())
            weights = {truth: math.exp(log - top) for truth, log in logs.items()}
            whole = math.fsum(weights.values())
            likely[at] = {truth: weight / whole for truth, weight in weights.items()}
    return [max(each, key=each.__getitem__) for each in likely]


def _prior(likely: list[dict[str, float]]) -> dict[str, float]:
    return {name: (fmean(each[name] for each in likely) + 1e-3) for name in LEAVES}


def dawid_skene(said: Sequence[Said], chance: random.Random) -> list[str]:
    """A table per person of what they say for what it is; a hundredth of an answer in each cell at first."""

    def learn(said: Sequence[Said], likely: list[dict[str, float]]) -> dict:
        cells: dict[tuple[int, str, str], float] = defaultdict(lambda: 0.01)
        rows: dict[tuple[int, str], float] = defaultdict(lambda: 0.01 * len(LEAVES))
        for each, names in zip(said, likely, strict=True):
            for who, name in each:
                for truth, part in names.items():
                    if part > 1e-6:
                        cells[who, truth, name] += part
                        rows[who, truth] += part
        return {"prior": _prior(likely), "cells": cells, "rows": rows}

    return _em(
        said,
        lambda known, who, name, truth, at: known["cells"][who, truth, name] / known["rows"][who, truth],
        learn,
    )


def mace(said: Sequence[Said], chance: random.Random) -> list[str]:
    """Either a person knows it, or says a name by their own habit, whatever it is."""

    def learn(said: Sequence[Said], likely: list[dict[str, float]]) -> dict:
        knows = getattr(learn, "knows", defaultdict(lambda: 0.8))
        habit = getattr(learn, "habit", None) or defaultdict(lambda: 1 / len(LEAVES))
        knew, asked = defaultdict(lambda: 1.0), defaultdict(lambda: 1.5)
        guessed: dict[tuple[int, str], float] = defaultdict(lambda: 0.2)
        guesses: dict[int, float] = defaultdict(lambda: 0.2 * len(LEAVES))
        for each, names in zip(said, likely, strict=True):
            for who, name in each:
                by_habit = (1 - knows[who]) * habit[who, name]
                knowing = names[name] * knows[who] / (knows[who] + by_habit)
                knew[who] += knowing
                asked[who] += 1
                guessed[who, name] += 1 - knowing
                guesses[who] += 1 - knowing
        learn.knows = {who: min(0.99, knew[who] / asked[who]) for who in asked}  # type: ignore[attr-defined]
        learn.habit = {(who, name): guessed[who, name] / guesses[who] for who in asked for name in LEAVES}  # type: ignore[attr-defined]
        return {"prior": _prior(likely), "knows": learn.knows, "habit": learn.habit}  # type: ignore[attr-defined]

    def hit(known: dict, who: int, name: str, truth: str, at: int) -> float:
        return known["knows"][who] * (name == truth) + (1 - known["knows"][who]) * known["habit"][who, name]

    return _em(said, hit, learn)


def glad(said: Sequence[Said], chance: random.Random) -> list[str]:
    """A skill per person and an ease per organism: right with the logistic of their product."""
    skill: dict[int, float] = defaultdict(lambda: 1.4)
    ease: dict[int, float] = defaultdict(lambda: 1.0)

    def right(who: int, at: int) -> float:
        return min(0.995, max(0.02, 1 / (1 + math.exp(-skill[who] * ease[at]))))

    def learn(said: Sequence[Said], likely: list[dict[str, float]]) -> dict:
        for _ in range(5):
            up: dict[int, float] = defaultdict(float)
            for at, each in enumerate(said):
                gained = 0.0
                for who, name in each:
                    error = likely[at][name] - right(who, at)
                    up[who] += error * ease[at]
                    gained += error * skill[who]
                ease[at] = math.exp(math.log(ease[at]) * 0.95 + 0.05 * gained * ease[at])
            for who, step in up.items():
                skill[who] += 0.1 * (step - (skill[who] - 1.4))
        return {"prior": _prior(likely)}

    def hit(known: dict, who: int, name: str, truth: str, at: int) -> float:
        sure = right(who, at)
        return sure if name == truth else (1 - sure) / (len(LEAVES) - 1)

    return _em(said, hit, learn)


FIXED = {"majority": majority, "Dawid-Skene": dawid_skene, "MACE": mace, "GLAD": glad}

# --- rules that say when they have heard enough -----------------------------------------------------------------------


def _rule(asked: Crowd, table: Callable[[list[Said]], Reliability], weighs: bool) -> list[Told]:
    told: dict[int, Told] = {}
    for heard in range(2, MOST + 1):
        # A table is measured from what was asked for; nobody knows what would be said of the others.
        known = table([each[: told[at][1] if at in told else heard] for at, each in enumerate(asked.said)])
        for at, each in enumerate(asked.said):
            if at not in told:
                votes = [Vote(who, name, household=asked.house.get(who)) for who, name in each[:heard]]
                outcome = decide(votes, TREE, known)
                done = outcome.status == "verified" if weighs else _two_thirds(each[:heard])
                if done:
                    told[at] = (str(outcome.exported) if weighs else _first(each[:heard]), heard)
    return [told.get(at, (None, MOST)) for at in range(len(asked.said))]


def _two_thirds(said: Said) -> bool:
    """iNaturalist's: two people at least, and more than two thirds. All names here are of species."""
    most = Counter(name for _, name in said).most_common(1)[0][1]
    return most >= 2 and 3 * most > 2 * len(said)


def _first(said: Said) -> str:
    return Counter(name for _, name in said).most_common(1)[0][0]


def ours(asked: Crowd) -> list[Told]:
    def table(said: list[Said]) -> Reliability:
        found = measure([Item(each) for each in said], TREE).table
        return Reliability.of_clades("measured", {key: each.value for key, each in found.items()}, TREE)

    return _rule(asked, table, True)


def by_posterior(least: float) -> Callable[[Crowd], list[Told]]:
    """Who asks until one name is that likely, and takes the likeliest after twelve: for asking, not for verdicts."""

    def rule(asked: Crowd) -> list[Told]:
        told: dict[int, Told] = {}
        for heard in range(1, MOST + 1):
            said = [each[: told[at][1] if at in told else heard] for at, each in enumerate(asked.said)]
            coins = {
                key: each.value for key, each in measure([Item(each) for each in said], TREE).table.items()
            }
            known = Reliability.of_clades("measured", coins, TREE)
            for at, each in enumerate(said):
                if at in told:
                    continue
                values = [known.lookup(who, name) or known.default for who, name in each]
                likely = posterior(each, values, TREE)
                best = max(likely, key=likely.__getitem__)
                if likely[best] >= least or heard == MOST:
                    told[at] = (best, heard)
        return [told[at] for at in range(len(asked.said))]

    return rule


def unmeasured(asked: Crowd) -> list[Told]:
    return _rule(asked, lambda said: PLAIN, True)


def inaturalist(asked: Crowd) -> list[Told]:
    return _rule(asked, lambda said: PLAIN, False)


SEQUENTIAL = {
    "this rule": ours,
    "this rule, unmeasured": unmeasured,
    "iNaturalist's": inaturalist,
    **{f"asking until one name is {least:.0%} likely": by_posterior(least) for least in (0.82, 0.86, 0.9)},
}

# --- drawers ----------------------------------------------------------------------------------------------------------


def drawn(chance: random.Random, truth: Rectangle, sloppy: bool) -> Rectangle | None:
    """One person's box, or none: a tenth overlook it, a twentieth each mean another one or draw a part."""
    luck = chance.random()
    if luck < 0.1:
        return None
    left, top, right, bottom = truth.edges
    if luck < 0.15:
        apart = chance.choice([-1.2, 1.2]) * truth.width
        left, right = left + apart, right + apart
    elif luck < 0.2:
        right = left + truth.width * chance.uniform(0.3, 0.6)
    off = 0.15 if sloppy else 0.04
    left, right = (edge + chance.gauss(0, off) * truth.width for edge in (left, right))
    top, bottom = (edge + chance.gauss(0, off) * truth.height for edge in (top, bottom))
    left, top = max(0.0, left), max(0.0, top)
    width, height = min(1.0, right) - left, min(1.0, bottom) - top
    return Rectangle(left, top, width, height) if width > 0.005 and height > 0.005 else None


def boxes(seeds: int) -> list[str]:
    rows = [
        "| people | of one person: IoU | missed | false | agreed: IoU | missed | false |",
        "|---|---|---|---|---|---|---|",
    ]
    for people in (2, 3, 4, 5, 8):
        single: list[float | None] = []
        together: list[float | None] = []
        for seed in range(seeds * 40):
            chance = random.Random(f"boxes {people} {seed}")
            size = chance.uniform(0.1, 0.4), chance.uniform(0.08, 0.3)
            truth = Rectangle(chance.uniform(0, 1 - size[0]), chance.uniform(0, 1 - size[1]), *size)
            all_drawn = [drawn(chance, truth, chance.random() < 0.3) for _ in range(people)]
            single.append(None if all_drawn[0] is None else overlap(all_drawn[0], truth))
            found = agreed([each for each in all_drawn if each])
            together.append(None if found is None else overlap(found.rectangle, truth))
        rows.append(f"| {people} | {_figures(single)} | {_figures(together)} |")
    return rows


def _figures(overlaps: list[float | None]) -> str:
    """Mean overlap of what there is; how many have none; how many of those that there are lie elsewhere."""
    there = [each for each in overlaps if each is not None]
    missed, false = len(overlaps) - len(there), sum(each < 0.5 for each in there)
    return f"{fmean(there):.3f} | {missed / len(overlaps):.1%} | {false / len(overlaps):.1%}"


# --- figures ----------------------------------------------------------------------------------------------------------


def table(kind: str, seeds: int) -> list[str]:
    """A line for each rule: names heard, how often what it says is right, how often it says anything."""
    found: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    for seed in range(seeds):
        asked = crowd(kind, seed)
        for name, rule in SEQUENTIAL.items():
            told = rule(asked)
            said = [(name, truth) for (name, _), truth in zip(told, asked.truths, strict=True) if name]
            right = fmean(name == truth for name, truth in said)
            found[name].append((fmean(heard for _, heard in told), right, len(said) / len(told)))
        for name, hears in FIXED.items():
            for heard in HEARD:
                names = hears([each[:heard] for each in asked.said], random.Random(seed))
                right = fmean(a == b for a, b in zip(names, asked.truths, strict=True))
                found[f"{name} of {heard}"].append((heard, right, 1.0))
        if seed % 10 == 9 or seed == seeds - 1:
            lines = _lines(kind, found)
            print(f"{seed + 1} seeds", *lines, sep="\n", flush=True)
    return lines


def _lines(kind: str, found: dict[str, list[tuple[float, float, float]]]) -> list[str]:
    lines = []
    for name, each in found.items():
        heard, right, says = (fmean(column) for column in zip(*each, strict=True))
        lines.append(f"| {kind} | {name} | {heard:.2f} | {right:.1%} | {says:.0%} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument(
        "--fixed-seeds", type=int, default=50, help="of the rules that hear so many in any case"
    )
    parser.add_argument("--kind", choices=KINDS, action="append")
    parser.add_argument("--boxes", action="store_true", help="those who draw alone")
    parser.add_argument("--no-record", action="store_true")
    asked = parser.parse_args()
    started = time.monotonic()
    lines = [f"{asked.seeds} seeds, {ORGANISMS} organisms, {PEOPLE} people, at most {MOST} names each.", ""]
    if not asked.boxes:
        lines += [
            "| crowd | rule | names heard | right of what it says | says something |",
            "|---|---|---|---|---|",
        ]
        for kind in asked.kind or KINDS:
            lines += table(kind, asked.seeds)
        lines.append("")
    found = boxes(asked.seeds)
    print("\n".join(found))
    lines += [*found, "", f"{time.monotonic() - started:.0f} s."]
    if not asked.no_record:
        record("crowd", "\n".join(lines))


if __name__ == "__main__":
    main()
