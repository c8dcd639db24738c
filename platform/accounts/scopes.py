"""What a grant can be on. Pure: the floors above know what the ids name."""

from uuid import UUID

ALL = "all"
KINDS = ("observation", "taxon", "dataset")
FORMS = "Write all, or observation:, taxon: or dataset: and an id."


def read(text: str) -> str:
    """A scope as it is stored and compared. Raises ValueError for what no grant could ever match."""
    text = text.strip()
    if text == ALL:
        return text
    kind, _, id = text.partition(":")
    try:
        if kind in KINDS:
            return f"{kind}:{UUID(id.strip())}"
    except ValueError:
        pass
    raise ValueError(FORMS)
