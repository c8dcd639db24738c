"""Forms that a collection may have; docs/importing.md describes them. Nothing is decoded, fetched or written here."""

from __future__ import annotations

from pathlib import Path

from labeling.imports.collection import Collection, Unreadable, of_rows
from labeling.imports.readers import camtrap, coco, dwca, gbif, imagefolder, inaturalist, yolo
from labeling.imports.readers.class_folders import classes
from labeling.imports.readers.table import TABLE, of_table
from labeling.imports.readers.url_list import LISTS, is_list, listed


def read(path: Path) -> Collection:
    """The collection at `path`: a folder, a table or a list of addresses. Raises Unreadable."""
    if path.is_file():
        return _of_file(path)
    if not path.is_dir():
        # The name alone: where folders lie on the server is not for whoever reads the job.
        raise Unreadable(f"There is no folder or file {path.name}.")
    if dwca.is_archive(path):
        return of_rows(dwca.rows(path))
    if camtrap.is_package(path):
        return of_rows(camtrap.rows(path))
    if table := inaturalist.table_in(path) or gbif.table_in(path):
        return _of_file(table)
    if (path / TABLE).is_file():
        return of_table(path / TABLE)  # whatever its first column is: one of addresses would look like a list
    if imagefolder.tables(path):
        return of_rows(imagefolder.rows(path))
    if (path / yolo.ABOUT).is_file():
        return of_rows(yolo.rows(path))
    if coco.files(path):
        return of_rows(coco.rows(path))
    collection = of_rows(classes(path))
    if not collection.rows:
        raise Unreadable(
            f"{path.name} holds no {TABLE}, no folder of photos per class, no list of addresses per class, and is "
            "no Darwin Core Archive, no Camtrap DP, no export of iNaturalist or GBIF, and no imagefolder, COCO or YOLO."
        )
    return collection


def _of_file(path: Path) -> Collection:
    if path.suffix.lower() not in LISTS:
        raise Unreadable(f"{path.name} is neither a folder nor a .csv or .txt file.")
    if inaturalist.is_export(path):
        return of_rows(inaturalist.rows(path))
    if gbif.is_download(path):
        return of_rows(gbif.rows(path))
    return of_table(path) if not is_list(path) else of_rows(listed(path))
