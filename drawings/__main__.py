"""python -m drawings trout FOLDER --photos 700 --seed 1"""

import argparse
import os
from pathlib import Path

from drawings import SUBJECTS, draw


def main() -> None:
    parser = argparse.ArgumentParser(prog="drawings", description="Draw a collection that can be imported.")
    parser.add_argument("subject", choices=SUBJECTS)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--photos", type=int, default=700)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--size", type=_size, metavar="WIDTHxHEIGHT", help="e.g. 4000x3000; else about 1280x960"
    )
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes that draw")
    asked = parser.parse_args()
    say = lambda done, photos: print(f"\r{done} of {photos}", end="", flush=True)  # noqa: E731
    draw(asked.folder, asked.subject, asked.photos, asked.seed, say, asked.size, asked.workers)
    print()


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    return int(width), int(height)


if __name__ == "__main__":
    main()
