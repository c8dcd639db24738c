"""A dataset as reference lists name it."""

from __future__ import annotations

# What a bare one begins there is a comment.
PERCENT = "\\%"


def citation(*, author: str, year: int, title: str, version: int, digest: str, query: str = "") -> str:
    """The dataset as a reference list names it; the same words on its page and in every export.

    `query`: what was asked for, as in addresses; empty: everything.
    """
    return (
        f"{author} and the photographers it credits ({year}). {title}, version {version} [data set]. "
        f"{_query(query)}sha256 {digest}."
    )


def _query(query: str) -> str:
    return f"Query {query}, " if query else ""


def bibtex(
    *, author: str, year: int, title: str, version: int, digest: str, url: str, query: str = ""
) -> str:
    """The same for BibTeX, with every brace and backslash that could end the entry taken out."""
    author, title, query = (text.translate({ord(c): None for c in "{}\\"}) for text in (author, title, query))
    asked = _query(query).replace("%", PERCENT)
    return (
        f"@misc{{dataset-{digest[:12]},\n"
        f"  author = {{{{{author} and the photographers it credits}}}},\n"
        f"  title = {{{title}, version {version}}},\n"
        f"  year = {{{year}}},\n"
        f"  howpublished = {{\\url{{{url}}}}},\n"
        f"  note = {{Data set, {asked}sha256 {digest}}}\n"
        "}"
    )
