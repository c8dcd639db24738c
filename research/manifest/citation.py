"""A dataset as reference lists name it."""

from __future__ import annotations


def citation(*, author: str, year: int, title: str, version: int, digest: str) -> str:
    """The dataset as a reference list names it; the same words on its page and in every export."""
    return (
        f"{author} and the photographers it credits ({year}). {title}, version {version} [data set]. "
        f"sha256 {digest}."
    )


def bibtex(*, author: str, year: int, title: str, version: int, digest: str, url: str) -> str:
    """The same for BibTeX, with every brace and backslash that could end the entry taken out."""
    author, title = (text.translate({ord(c): None for c in "{}\\"}) for text in (author, title))
    return (
        f"@misc{{dataset-{digest[:12]},\n"
        f"  author = {{{{{author} and the photographers it credits}}}},\n"
        f"  title = {{{title}, version {version}}},\n"
        f"  year = {{{year}}},\n"
        f"  howpublished = {{\\url{{{url}}}}},\n"
        f"  note = {{Data set, sha256 {digest}}}\n"
        "}"
    )
