"""Upper halves learn, go on after a kill as if there had been none, and are no other run's."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from ml.vision import tuning
from ml.vision.backbones import Pool

COUNT, VIEWS = 48, 3


@pytest.fixture(scope="module")
def lessons() -> tuning.Lessons:
    """Two classes that differ in the sign of a channel; the first organism has half of all photos."""
    random = np.random.default_rng(1)
    labels = np.arange(COUNT) % 2
    kept = random.normal(0, 1, (COUNT, VIEWS, 4, 3, 3))
    kept[:, :, 0] += np.where(labels, 2.0, -2.0)[:, None, None, None]
    organisms = np.array([f"one {place % 2}" if place < 24 else f"fish {place}" for place in range(COUNT)])
    weights = np.where(np.arange(COUNT) < 24, 1 / 12, 1.0)
    return tuning.Lessons(kept.astype(np.float16), np.arange(COUNT), labels, weights, organisms, 2)


def parts() -> tuple[nn.Module, nn.Module]:
    torch.manual_seed(7)
    upper = nn.Sequential(nn.Conv2d(4, 6, 3), nn.BatchNorm2d(6), nn.ReLU(), Pool(6))
    return upper, nn.Sequential(nn.BatchNorm1d(12), nn.Dropout(0.3), nn.Linear(12, 2))


def tuned(lessons, folder, **more):
    upper, head = parts()
    options = {"seed": 1, "folder": folder, "fingerprint": "f" * 64, "epochs": 6} | more
    return nn.Sequential(*tuning.tune(upper, head, lessons, **options))


def weights(network: nn.Module) -> list[bytes]:
    return [value.numpy().tobytes() for value in network.state_dict().values()]


class Killed(BaseException):
    pass


def test_it_learns(lessons, tmp_path):
    network = tuned(lessons, tmp_path, epochs=300)
    with torch.inference_mode():
        scores = network(torch.from_numpy(lessons.kept[:, 0].astype(np.float32)))
    assert (scores.argmax(1).numpy() == lessons.labels).mean() > 0.9


def test_the_same_seed_makes_the_same_bytes_and_another_one_others(lessons, tmp_path):
    once, again = (tuned(lessons, tmp_path / name) for name in ("once", "again"))
    assert weights(once) == weights(again)
    assert weights(once) != weights(tuned(lessons, tmp_path / "other", seed=2))


@pytest.mark.parametrize("at", [1, 3, 4, 6])
def test_killed_after_any_epoch_it_goes_on_to_the_same_bytes(lessons, tmp_path, at):
    whole = tuned(lessons, tmp_path / "whole")

    def kill(epoch: int, epochs: int, loss: float) -> None:
        if epoch == at:
            raise Killed

    with pytest.raises(Killed):
        tuned(lessons, tmp_path / "killed", say=kill)
    # Whatever else drew random numbers meanwhile does not matter.
    torch.rand(100)
    said: list[int] = []
    gone_on = tuned(lessons, tmp_path / "killed", say=lambda epoch, epochs, loss: said.append(epoch))
    assert said == list(range(at + 1, 7)), "no epoch is done twice"
    assert weights(gone_on) == weights(whole)


@pytest.mark.parametrize(
    "other", [{"fingerprint": "0" * 64}, {"epochs": 8}, {"seed": 2}], ids=["photos", "epochs", "seed"]
)
def test_it_does_not_go_on_from_another_run(lessons, tmp_path, other):
    tuned(lessons, tmp_path)
    # Even under the name of this one.
    [kept] = tmp_path.iterdir()
    given = {"fingerprint": "f" * 64, "seed": 1} | other
    name = tuning.CHECKPOINT.format(fingerprint=given["fingerprint"], seed=given["seed"])
    kept.rename(tmp_path / name)
    said: list[int] = []
    tuned(lessons, tmp_path, say=lambda epoch, epochs, loss: said.append(epoch), **other)
    assert said[0] == 1


def test_half_a_checkpoint_is_none(lessons, tmp_path):
    whole = tuned(lessons, tmp_path)
    [kept] = tmp_path.iterdir()
    kept.write_bytes(kept.read_bytes()[:-100])
    assert weights(tuned(lessons, tmp_path)) == weights(whole)


def test_norms_keep_the_statistics_they_came_with(lessons, tmp_path):
    upper, _ = parts()
    network = tuned(lessons, tmp_path)
    assert torch.equal(network[0][1].running_mean, upper[1].running_mean)
    assert not torch.equal(network[0][1].weight, upper[1].weight), "their weights are tuned"


def test_organisms_count_alike_and_classes_half_balanced(lessons):
    chances = lessons.chances()
    assert chances[:24:2].sum() == pytest.approx(chances[24]), "twelve frames as one"
    many = replace(lessons, labels=np.r_[np.zeros(40, int), np.ones(8, int)])
    shown = np.bincount(many.labels, many.weights)
    drawn = np.bincount(many.labels, many.chances())
    assert drawn[0] / drawn[1] == pytest.approx((shown[0] / shown[1]) ** 0.5)


def test_the_rate_rises_and_falls():
    rates = [tuning._schedule(gone) for gone in np.linspace(0, 1, 101)]
    assert max(rates) == pytest.approx(1) and np.argmax(rates) == 25
    assert rates[0] < 0.05 and rates[-1] < 1e-6
