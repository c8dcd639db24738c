"""Whoever sends photos without end is told to stop, and what lies on the disk then is what the settings say."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.chaos.doors import Doors
from tests.chaos.furnished import furnish
from tests.end_to_end.site import Site
from tests.universe import photo_bytes

pytestmark = pytest.mark.long

MB = 1024 * 1024


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def heavy(seed: object, size: int) -> bytes:
    """A photo with a film behind it, as phones make them: `size` bytes in all, and no two alike."""
    photo = photo_bytes(seed, size=(800, 600))
    return photo + bytes(size - len(photo))


@pytest.mark.timeout(1800)
def test_posts_without_end_end_in_429_within_the_bound(tmp_path, full, record, migrated):
    posts, size, bound = (1000, 24 * MB, 512 * MB) if full else (14, MB, 5 * MB)
    site = Site(tmp_path, like=migrated, HOLD_BYTES_PER_ADDRESS=str(bound), UPLOAD_BYTES_PER_DAY=str(bound))
    try:
        site.start()
        furnish(site)
        doors = Doors(site.url, "alice@example.org")
        started, taken = time.monotonic(), {}
        for name in ("home", *Doors.KEEPING):
            codes = []
            with ThreadPoolExecutor(4) as several:
                # Each door has its share of the posts; those that keep photos share one person's day.
                share = posts if name == "home" else posts // 3
                sent = [
                    several.submit(doors.by_name[name], heavy(f"{name} {n}", size))
                    for n in range(min(share, 8))
                ]
                codes += [each.result().status_code for each in sent]
            data = heavy(f"{name} again", size)
            while len(codes) < share:
                answer = doors.by_name[name](data)
                codes.append(answer.status_code)
                if answer.status_code == 429:
                    assert int(answer.headers["Retry-After"]) > 0
                    data = heavy(f"{name} {len(codes)}", size)
            taken[name] = sum(code < 400 for code in codes)
            assert set(codes) <= {200, 201, 302, 429, 503}, codes
            if name in ("home", Doors.KEEPING[-1]):
                assert codes[-1] == 429, codes
        assert taken["home"] * size <= bound and size_of(site.var / "files" / "held") <= bound
        originals = [path for path in (site.var / "files" / "originals").rglob("*") if path.is_file()]
        kept = sum(path.stat().st_size for path in originals)
        assert kept <= bound + 3 * MB, "the furniture's photos"
        assert not list((site.var / "uploads").iterdir())
        # Somebody else is taken in all the same.
        bob = Doors(site.url, "bob@example.org")
        assert bob.by_name["API"](photo_bytes("of bob")).status_code == 201
        assert requests.get(site.url + "/ping", timeout=10).status_code == 200
    finally:
        site.close()
    record("posts without end", posts=2 * posts, mb_each=size // MB, bound_mb=bound // MB, held=taken["home"],
           kept_mb=kept // MB, seconds=f"{time.monotonic() - started:.0f}")  # fmt: skip
