"""Datasets written in formats. Exporters read the manifest and the stored renditions, and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from research.exports import (
    coco,
    croissant,
    csv_zip,
    darwin_core,
    geojson,
    imagefolder,
    kml,
    parquet,
    ro_crate,
    voc,
    yolo,
)
from research.exports.archive import Archive, Content


class Contents(Protocol):
    def __call__(self, manifest: dict[str, Any], pictures: bool = True) -> Iterator[tuple[str, Content]]: ...


@dataclass(frozen=True)
class Format:
    """`opens`: what to type to open it, in the folder where the download lies, as `dataset.zip`; `with_`: in what."""

    name: str
    title: str
    says: str
    contents: Contents
    with_: str
    opens: str

    def archive(self, manifest: dict[str, Any], pictures: bool = True) -> Archive:
        """Reading it raises archive.Damaged when a stored photo is not the frozen one."""
        return Archive(self.contents(manifest, pictures))

    def write(self, manifest: dict[str, Any], pictures: bool = True) -> Iterator[bytes]:
        """The archive, a piece at a time. Raises as `archive` does."""
        return self.archive(manifest, pictures).read()


FORMATS: dict[str, Format] = {
    each.name: each
    for each in (
        Format(
            "csv",
            "CSV",
            "One row per photo and per organism, with side, licence and credit.",
            csv_zip.contents,
            "pandas",
            'pandas.read_csv(zipfile.ZipFile("dataset.zip").open("photos.csv"))',
        ),
        Format(
            "coco",
            "COCO",
            "annotations.json, whole and one file per side.",
            coco.contents,
            "pycocotools",
            'pycocotools.coco.COCO("annotations.json")',
        ),
        Format(
            "dwca",
            "Darwin Core Archive",
            "Occurrences, media with regions, who said what when, and measurements, as GBIF takes them.",
            darwin_core.contents,
            "python-dwca-reader",
            'dwca.read.DwCAReader("dataset.zip").pd_read("occurrence.txt")',
        ),
        Format(
            "parquet",
            "Parquet, GeoParquet",
            "The CSV's tables with types, lists and a point per organism, for large datasets.",
            parquet.contents,
            "geopandas",
            'geopandas.read_parquet("occurrences.parquet")',
        ),
        Format(
            "imagefolder",
            "imagefolder",
            "A folder per side with its photos and metadata.jsonl: labels, boxes, what people said.",
            imagefolder.contents,
            "datasets",
            'datasets.load_dataset("imagefolder", data_dir="dataset")',
        ),
        Format(
            "croissant",
            "Croissant",
            "The CSV's tables and photos as records for loaders, and how names came about.",
            croissant.contents,
            "mlcroissant",
            'mlcroissant.Dataset("croissant.json").records("photos")',
        ),
        Format(
            "rocrate",
            "RO-Crate",
            "The CSV's tables and photos, each described with licence and digest, for research archives.",
            ro_crate.contents,
            "RO-Crate tools",
            'json.load(open("ro-crate-metadata.json"))["@graph"]',
        ),
        Format(
            "yolo",
            "YOLO",
            "Boxes of photos on which everything is boxed, a folder per side, data.yaml.",
            yolo.contents,
            "ultralytics",
            "yolo detect train data=dataset/data.yaml",
        ),
        Format(
            "voc",
            "Pascal VOC",
            "The same boxes in XML files, with lists of each side.",
            voc.contents,
            "torchvision",
            'torchvision.datasets.VOCDetection("dataset", image_set="train")',
        ),
        Format(
            "geojson",
            "GeoJSON",
            "A point per organism whose place is public.",
            geojson.contents,
            "QGIS, GDAL",
            "ogrinfo -al -so /vsizip/dataset.zip/occurrences.geojson",
        ),
        Format(
            "kml",
            "KML",
            "A placemark per organism whose place is public, for earth viewers.",
            kml.contents,
            "Google Earth, GDAL",
            "ogrinfo -al -so /vsizip/dataset.zip/doc.kml",
        ),
    )
}


def file_name(manifest: dict[str, Any], format: Format, pictures: bool = True) -> str:
    """What the download is called: title, version, the hash's first digits and the format."""
    about = manifest["dataset"]
    plain = "".join(c if c.isalnum() and c.isascii() else " " for c in about["title"])
    words = "-".join(plain.lower().split())
    alone = "" if pictures else "-data"
    return f"{words or 'dataset'}-v{about['version']}-{about['content_hash'][:8]}-{format.name}{alone}.zip"
