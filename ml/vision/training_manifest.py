"""The file that carries a frozen dataset to the training program: read, checked, refused with a reason.

    {"dataset_hash": "9f…", "classes": ["brown_trout", …], "taxa": {"brown_trout": "3c…", …},
     "photos": [{"id", "path", "sha256", "occurrence", "group", "label", "split", "weight"?, "fold"?, "drawn"?}, …],
     "options": {"arch": "tf_efficientnet_lite0", "size": [224, 224], …},
     "left_out"?: {"why": photos, …}, "classes_left_out"?: ["nase", …]}

A `path` that is not absolute is looked up beside the manifest. A `group` is what must stay on one side of a
split; an `occurrence` is one organism on one or more photos. `left_out` and `classes_left_out` say what did not get
this far; a class without a training photo joins them here.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from ml.vision import recipes

SPLITS = ("train", "validation", "test")
RESIZES = ("squash", "pad")
HEADS = ("logistic", "random")
EPOCHS = {"epochs_frozen", "epochs_unfrozen"}
SHA256 = re.compile(r"[0-9a-f]{64}")


class ManifestRefused(Exception):
    """The manifest cannot be trained on; `str()` says which photo or option, and what is wrong with it."""


@dataclass(frozen=True)
class Options:
    """How to train. Defaults are for two CPU cores and a few hundred to a few thousand photos."""

    arch: str = "tf_efficientnet_lite0"  # or any name that torchvision or timm knows
    weights: str | None = None  # a local .safetensors or .pth of the whole network; None: the usual ones
    size: tuple[int, int] = (224, 224)  # height, width in pixels
    resize: str = "squash"  # or "pad": a long photo is never cropped
    recipe: str = recipes.AUTO  # by how much there is to learn from, or one of `ml.vision.recipes` by name
    seeds: int = 3  # how many upper halves are tuned and answer together, by that recipe
    epochs_tuned: int = 20  # of each
    head: str = "logistic"  # or "random": what the head is before the first epoch
    epochs_frozen: int = 0  # epochs of the head alone, after the logistic fit
    epochs_unfrozen: int = 3  # an epoch draws each organism at most four times, in the mean
    depth: float = 0.5  # share of the body's parameter-bearing blocks that is unfrozen, from the top; 1 = all
    lr: float = 3e-4  # top learning rate of the head
    body_lr: float = 1e-4  # top learning rate of what is unfrozen of the body
    keep: float = (
        0.5  # weight of the fine-tuned network when averaged with the one it started from; 1 = alone
    )
    flip: bool = True  # answers are the mean over the photo and its mirror image
    batch_size: int = 32
    seed: int = 1
    kfold: int | None = None  # measure by k folds instead of making a model
    bootstrap: int = 1000  # resamplings of groups behind every interval
    device: str | None = None  # None: cuda where there is one, else cpu
    cache: str | None = None  # folder of the pixel cache; None: beside the output


@dataclass(frozen=True)
class Photo:
    """One training photo. `weight` None means one over the number of the occurrence's photos in training."""

    id: str
    path: Path
    sha256: str
    occurrence: str
    group: str
    label: str
    split: str
    weight: float | None = None
    fold: int | None = None
    drawn: bool = False  # no camera took it


@dataclass(frozen=True)
class Manifest:
    """A frozen dataset as the training program sees it."""

    dataset_hash: str
    classes: tuple[str, ...]
    photos: tuple[Photo, ...]
    options: Options = field(default_factory=Options)
    left_out: dict[str, int] = field(default_factory=dict)  # photos, by why
    classes_left_out: tuple[str, ...] = ()
    taxa: dict[str, str] = field(default_factory=dict)  # class to the id of its taxon, for the card

    def of(self, split: str) -> list[int]:
        """Positions in `photos` of one split's photos."""
        return [index for index, photo in enumerate(self.photos) if photo.split == split]


