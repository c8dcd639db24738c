"""Which way to train fits how much there is to learn from: decided by organisms, not by photos, and said why.

A video of one fish is one organism however many frames it has: that is what a network can overfit to.
"""

from __future__ import annotations

from dataclasses import dataclass

AUTO, FROZEN, TUNED, ONE_CYCLE = "auto", "frozen", "tuned", "one_cycle"
RECIPES = (AUTO, FROZEN, TUNED, ONE_CYCLE)
FEW, MANY = 20, 1_000  # groups
PHOTOS = 10_000  # whose lower half's activations are still a few GB
# Share of the network's parts that is tuned at most: of Lite0 the last two stages and what follows.
TUNED_DEPTH = 0.35


@dataclass(frozen=True)
class Row:
    """One line of the table that a run's page shows."""

    recipe: str
    when: str
    does: str


TABLE = (
    Row(
        FROZEN, f"fewer than {FEW} groups", "The network stays as it is; a calibrated linear head is fitted."
    ),
    Row(
        TUNED,
        f"{FEW} to {MANY:,} groups, at most {PHOTOS:,} photos",
        "The upper half is tuned on what the lower half sees of each photo in several renditions, its weights are "
        "averaged over the second half of the epochs, and several such halves answer together.",
    ),
    Row(
        ONE_CYCLE,
        "more",
        "The upper half is tuned photo by photo, each read anew in every epoch, with one-cycle rates.",
    ),
)


@dataclass(frozen=True)
class Chosen:
    """`reason` is a sentence for a person."""

    recipe: str
    reason: str


def choose(asked: str, *, groups: int, photos: int, least: int, cut: bool) -> Chosen:
    """The recipe for so many `groups` and `photos`, where the rarest class has `least` groups.

    `cut` says whether the network can be cut in two halves. What was `asked` for by name is done if it can be.
    """
    if asked not in RECIPES:
        raise ValueError(f"Recipe {asked!r} is not known: {', '.join(RECIPES)}.")
    if asked == TUNED and not cut:
        return Chosen(ONE_CYCLE, "This network cannot be cut in two halves, so it is tuned photo by photo.")
    if asked != AUTO:
        return Chosen(asked, "Asked for by name.")
    said = f"{groups:,} group{'' if groups == 1 else 's'}"
    if groups < FEW:
        return Chosen(FROZEN, f"{said}, fewer than {FEW}: tuning would learn these organisms by heart.")
    if least < 2:
        return Chosen(FROZEN, "A class has one group alone: tuning would learn that organism by heart.")
    if groups > MANY or photos > PHOTOS:
        return Chosen(
            ONE_CYCLE, f"{said} and {photos:,} photos are more than what is kept of each would fit for."
        )
    if not cut:
        return Chosen(
            ONE_CYCLE, f"{said}; this network cannot be cut in two halves, so photos are read anew."
        )
    return Chosen(TUNED, f"{said} lie between {FEW} and {MANY:,}.")
