"""From photos to a sighting: send them, say when and where it was, show it to others. Again, it goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aquavision.site import Site


@dataclass(frozen=True)
class Words:
    """What is said of what is sent: `sighting` as a PUT of it takes it, `photo` as `Site.upload_photo` does."""

    sighting: dict[str, Any] = field(default_factory=dict)
    photo: dict[str, Any] = field(default_factory=dict)
    publish: bool = True


@dataclass(frozen=True)
class Sent:
    """A sighting and ids of its photos, in the order of the files; `new`: how many the site did not have yet."""

    observation: str
    photos: list[str]
    new: int
    published: bool


def send(site: Site, paths: Sequence[Path], words: Words) -> Sent:
    """One sighting of these photos. Those that the site has stay where they are; the rest joins the first one's.

    A sighting that is published stays as it is described, and so does a draft that was made on the site's pages:
    somebody is at work on it.
    """
    observation, photos, new, ours = "", [], 0, False
    for path in paths:
        data = path.read_bytes()
        # Asked first: a photo is some megabytes, and the question is none.
        photo = site.find_photo(data)
        if photo is None:
            photo = site.upload_photo(data, name=path.name, observation=observation or None, **words.photo)
            new += not photo["notice"] or photo["id"] == site.photo_id(data)
        photos.append(photo["id"])
        observation = observation or photo["observation"]
        ours = ours or photo["id"] == site.photo_id(data)
    # The first photo may be an old one.
    state = site.get(f"observations/{observation}")["state"]
    if state == "draft" and ours:
        if words.sighting:
            site.describe(observation, **words.sighting)
        if words.publish:
            state = site.publish(observation)["state"]
    return Sent(observation, photos, new, state == "published")
