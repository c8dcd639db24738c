"""The tree, photos and sightings, as staff look after them."""

from species.admin import observations, occurrences, photos, places, taxa

__all__ = ["observations", "occurrences", "photos", "places", "taxa"]