def read(path: Path | str) -> Manifest:
    """The manifest in a file. Raises ManifestRefused; a missing original shows later, in the pixel cache."""
    path = Path(path)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ManifestRefused(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise ManifestRefused(f"{path} is not JSON: {error}.") from error
    return parse(data, path.parent)


def parse(data: Any, folder: Path) -> Manifest:
    """The manifest in decoded JSON, its relative paths taken from `folder`. Raises ManifestRefused."""
    if not isinstance(data, dict):
        raise ManifestRefused("The manifest is not a JSON object.")
    for key, kind in (("dataset_hash", str), ("classes", list), ("photos", list)):
        if not isinstance(data.get(key), kind):
            raise ManifestRefused(f"`{key}` is missing or of the wrong kind.")
    classes = tuple(data["classes"])
    if not all(isinstance(label, str) and label for label in classes):
        raise ManifestRefused("`classes` holds something that is not a label.")
    if len(set(classes)) != len(classes):
        raise ManifestRefused("`classes` names a class twice.")
    if len(classes) < 2:
        raise ManifestRefused("Telling apart takes at least two classes.")
    taxa = data.get("taxa") or {}
    if not isinstance(taxa, dict) or not all(label in classes and _is_text(id) for label, id in taxa.items()):
        raise ManifestRefused("`taxa` is no table of classes to ids.")
    options = _options(data.get("options") or {})
    photos = tuple(_photo(row, place, folder, classes) for place, row in enumerate(data["photos"]))
    left_out, gone = data.get("left_out", {}), data.get("classes_left_out", [])
    if not isinstance(left_out, dict) or not all(map(_number(int, 0, 10**9), left_out.values())):
        raise ManifestRefused("`left_out` is not a number of photos for each reason.")
    if not isinstance(gone, list) or not all(map(_is_text, gone)):
        raise ManifestRefused("`classes_left_out` holds something that is not a label.")
    manifest = Manifest(data["dataset_hash"], classes, photos, options, dict(left_out), tuple(gone), taxa)
    _check(manifest)
    return manifest if options.kfold else _learnable(manifest)


def _learnable(manifest: Manifest) -> Manifest:
    """Without the classes that no training photo shows: a model can only be wrong about them."""
    shown = {photo.label for photo in manifest.photos if photo.split == "train"}
    unshown = [label for label in manifest.classes if label not in shown]
    if not unshown:
        return manifest
    photos = tuple(photo for photo in manifest.photos if photo.label in shown)
    return replace(
        manifest,
        classes=tuple(label for label in manifest.classes if label in shown),
        photos=photos,
        left_out=manifest.left_out | {"no_training_photo": len(manifest.photos) - len(photos)},
        classes_left_out=tuple(sorted({*manifest.classes_left_out, *unshown})),
    )


def _number(kind: type, low: float, high: float) -> Callable[[Any], bool]:
    def fits(value: Any) -> bool:
        allowed = (int, float) if kind is float else (int,)
        return isinstance(value, allowed) and not isinstance(value, bool) and low <= value <= high

    return fits


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


RULES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "arch": (_is_text, "the name of an architecture"),
    "weights": (lambda value: value is None or _is_text(value), "a path"),
    "size": (
        lambda value: (
            isinstance(value, (list, tuple)) and len(value) == 2 and all(map(_number(int, 32, 1008), value))
        ),
        "[height, width] between 32 and 1008 pixels",
    ),
    "resize": (lambda value: value in RESIZES, f"one of {', '.join(RESIZES)}"),
    "recipe": (lambda value: value in recipes.RECIPES, f"one of {', '.join(recipes.RECIPES)}"),
    "seeds": (_number(int, 1, 10), "a whole number from 1 to 10"),
    "epochs_tuned": (_number(int, 1, 1000), "a whole number of at least 1"),
    "head": (lambda value: value in HEADS, f"one of {', '.join(HEADS)}"),
    "epochs_frozen": (_number(int, 0, 1000), "a whole number"),
    "epochs_unfrozen": (_number(int, 0, 1000), "a whole number"),
    "depth": (_number(float, 0, 1), "between 0 and 1"),
    "lr": (_number(float, 1e-8, 10), "a learning rate"),
    "body_lr": (_number(float, 1e-8, 10), "a learning rate"),
    "keep": (_number(float, 0, 1), "between 0 and 1"),
    "flip": (lambda value: isinstance(value, bool), "true or false"),
    "batch_size": (_number(int, 2, 4096), "a whole number of at least 2"),
    "seed": (_number(int, 0, 2**31), "a whole number"),
    "kfold": (
        lambda value: value is None or _number(int, 2, 100)(value),
        "a number of folds of at least 2",
    ),
    "bootstrap": (_number(int, 10, 100_000), "a whole number of at least 10"),
    "device": (lambda value: value is None or _is_text(value), "cpu or cuda"),
    "cache": (lambda value: value is None or _is_text(value), "a path"),
}


