"""What it costs to take in a phone's photo: every rendition, upright and without metadata, hash and EXIF.

    python benchmarks/ingest.py [--photos 6] [--runs 5] [--no-record]

The product's way (its decoding child, as shipped) beside a Pillow loop that opens and decodes the file once for
each rendition, and beside libvips. One photo at a time, one core each, the same photos in turn in the same run.
The table goes to standard output and into `benchmarks/RESULTS.md`, between its marks.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

# One core for each of the three.
os.environ |= {"VIPS_CONCURRENCY": "1", "OMP_NUM_THREADS": "1"}

import pyvips
from PIL import Image, ImageOps
from workload import load, median, photos, record, sizes

from species.images import exif
from species.images.decode import QUALITY, SIZES
from species.images.decoder import Decoder
from species.images.perceptual import phash

GOAL = 3.0


def product(decoder: Decoder, data: bytes) -> dict[int, bytes]:
    return decoder.prepare(data).renditions


def pillow(data: bytes) -> dict[int, bytes]:
    """As one writes it at first."""
    renditions = {}
    for size in SIZES:
        image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
        image.thumbnail((size, size), Image.Resampling.LANCZOS)
        out = io.BytesIO()
        image.convert("RGB").save(out, "JPEG", quality=QUALITY, optimize=True, exif=b"")
        renditions[size] = out.getvalue()
        if size == min(SIZES):
            phash(image)
    exif.read(Image.open(io.BytesIO(data)).info.get("exif"))
    return renditions


def libvips(data: bytes) -> dict[int, bytes]:
    """Shrinks while it loads and turns upright by itself; hash and EXIF are read as the product reads them."""
    renditions = {}
    for size in SIZES:
        image = pyvips.Image.thumbnail_buffer(data, size, height=size, size="down")
        renditions[size] = image.jpegsave_buffer(Q=QUALITY, optimize_coding=True, keep="none")
    phash(Image.open(io.BytesIO(renditions[min(SIZES)])))
    exif.read(Image.open(io.BytesIO(data)).info.get("exif"))
    return renditions


def same(ways: dict[str, Callable[[bytes], dict[int, bytes]]], data: bytes) -> None:
    """Each way makes upright pictures of the same sizes that say nothing of camera or place."""
    shapes = set()
    for way in ways.values():
        pictures = [Image.open(io.BytesIO(each)) for each in way(data).values()]
        assert not any("exif" in picture.info for picture in pictures)
        shapes.add(tuple(picture.size for picture in sorted(pictures, key=lambda picture: picture.width)))
    assert len(shapes) == 1, shapes


def seconds(way: Callable[[bytes], object], data: list[bytes]) -> float:
    """Per photo."""
    started = time.perf_counter()
    for each in data:
        way(each)
    return (time.perf_counter() - started) / len(data)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photos", type=int, default=6)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--no-record", action="store_true", help="leave RESULTS.md alone")
    asked = parser.parse_args()
    data = photos(asked.photos)
    decoder = Decoder()
    ways = {"product": lambda each: product(decoder, each), "Pillow": pillow, "libvips": libvips}
    for each in data:
        same(ways, each)
    times: dict[str, list[float]] = {name: [] for name in ways}
    before = load()
    for run in range(asked.runs):
        for name, way in ways.items():
            times[name].append(seconds(way, data))
            print(f"run {run + 1}: {name} {times[name][-1] * 1000:.0f} ms, load {load()}", file=sys.stderr)
    decoder.close()
    ratio = {
        name: median([theirs / ours for ours, theirs in zip(times["product"], times[name], strict=True)])
        for name in ways
    }
    version = ".".join(str(pyvips.version(part)) for part in range(3))
    rows = {
        "product": f"the product: `Decoder.prepare`, {', '.join(map(str, sorted(SIZES)))} px, hash, EXIF",
        "Pillow": "Pillow, opened and fully decoded once for each rendition",
        "libvips": f"libvips {version}, which shrinks while loading, once for each rendition",
    }
    lines = [
        f"Measured {datetime.now(UTC).date().isoformat()} on {os.cpu_count()} CPU cores, one of them used at a time; "
        f"load {before} before, {load()} after. {sizes(data)}, every second one turned; "
        f"median of {asked.runs} paired runs.",
        "",
        "| way | ms per photo | time against the product's |",
        "|---|---|---|",
        *[f"| {rows[name]} | {median(times[name]) * 1000:.0f} | {ratio[name]:.2f} × |" for name in ways],
        "",
        f"- {'holds' if ratio['Pillow'] >= GOAL else 'FAILS'}: {ratio['Pillow']:.1f} times as fast as the Pillow "
        f"loop, at least {GOAL:g}.",
    ]
    print("\n".join(lines))
    if not asked.no_record:
        record("ingest", "\n".join(lines))
    return 0 if ratio["Pillow"] >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
