"""A body in two halves is the same body, and several upper halves on one lower half answer as their mean."""

import pytest
import timm
import torch
import torchvision
from fastai.vision.learner import TimmBody
from torch import nn

from ml.vision.backbones import Pool, blocks, find
from ml.vision.halves import Served, halves

SIZE = (64, 96)


@pytest.mark.parametrize("depth", [0.0, 0.35, 0.5, 1.0])
def test_both_halves_together_are_the_body(depth):
    body = find("tf_efficientnet_lite0").body().eval()
    lower, upper = halves(body, depth, SIZE)
    photos = torch.randn(2, 3, *SIZE)
    with torch.inference_mode():
        torch.testing.assert_close(upper(lower(photos)), body(photos))
    weighty = [part for part in upper if any(True for _ in part.parameters())]
    parts = blocks(body)
    assert len(weighty) == len(parts) - round(len(parts) * (1 - depth)), "the very parts that are unfrozen"
    assert all(one is other for one, other in zip(weighty, parts[len(parts) - len(weighty) :], strict=True))


def test_it_is_cut_where_only_the_last_stages_are_tuned():
    lower, _ = halves(find("tf_efficientnet_lite0").body().eval(), 0.35, (224, 224))
    with torch.inference_mode():
        assert lower(torch.zeros(1, 3, 224, 224)).shape == (1, 112, 14, 14)


def test_what_holds_no_weights_stays_in_its_place():
    """Between the parts of a ResNet stand activations and a pooling."""
    children = list(torchvision.models.resnet18(weights=None).children())[:-2]
    body = nn.Sequential(*children).eval()
    lower, upper = halves(body, 0.5, SIZE)
    assert any(isinstance(part, nn.MaxPool2d) for part in lower) and len(upper)


def test_more_than_a_chain_is_not_cut():
    """A transformer adds a token and positions between its parts: run one after the other they give something else."""
    network = timm.create_model("vit_tiny_patch16_224", pretrained=False, img_size=64)
    network.reset_classifier(0)
    assert halves(TimmBody(network, pretrained=False), 0.5, (64, 64)) is None


class TestServed:
    def model(self, count: int = 3, deep: bool = False, mirrored: bool = True) -> Served:
        torch.manual_seed(1)
        lower = nn.Conv2d(3, 4, 3)
        uppers = [nn.Sequential(nn.Conv2d(4, 5, 3), Pool(5)) for _ in range(count)]
        return Served(
            lower, uppers, [nn.Linear(10, 2) for _ in range(count)], deep=deep, mirrored=mirrored
        ).eval()

    def test_it_answers_alike_for_the_mirror_image(self):
        model, photos = self.model(), torch.randn(3, 3, 8, 10)
        for one, other in zip(model(photos), model(photos.flip(3)), strict=True):
            torch.testing.assert_close(one, other)

    def test_scores_are_the_mean_of_all_upper_halves_and_both_images(self):
        model, photos = self.model(), torch.randn(3, 3, 8, 10)
        scores, _ = model(photos)
        each = [
            head(upper(model.lower(image)))
            for image in (photos, photos.flip(3))
            for upper, head in zip(model.uppers, model.heads, strict=True)
        ]
        torch.testing.assert_close(scores, torch.stack(each).mean(0))

    def test_features_are_those_that_were_not_tuned(self):
        photos = torch.randn(3, 3, 8, 10)
        shallow, deep = self.model(mirrored=False), self.model(1, deep=True, mirrored=False)
        torch.testing.assert_close(shallow(photos)[1], Pool(4)(shallow.lower(photos)))
        torch.testing.assert_close(deep(photos)[1], deep.uppers[0](deep.lower(photos)))
