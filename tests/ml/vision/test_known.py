"""What is unlike everything that was taught lies beyond the threshold, and what cannot measure it is refused."""

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from ml.vision import known, taught
from ml.vision.known import NotKnown

RANDOM = np.random.default_rng(1)
WIDTH, CLASSES = 40, 3
MIDDLES = RANDOM.normal(0, 3, (CLASSES, WIDTH))
# Photos of one class differ along five directions, and hardly in any other.
ROADS = RANDOM.normal(0, 1, (5, WIDTH))


def photos(count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    labels = RANDOM.integers(0, CLASSES, count)
    features = (
        MIDDLES[labels] + RANDOM.normal(0, 1, (count, 5)) @ ROADS + RANDOM.normal(0, 0.1, (count, WIDTH))
    )
    return features, labels, np.array([f"group {place // 3}" for place in range(count)])


@pytest.fixture(scope="module")
def learned():
    return photos(300)


@pytest.fixture(scope="module")
def knows(learned):
    features, labels, _ = learned
    return taught.fit(features, labels, np.ones(len(labels)))


def test_what_was_taught_is_near_and_what_was_not_is_far(knows, learned):
    features, labels, groups = learned
    held_out = taught.held_out_distances(features, labels, np.ones(len(labels)), groups, seed=1)
    farthest = taught.threshold(held_out)
    assert np.mean(held_out > farthest) <= taught.REFUSED
    fresh, _, _ = photos(1000)
    assert np.mean(knows.distances(fresh) > farthest) <= 0.05
    # As long as a fish's difference from its class, but in directions in which no fish differs.
    foreign = fresh + RANDOM.normal(0, 1.5, fresh.shape)
    assert np.mean(knows.distances(foreign) > farthest) >= 0.9


def test_distance_is_the_mahalanobis_distance_of_the_shrunk_covariance(learned):
    features, labels, _ = learned
    weights = np.where(labels == 0, 0.5, 2.0)
    knows = taught.fit(features, labels, weights)
    share = weights / weights.sum()
    standard = (features - share @ features) / np.sqrt(
        share @ np.square(features - share @ features) + taught.EPSILON
    )
    means = np.stack([np.average(standard[labels == c], 0, share[labels == c]) for c in range(CLASSES)])
    apart = standard - means[labels]
    covariance = (apart * share[:, None]).T @ apart
    sphere = np.trace(covariance) / WIDTH
    shrunk = (1 - taught.SHRINK) * covariance + (taught.SHRINK * sphere + taught.EPSILON) * np.eye(WIDTH)
    away = standard[:20, None] - means
    squared = np.einsum("ncd,de,nce->nc", away, np.linalg.inv(shrunk), away).min(axis=1)
    np.testing.assert_allclose(knows.distances(features[:20]), np.sqrt(squared / WIDTH), rtol=1e-6)


def test_more_features_than_photos_give_the_same_distance_whichever_side_is_decomposed(learned):
    features, labels, _ = learned
    few = taught.fit(features[:30], labels[:30], np.ones(30))
    twice = taught.fit(np.tile(features[:30], (2, 1)), np.tile(labels[:30], 2), np.ones(60))
    np.testing.assert_allclose(few.distances(features), twice.distances(features), rtol=1e-3)


def test_an_organism_with_a_hundred_frames_counts_once(learned):
    features, labels, _ = learned
    frames = np.concatenate([features, np.repeat(features[:1], 99, axis=0)])
    shown = np.concatenate([labels, np.repeat(labels[:1], 99)])
    weights = np.ones(len(shown))
    weights[[0, *range(len(labels), len(shown))]] = 1 / 100
    once = taught.fit(features, labels, np.ones(len(labels)))
    np.testing.assert_allclose(
        taught.fit(frames, shown, weights).distances(features), once.distances(features), rtol=1e-6
    )


def test_a_photo_is_never_measured_by_its_own_group():
    """One group lies elsewhere: by itself it would be near, and set no threshold."""
    features, labels, groups = photos(90)
    features[:3] += 50
    held_out = taught.held_out_distances(features, labels, np.ones(90), groups, seed=1)
    assert held_out[:3].min() > 3 * np.median(held_out)


def test_where_nothing_is_held_out_there_is_no_threshold():
    features, labels, _ = photos(20)
    one = np.array(["one"] * 20)
    assert taught.held_out_distances(features, labels, np.ones(20), one, seed=1) is None
    assert taught.threshold(np.array([np.nan, np.nan])) is None and taught.threshold(np.array([])) is None


def test_a_class_that_the_others_do_not_show_is_not_measured():
    features, labels, groups = photos(60)
    labels[:3], labels[3:] = 2, labels[3:] % 2
    held_out = taught.held_out_distances(features, labels, np.ones(60), groups, seed=1)
    assert np.isnan(held_out[:3]).all() and np.isfinite(held_out[3:]).all()


def test_a_file_gives_the_same_distances(knows, learned, tmp_path):
    known.save(knows, tmp_path)
    np.testing.assert_allclose(
        known.load(tmp_path).distances(learned[0]), knows.distances(learned[0]), rtol=1e-3
    )


def broken(tensors: dict, name: str, value) -> dict:
    return tensors | {name: np.ascontiguousarray(value, np.float32)}


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda t: broken(t, "means", t["means"] * np.nan), "means"),
        (lambda t: broken(t, "rest", [0.0]), "rest"),
        (lambda t: broken(t, "scale", t["scale"] * -1), "scale"),
        (lambda t: broken(t, "spread", t["spread"] * np.inf), "spread"),
        (lambda t: broken(t, "axes", t["axes"][:, 1:]), "axes"),
        (lambda t: broken(t, "means", t["means"][:0]), "means"),
        (lambda t: {name: value for name, value in t.items() if name != "rest"}, "holds"),
    ],
)
def test_a_file_that_measures_nothing_is_refused(knows, tmp_path, spoil, said):
    known.save(knows, tmp_path)
    tensors = spoil(load_file(tmp_path / known.FILE))
    save_file(tensors, tmp_path / known.FILE, metadata={"version": str(known.VERSION)})
    with pytest.raises(NotKnown, match=said):
        known.load(tmp_path)


def test_another_version_half_a_file_and_none_are_refused(knows, tmp_path):
    with pytest.raises(NotKnown, match="cannot be read"):
        known.load(tmp_path)
    known.save(knows, tmp_path)
    path = tmp_path / known.FILE
    tensors, whole = load_file(path), path.read_bytes()
    save_file(tensors, path, metadata={"version": "2"})
    with pytest.raises(NotKnown, match="version 2"):
        known.load(tmp_path)
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(NotKnown, match="cannot be read"):
        known.load(tmp_path)
