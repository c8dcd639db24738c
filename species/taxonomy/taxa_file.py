"""Reads a file of starting taxa (YAML): see `data/taxa/trout.yaml` for the format. Pure Python."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import yaml

from species.taxonomy import field_marks
from species.taxonomy.faults import LABEL, SENSITIVE, Facts, faults
from species.taxonomy.tree import RANKS, Tree

SPECIES_RANKS = frozenset(("species", "hybrid", "subspecies", "form"))
TEXTS = ("scientific_name", "authorship", "rank", "parent", "second_parent", "synonym_of", "label", "col_key",
         "sensitive", "description")  # fmt: skip
KEYS = frozenset((*TEXTS, "common_names", "gbif_key", "provisional", "field_marks"))


class BadTaxa(ValueError):
    """The file says something that cannot be; the text names line and entry. Nothing of it may be used."""


@dataclass(frozen=True)
class Entry:
    """One taxon of a file; parents and synonyms by scientific name."""

    id: UUID
    line: int
    scientific_name: str
    rank: str
    label: str
    parent: str = ""
    second_parent: str = ""
    synonym_of: str = ""
    authorship: str = ""
    common_names: dict[str, str] = field(default_factory=dict)
    gbif_key: int | None = None
    col_key: str = ""
    provisional: bool = False
    sensitive: str = ""
    description: str = ""
    field_marks: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class TaxaFile:
    """`entries` come parents first. `citation` says where the names were taken from."""

    source: str
    citation: str
    entries: list[Entry]


def read(path: Path, ranks: frozenset[str] = frozenset(RANKS)) -> TaxaFile:
    """Parse and check a whole file. Raises BadTaxa naming the line, OSError when it cannot be opened."""
    return parse(path.read_text(encoding="utf-8"), path.name, ranks)


def parse(text: str, name: str = "taxa", ranks: frozenset[str] = frozenset(RANKS)) -> TaxaFile:
    """As `read`, from text; `name` is what errors call it."""
    try:
        # Read once, for what it says and for the lines: most of a large file's time is spent here.
        loader = yaml.SafeLoader(text)
        root = loader.get_single_node()
        content: Any = loader.construct_document(root) if root else None
        lines = _lines(root)
    except yaml.YAMLError as error:
        raise BadTaxa(f"{name} is not YAML: {error}") from error
    if not isinstance(content, dict) or not isinstance(content.get("taxa"), list):
        raise BadTaxa(f"{name}: a mapping with `source`, `citation` and the list `taxa` is needed.")
    source, citation = content.get("source"), content.get("citation")
    if not (isinstance(source, str) and source and isinstance(citation, str) and citation):
        raise BadTaxa(f"{name}: say the `source` in one word and the `citation` of these names.")
    entries = [
        _entry(item, line, name, source, ranks) for item, line in zip(content["taxa"], lines, strict=True)
    ]
    return TaxaFile(source, citation.strip(), _parents_first(entries, name))


def _lines(root: Any) -> list[int]:
    for key, value in getattr(root, "value", []):
        if key.value == "taxa":
            return [node.start_mark.line + 1 for node in value.value]
    return []


def _entry(item: Any, line: int, file: str, source: str, ranks: frozenset[str]) -> Entry:
    def refuse(why: str) -> BadTaxa:
        called = item.get("scientific_name", "unnamed") if isinstance(item, dict) else item
        return BadTaxa(f"{file}, line {line} ({called}): {why}")

    if not isinstance(item, dict):
        raise refuse("each taxon is a mapping, starting with scientific_name.")
    unknown = item.keys() - KEYS
    if unknown:
        raise refuse(f"unknown {', '.join(sorted(map(str, unknown)))}; known: {', '.join(sorted(KEYS))}.")
    for key in TEXTS:
        if not isinstance(item.get(key, ""), str):
            raise refuse(f"{key} must be text; put it in quotes.")
    scientific, rank = item.get("scientific_name", "").strip(), item.get("rank", "")
    if not scientific:
        raise refuse("it has no scientific_name.")
    if rank not in ranks:
        raise refuse(f"no such rank: {rank!r}.")
    names = item.get("common_names", {})
    # Keys too: YAML reads an unquoted `no`, the code of Norwegian, as false.
    if not isinstance(names, dict) or not all(
        isinstance(text, str) for pair in names.items() for text in pair
    ):
        raise refuse('common_names is a mapping of language to name, e.g. {en: "brown trout"}.')
    label = item.get("label") or _label(scientific, rank, names.get("en", ""))
    if not LABEL.fullmatch(label):
        raise refuse(f"the label {label!r} is not lower-case letters, digits and underscores.")
    gbif_key = item.get("gbif_key")
    if gbif_key is not None and (type(gbif_key) is not int or gbif_key < 1):
        raise refuse("gbif_key is a whole number.")
    if not isinstance(item.get("provisional", False), bool):
        raise refuse("provisional is true or false.")
    if item.get("sensitive", "") not in SENSITIVE:
        raise refuse("sensitive is generalized or private.")
    marks = item.get("field_marks", [])
    if wrong := field_marks.fault(marks):
        raise refuse(wrong)
    if (rank == "hybrid") != bool(item.get("second_parent")) or (rank == "hybrid" and not item.get("parent")):
        raise refuse("a hybrid has a parent and a second_parent, and nothing else has two.")
    texts = {each: item.get(each, "").strip() for each in TEXTS}
    return Entry(
        # Of source and name, so that loading the file anywhere, twice, makes the same rows.
        id=uuid5(NAMESPACE_URL, f"taxon:{source}:{scientific}"),
        line=line,
        common_names=dict(names),
        field_marks=field_marks.tidied(marks),
        gbif_key=gbif_key,
        provisional=item.get("provisional", False),
        **texts | {"scientific_name": scientific, "label": label},
    )


def _label(scientific: str, rank: str, english: str) -> str:
    name = english if english and rank in SPECIES_RANKS else scientific
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _parents_first(entries: list[Entry], file: str) -> list[Entry]:
    by_name: dict[str, Entry] = {}
    labels: dict[str, Entry] = {}
    for entry in entries:
        for known, value, what in ((by_name, entry.scientific_name, "name"), (labels, entry.label, "label")):
            if value in known:
                raise BadTaxa(
                    f"{file}, line {entry.line} ({entry.scientific_name}): its {what} {value!r} is taken by "
                    f"line {known[value].line}."
                )
            known[value] = entry
    for entry in entries:
        for key in ("parent", "second_parent", "synonym_of"):
            named = getattr(entry, key)
            if named and named not in by_name:
                raise BadTaxa(
                    f"{file}, line {entry.line} ({entry.scientific_name}): "
                    f"{key} {named!r} is not in the file."
                )
            if named and by_name[named].synonym_of:
                raise BadTaxa(
                    f"{file}, line {entry.line} ({entry.scientific_name}): {key} {named!r} is itself a "
                    f"synonym; name {by_name[named].synonym_of!r}."
                )
    facts = [
        Facts(each.scientific_name, each.scientific_name, each.label, each.rank, each.parent or None,
              each.second_parent or None, each.synonym_of or None, each.common_names, each.sensitive)
        for each in entries
    ]  # fmt: skip
    for fault in faults(facts):
        raise BadTaxa(f"{file}, line {by_name[str(fault.taxon)].line} ({fault.taxon}): {fault.text}")
    tree = Tree((each.id, each.parent, each.second_parent, each.rank, each.synonym_of) for each in facts)
    accepted = [by_name[str(name)] for name in tree]
    return accepted + [entry for entry in entries if entry.synonym_of]