def _options(data: Any) -> Options:
    if not isinstance(data, dict):
        raise ManifestRefused("`options` is not a JSON object.")
    known = {option.name for option in fields(Options)}
    if unknown := sorted(set(data) - known):
        raise ManifestRefused(f"Unknown option: {', '.join(unknown)}. Known: {', '.join(sorted(known))}.")
    for name, value in data.items():
        fits, wanted = RULES[name]
        if not fits(value):
            raise ManifestRefused(f"Option `{name}` is {value!r}, but must be {wanted}.")
    values = dict(data)
    if "recipe" not in values and EPOCHS & values.keys():
        # Who says how many epochs says by which recipe: the only one that has these.
        values["recipe"] = recipes.ONE_CYCLE
    if "size" in values:
        values["size"] = tuple(values["size"])
    return Options(**values)


def _photo(row: Any, place: int, folder: Path, classes: tuple[str, ...]) -> Photo:
    name = f"Photo {row['id']}" if isinstance(row, dict) and row.get("id") else f"Photo number {place + 1}"
    if not isinstance(row, dict):
        raise ManifestRefused(f"{name} is not a JSON object.")
    for key in ("id", "path", "sha256", "occurrence", "group", "label", "split"):
        if not isinstance(row.get(key), str) or not row[key]:
            raise ManifestRefused(f"{name} has no `{key}`.")
    if not SHA256.fullmatch(row["sha256"]):
        raise ManifestRefused(f"{name}: `sha256` is not 64 lower-case hex digits.")
    if row["label"] not in classes:
        raise ManifestRefused(f"{name} is labelled {row['label']!r}, which is not in `classes`.")
    if row["split"] not in SPLITS:
        raise ManifestRefused(f"{name}: `split` is {row['split']!r}, but must be one of {', '.join(SPLITS)}.")
    weight, fold = row.get("weight"), row.get("fold")
    if weight is not None and not (_number(float, 0, 1e9)(weight) and weight > 0):
        raise ManifestRefused(f"{name}: `weight` is {weight!r}, but must be a number above 0.")
    if fold is not None and not _number(int, 0, 1000)(fold):
        raise ManifestRefused(f"{name}: `fold` is {fold!r}, but must be a whole number.")
    # Joining an absolute path yields that path itself.
    path = folder / row["path"]
    return Photo(
        id=row["id"],
        path=path,
        sha256=row["sha256"],
        occurrence=row["occurrence"],
        group=row["group"],
        label=row["label"],
        split=row["split"],
        weight=None if weight is None else float(weight),
        fold=fold,
        drawn=row.get("drawn") is True,
    )


def _check(manifest: Manifest) -> None:
    photos = manifest.photos
    if not photos:
        raise ManifestRefused("There are no photos.")
    twice = [name for name, count in Counter(photo.id for photo in photos).items() if count > 1]
    if twice:
        raise ManifestRefused(f"Photo {twice[0]} is listed twice.")
    _one_each(
        photos, "occurrence", (photo.occurrence for photo in photos), lambda photo: photo.group, "group"
    )
    if manifest.options.kfold is None:
        if len({photo.label for photo in photos if photo.split == "train"}) < 2:
            raise ManifestRefused("The training photos show fewer than two classes.")
        side: Callable[[Photo], object] = lambda photo: photo.split  # noqa: E731
        word = "split"
    else:
        folds = {photo.fold for photo in photos}
        if None in folds and len(folds) > 1:
            raise ManifestRefused("Some photos have a `fold` and some have none.")
        if None not in folds and len(folds) != manifest.options.kfold:
            raise ManifestRefused(
                f"`kfold` is {manifest.options.kfold}, but the photos name {len(folds)} folds."
            )
        side, word = (lambda photo: photo.fold), "fold"
    # A group, or the same file, on two sides is a leak: every figure measured over it would be too good.
    _one_each(photos, "group", (photo.group for photo in photos), side, word)
    _one_each(photos, "file with sha256", (photo.sha256 for photo in photos), side, word)


def _one_each(
    photos: Iterable[Photo],
    what: str,
    keys: Iterable[str],
    side: Callable[[Photo], object],
    word: str,
) -> None:
    seen: dict[str, set[object]] = defaultdict(set)
    for photo, key in zip(photos, keys, strict=True):
        seen[key].add(side(photo))
    for key, sides in seen.items():
        if len(sides) > 1:
            named = ", ".join(sorted(map(str, sides)))
            raise ManifestRefused(f"The {what} {key} is in more than one {word}: {named}.")
