"""RO-Crate 1.2: what it says must hold of the files beside it, and linked data must lead nowhere but to them."""

import hashlib
import json
import re
from collections.abc import Callable, Iterator

import pytest
import rdflib

from research.exports import ro_crate
from tests.research.exports.conftest import Files

NAME = ro_crate.NAME
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
NEEDED = ("name", "description", "datePublished", "license", "author", "publisher", "identifier", "usageInfo")
AGENTS = {"author": "Person", "publisher": "Organization"}
Said = dict[str, dict]


def said(files: Files) -> Said:
    return {each["@id"]: each for each in json.loads(files[NAME])["@graph"]}


def references(value: object) -> Iterator[str]:
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict):
            yield each.get("@id", "")


def faults(files: Files) -> Iterator[str]:
    """What RO-Crate 1.2 asks of an attached crate, and that it is true of its files."""
    try:
        whole = json.loads(files[NAME])
        entities = whole["@graph"]
        known = {each["@id"]: each for each in entities}
    except (KeyError, ValueError, TypeError):
        yield "no crate"
        return
    if whole.get("@context", [""])[0] != f"{ro_crate.PROFILE}/context":
        yield "another context"
    if len(known) != len(entities):
        yield "an id stands twice"
    about, root = known.get(NAME, {}), known.get("./", {})
    if about.get("about") != {"@id": "./"} or about.get("conformsTo") != {"@id": ro_crate.PROFILE}:
        yield "not described as a crate"
    if root.get("@type") != "Dataset" or not all(root.get(term) for term in NEEDED):
        yield "a root that says too little"
    if not DAY.fullmatch(root.get("datePublished", "")):
        yield "no day"
    for term, kind in AGENTS.items():
        for id in references(root.get(term)):
            if known.get(id, {}).get("@type") != kind or not known[id].get("name"):
                yield f"no {term}"
    for each in entities:
        if not each.get("@type") or not (each.get("name") or each["@id"] == NAME):
            yield f"{each['@id']} says not what it is"
        for term, value in each.items():
            for id in references(value):
                if id not in known and not (term == "conformsTo" and id == ro_crate.PROFILE):
                    yield f"{term} leads to {id}, which is nothing"
                if isinstance(value, dict) and set(value) != {"@id"}:
                    yield f"{term} is nested"
        for id in references(each.get("license", [])):
            if not id.startswith("https://"):
                yield "a licence without an address"
    yield from wrong_with_files(files, known)


def wrong_with_files(files: Files, known: Said) -> Iterator[str]:
    parts = {id for each in known.values() for id in references(each.get("hasPart", []))}
    described = {id for id, each in known.items() if "File" in each["@type"]}
    if described != set(files) - {NAME}:
        yield "other files than there are"
    if not described <= parts:
        yield "a file that is no part"
    for id in described & set(files):
        if known[id].get("sha256") != hashlib.sha256(files[id]).hexdigest():
            yield f"{id} is another file"
        if known[id].get("contentSize") != str(len(files[id])):
            yield f"{id} has another size"
        if not known[id].get("encodingFormat"):
            yield f"{id} has no form"
        if id.startswith("images/") and not (known[id].get("license") and known[id].get("creditText")):
            yield f"{id} may be used by nobody knows whom"


@pytest.fixture
def files(from_golden, written):
    return written(from_golden, "rocrate")


def edited(edit: Callable[[Said], object]) -> Callable[[Files], Files]:
    def change(files: Files) -> Files:
        whole = json.loads(files[NAME])
        edit({each["@id"]: each for each in whole["@graph"]})
        return files | {NAME: json.dumps(whole).encode()}

    return change


def first_photo(known: Said) -> dict:
    return next(each for id, each in known.items() if id.endswith(".jpg"))


BREAKS: dict[str, Callable[[Files], Files]] = {
    "half a file": lambda files: files | {NAME: files[NAME][:-5]},
    "another version": lambda files: files | {NAME: files[NAME].replace(b"crate/1.2", b"crate/1.1")},
    "no descriptor": edited(lambda known: known[NAME].pop("about")),
    "no licence": edited(lambda known: known["./"].pop("license")),
    "a licence in words": edited(lambda known: known["./"].update(license=[{"@id": "#author"}])),
    "no day": edited(lambda known: known["./"].update(datePublished="last spring")),
    "nobody made it": edited(lambda known: known["#author"].update(name="")),
    "an author of another kind": edited(lambda known: known["#author"].update({"@type": "Place"})),
    "nobody said what it is for": edited(lambda known: known["./"].pop("usageInfo")),
    "an id stands twice": lambda files: (
        files | {NAME: files[NAME].replace(b'"@id": "#hash", "@type"', b'"@id": "#author", "@type"')}
    ),
    "a reference to nothing": edited(lambda known: known["./"].update(publisher={"@id": "#nobody"})),
    "nested": edited(lambda known: known["./"].update(author={"@id": "#author", "name": "Rosa"})),
    "a file that is not there": lambda files: {n: data for n, data in files.items() if n != "photos.csv"},
    "a file of which nothing is said": lambda files: files | {"more.csv": b""},
    "a file that is no part": edited(lambda known: known["./"]["hasPart"].pop(0)),
    "another file": lambda files: files | {"photos.csv": files["photos.csv"] + b"\r\n"},
    "another photo": edited(lambda known: first_photo(known).update(sha256="0" * 64)),
    "a photo of nobody": edited(lambda known: first_photo(known).update(creditText="")),
    "a photo without a licence": edited(lambda known: first_photo(known).pop("license")),
    "a file without a form": edited(lambda known: known["photos.csv"].pop("encodingFormat")),
}


def test_nothing_is_wrong_with_it(files):
    assert list(faults(files)) == []
    assert sum(name.endswith(".jpg") for name in files) > 10


@pytest.mark.parametrize("name", BREAKS)
def test_what_is_broken_is_refused(name, files):
    assert list(faults(BREAKS[name](files))) != []


def test_what_it_says_is_what_the_manifest_says(files, from_golden):
    known = said(files)
    about, root = from_golden["dataset"], known["./"]
    assert known["#hash"]["value"] == about["content_hash"] and root["datePublished"] == about["date"]
    assert known["#author"]["name"] == about["author"] and root["creditText"] == about["citation"]
    for each in from_golden["photos"]:
        photo = known[each["file"]]
        assert (
            photo["creditText"] == each["credit"]
            and known[photo["license"]["@id"]]["name"] == each["licence"]
        )
    places = [each["place"] for each in from_golden["observations"] if each["place"]]
    south, west, north, east = map(float, known["#box"]["box"].split())
    assert all(south <= each["latitude"] <= north and west <= each["longitude"] <= east for each in places)


def test_without_pictures_it_tells_of_none(from_golden, written):
    files = written(from_golden, "rocrate", pictures=False)
    assert list(faults(files)) == [] and not any(id.startswith("images/") for id in said(files))


def test_a_program_for_linked_data_reads_it(files):
    """With the terms of schema.org alone: its own context would have to be fetched."""
    whole = json.loads(files[NAME]) | {
        "@context": {"@vocab": "https://schema.org/", "@base": "https://a.example/"}
    }
    read = rdflib.Graph().parse(data=json.dumps(whole), format="json-ld")
    schema = rdflib.Namespace("https://schema.org/")
    root = rdflib.URIRef("https://a.example/")
    assert read.value(root, schema.name)
    parts = set(read.objects(root, schema.hasPart))
    assert rdflib.URIRef("https://a.example/photos.csv") in parts
    assert read.value(next(read.subjects(rdflib.RDF.type, schema.ImageObject)), schema.license)
