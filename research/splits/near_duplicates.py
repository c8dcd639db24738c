"""Pairs of photos that look nearly the same, found among a hundred thousand in seconds. Pure numpy.

Perceptual hashes are 64 bits long; how many may differ is said where they are made.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from species.images.perceptual import NEAR

_BLOCK = 1 << 22  # comparisons held in memory at once


def near_pairs(
    hashes: NDArray[np.uint64], distance: int = NEAR
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Index pairs (i, j), i < j, of 64-bit hashes at most ``distance`` bits apart; some come repeatedly.

    Cut into distance + 1 bands, two such hashes have at least one band in common: only those are compared.
    """
    edges = [round(64 * band / (distance + 1)) for band in range(distance + 2)]
    for low, high in zip(edges, edges[1:], strict=False):
        band = (hashes >> np.uint64(low)) & np.uint64((1 << (high - low)) - 1)
        order = np.argsort(band, kind="stable")
        ends = [*(np.flatnonzero(np.diff(band[order])) + 1).tolist(), len(order)]
        for start, stop in zip([0, *ends], ends, strict=False):
            if stop - start < 2:
                continue
            bucket = order[start:stop]
            step = max(1, _BLOCK // len(bucket))
            for first in range(0, len(bucket), step):
                rows, columns = bucket[first : first + step], bucket[first:]
                apart = np.bitwise_count(hashes[rows][:, None] ^ hashes[columns][None, :])
                i, j = np.nonzero(np.triu(apart <= distance, 1))
                if len(i):
                    yield rows[i], columns[j]
