"""Where every choice comes from: a stream of numbers per thing that is drawn, and none shared."""

from __future__ import annotations

from hashlib import sha256

import numpy as np


def stream(*keys: str | int) -> np.random.Generator:
    """The random numbers of the thing called `keys`: the same ones whatever else is drawn, before or after."""
    digest = sha256("/".join(map(str, keys)).encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))
