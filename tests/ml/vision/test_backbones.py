"""Networks by name: weights by position, from local files, and what is put on top of them."""

import pytest
import safetensors.torch
import timm
import torch
import torchvision
from fastai.layers import AdaptiveConcatPool2d
from torch import nn

from ml.vision.architectures import ARCHITECTURES, DEFAULT
from ml.vision.backbones import BackboneRefused, Pool, blocks, by_position, find, head
from ml.vision.fine_tuning import average
from ml.vision.training_manifest import Options


def test_the_default_knows_imagenet_by_its_packaged_weights():
    backbone = find("tf_efficientnet_lite0")
    assert backbone.mean == backbone.std == (0.5, 0.5, 0.5)
    body = backbone.body()
    # The first kernels of a trained network are no noise: neighbouring weights agree.
    first = next(body.parameters()).detach()
    assert (first[..., 1:] * first[..., :-1]).mean() / (first**2).mean() > 0.2
    untrained = timm.create_model("tf_efficientnet_lite0", pretrained=False)
    noise = next(untrained.parameters()).detach()
    assert abs((noise[..., 1:] * noise[..., :-1]).mean() / (noise**2).mean()) < 0.2


def test_weights_by_position_must_have_the_same_shapes():
    ours = {"a": torch.zeros(2, 3), "b": torch.zeros(4)}
    theirs = {"x": torch.ones(2, 3), "y": torch.ones(4)}
    assert list(by_position(theirs, ours)) == ["a", "b"]
    with pytest.raises(BackboneRefused, match=r"y \(4,\) does not fit a"):
        by_position({"y": torch.ones(4), "x": torch.ones(2, 3)}, ours)
    with pytest.raises(BackboneRefused, match="1 tensors, the network 2"):
        by_position({"x": torch.ones(2, 3)}, ours)


@pytest.mark.parametrize("suffix", ["pth", "safetensors"])
def test_weights_from_a_local_file(tmp_path, suffix):
    network = torchvision.models.resnet18(weights=None)
    path = tmp_path / f"resnet18.{suffix}"
    if suffix == "pth":
        torch.save(network.state_dict(), path)
    else:
        safetensors.torch.save_file(network.state_dict(), path)
    backbone = find("resnet18", str(path))
    assert backbone.source == path.name
    body = backbone.body()
    assert torch.equal(next(body.parameters()), network.conv1.weight)
    assert body(torch.zeros(1, 3, 64, 96)).shape == (1, 512, 2, 3)
    # conv and norm, then the eight residual blocks, each whole.
    assert [type(part).__name__ for part in blocks(body)] == ["Conv2d", "BatchNorm2d"] + ["BasicBlock"] * 8


def test_what_is_not_there_is_refused_with_a_hint(tmp_path):
    with pytest.raises(BackboneRefused, match=r"Did you mean .*resnet34"):
        find("resnet_34")
    with pytest.raises(BackboneRefused, match="cannot be read"):
        find("resnet18", str(tmp_path / "none.pth")).body()
    (tmp_path / "text.pth").write_text("no weights")
    with pytest.raises(BackboneRefused, match="cannot be read"):
        find("resnet18", str(tmp_path / "text.pth")).body()
    torch.save({"epoch": 3, "state_dict": {}}, tmp_path / "checkpoint.pth")
    with pytest.raises(BackboneRefused, match="something else"):
        find("resnet18", str(tmp_path / "checkpoint.pth")).body()


def test_pooling_is_that_of_fastai():
    maps = torch.randn(2, 6, 3, 5)
    theirs = AdaptiveConcatPool2d()(maps).flatten(1)
    mean, largest = Pool(6)(maps).split(6, dim=1)
    torch.testing.assert_close(torch.cat([largest, mean], 1), theirs)
    torch.testing.assert_close(Pool(6)(maps.permute(0, 2, 3, 1)), Pool(6)(maps))
    assert Pool(6)(torch.zeros(2, 6)).shape == (2, 6)


def test_the_head_fits_its_body():
    body = nn.Conv2d(3, 8, 3)
    made = nn.Sequential(body, head(body, 5, (32, 48)))
    assert made(torch.zeros(2, 3, 32, 48)).shape == (2, 5)


def test_averaging_is_between_before_and_after():
    before = {"w": torch.zeros(2), "count": torch.tensor(1)}
    after = {"w": torch.ones(2), "count": torch.tensor(3)}
    mixed = average(before, after, 0.25)
    assert mixed["w"].tolist() == [0.25, 0.25] and mixed["count"] == 3


def test_every_network_of_the_list_is_known_and_comes_with_weights():
    for name in ARCHITECTURES:
        if name in torchvision.models.list_models(module=torchvision.models):
            assert "IMAGENET" in str(torchvision.models.get_model_weights(name).DEFAULT)
        else:
            assert timm.is_model_pretrained(name), name
    assert Options().arch == ARCHITECTURES[0] == DEFAULT


@pytest.mark.parametrize(
    "address", ["hf_hub:timm/resnet18.a1_in1k", "hf-hub:timm/x", "local-dir:/etc", "timm/resnet18"]
)
def test_an_address_is_no_network(address):
    with pytest.raises(BackboneRefused):
        find(address)
