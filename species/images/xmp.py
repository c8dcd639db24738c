"""What programs write beside the pixels in XMP: when, where, and whether a camera took it at all.

A packet is a stranger's XML. It is read as a stream by expat, at most `MAX_BYTES` of it; a packet with a
document type, and so with entities, is not read, and nothing outside it is ever fetched. Only properties of
the picture itself count: what stands in its history, or is said of pictures it was made from, does not.
Source: ISO 16684-1, Exif 2.32 metadata for XMP (CIPA DC-010), IPTC Photo Metadata 2023.1. Nothing here raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from xml.parsers import expat

from species import clocks
from species.clocks import Clock

MAX_BYTES = 512 * 1024
MAX_DEPTH = 32
# Of one value; a date or a coordinate is short.
MAX_TEXT = 200

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
DESCRIPTION = f"{RDF} Description"
WRAPPERS = frozenset(f"{RDF} {name}" for name in ("Alt", "Bag", "Seq", "li"))
EXIF = "http://ns.adobe.com/exif/1.0/"
PHOTOSHOP = "http://ns.adobe.com/photoshop/1.0/"
BASIC = "http://ns.adobe.com/xap/1.0/"
TIFF = "http://ns.adobe.com/tiff/1.0/"
IPTC = "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
EXTENSION = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
# Where the camera stood, as a structure; `LocationShown` is what it looked at.
CREATED = f"{EXTENSION} LocationCreated"
# In the order of how near each is to the shutter, as in EXIF.
TAKEN = (f"{EXIF} DateTimeOriginal", f"{PHOTOSHOP} DateCreated")
# When a file was first written: of a photo that is the shutter, of a drawing or a scan it says nothing.
WRITTEN = (f"{EXIF} DateTimeDigitized", f"{BASIC} CreateDate")
# Above or below the sea, or the ellipsoid (Exif 3.0).
BELOW_THE_SEA = ("1", "3")
NAMES = (
    f"{IPTC} Location",
    f"{PHOTOSHOP} City",
    f"{PHOTOSHOP} State",
    f"{PHOTOSHOP} Country",
)


@dataclass(frozen=True)
class Xmp:
    """The claims that could be true; `None` is "not said"."""

    clock: Clock | None = None
    satellites: datetime | None = None  # naive UTC
    latitude: float | None = None  # degrees, WGS 84; set together with `longitude`
    longitude: float | None = None
    accuracy_m: float | None = None
    altitude: float | None = None
    place_name: str = ""


def read(packet: bytes | str | None, *, camera: bool = False) -> Xmp:
    """Read an XMP packet; `camera`: the file's EXIF names one. Never raises."""
    said = _properties(packet)
    if not said:
        return Xmp()
    camera = camera or bool(said.get(f"{TIFF} Make") or said.get(f"{TIFF} Model"))
    dates = (clocks.written(said.get(name, "")) for name in TAKEN + (WRITTEN if camera else ()))
    places = (_place(said, prefix) for prefix in ("", f"{CREATED} "))
    latitude, longitude, prefix = next((each for each in places if each[0] is not None), (None, None, ""))
    here = latitude is not None
    return Xmp(
        clock=next((each for each in dates if each is not None), None),
        satellites=_satellites(said),
        latitude=latitude,
        longitude=longitude,
        accuracy_m=_accuracy(said, prefix) if here else None,
        altitude=_altitude(said, prefix) if here else None,
        place_name=place_name(said.get(name, "") for name in NAMES),
    )


def place_name(parts: Iterable[str]) -> str:
    """Town, region and country in one line, each once."""
    kept: list[str] = []
    for part in parts:
        word = " ".join("".join(c if c.isprintable() else " " for c in part).split())
        if word and word not in kept:
            kept.append(word)
    return ", ".join(kept)[:MAX_TEXT].strip(", ")


# IPTC's words for images that no camera took: newscodes/digitalsourcetype.
NOT_TAKEN = ("algorithmicMedia", "trainedAlgorithmicMedia", "digitalArt", "digitalCreation")


def says_drawn(xmp: bytes | str | None) -> bool:
    """Whether an XMP packet says that its image was drawn, not taken. Never raises.

    Searched, not parsed: also a packet that is broken says it.
    """
    if not xmp:
        return False
    text = xmp.decode("utf-8", "replace") if isinstance(xmp, bytes) else xmp
    found = re.findall(r"cv\.iptc\.org/newscodes/digitalsourcetype/(\w{1,60})", text)
    return any(word in NOT_TAKEN for word in found)


class _Refused(Exception):
    """Not a packet that we read."""


def _properties(packet: bytes | str | None) -> dict[str, str]:
    """The simple properties of the picture, by "namespace name"; those of `CREATED` have its name in front."""
    if not isinstance(packet, bytes | str):
        return {}
    data = packet.encode("utf-8", "replace") if isinstance(packet, str) else packet
    # Programs pad a packet with NULs, and leave white space before its declaration.
    data = data.strip(b"\0 \t\r\n")
    if len(data) > MAX_BYTES:
        return {}
    reader = _Reader()
    try:
        reader.parser.Parse(data, True)
    except (expat.ExpatError, _Refused, ValueError, LookupError):
        return {}
    return reader.said


class _Reader:
    """Keeps what is said on the way through a packet."""

    def __init__(self) -> None:
        self.said: dict[str, str] = {}
        self._path: list[str] = []
        self._text = ""
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.StartNamespaceDeclHandler = self._namespace

    def _refuse(self, *_: object) -> None:
        raise _Refused

    def _namespace(self, prefix: str | None, uri: str | None) -> None:
        # It is copied into every name it is part of.
        if len(uri or "") > MAX_TEXT:
            raise _Refused

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        self._text = ""
        if len(self._path) > MAX_DEPTH:
            raise _Refused
        prefix = self._prefix(self._path + [""])
        if prefix is not None:
            for key, value in attributes.items():
                if " " in key and not key.startswith(RDF):
                    self._keep(prefix + key, value)

    def _end(self, name: str) -> None:
        # An alternative or a list of one stands for its first value.
        path = [each for each in self._path if each not in WRAPPERS]
        prefix = self._prefix(path)
        if prefix is not None and self._text.strip():
            self._keep(prefix + path[-1], self._text)
        self._path.pop()
        self._text = ""

    def _characters(self, text: str) -> None:
        if len(self._text) <= MAX_TEXT:
            self._text += text

    def _keep(self, name: str, value: str) -> None:
        if len(value) <= MAX_TEXT:
            self.said.setdefault(name, value.strip())

    def _prefix(self, path: list[str]) -> str | None:
        """What goes before the name of the property at `path`, or None where it is not the picture's own."""
        bare = [each for each in path[:-1] if each not in WRAPPERS]
        while bare and bare[0] != f"{RDF} RDF":
            bare = bare[1:]
        if bare == [f"{RDF} RDF", DESCRIPTION]:
            return ""
        if bare[:3] == [f"{RDF} RDF", DESCRIPTION, CREATED] and set(bare[3:]) <= {DESCRIPTION}:
            return f"{CREATED} "
        return None


def _place(said: dict[str, str], prefix: str) -> tuple[float | None, float | None, str]:
    nothing = (None, None, prefix)
    texts = [said.get(f"{prefix}{EXIF} GPS{name}", "") for name in ("Latitude", "Longitude")]
    refs = [said.get(f"{prefix}{EXIF} GPS{name}Ref", "") for name in ("Latitude", "Longitude")]
    # A minus on either says that the writer puts the side into the sign.
    signed = any(text.startswith("-") for text in texts)
    latitude = _degrees(texts[0], refs[0], "NS", 90, signed)
    longitude = _degrees(texts[1], refs[1], "EW", 180, signed)
    if latitude is None or longitude is None or (latitude == 0 and longitude == 0):
        return nothing
    return latitude, longitude, prefix


def _degrees(text: str, ref: str, signs: str, limit: int, signed: bool) -> float | None:
    """`43,4.58404N`, `43,4,35N`, or decimals with their side in a letter, a property or a sign."""
    match = re.fullmatch(
        r"([+-]?)(\d{1,3}(?:\.\d+)?)(?:,(\d{1,2}(?:\.\d+)?))?(?:,(\d{1,2}(?:\.\d+)?))? ?([NSEW]?)",
        text.strip().upper(),
        re.ASCII,
    )
    if not match:
        return None
    sides = {side for side in (match[5], ref.strip()[:1].upper()) if side}
    if match[1] == "-":
        sides.add(signs[1])
    elif not sides and signed:
        sides.add(signs[0])
    # Two that contradict each other are two places, and none at all is two as well.
    if len(sides) != 1 or not sides <= set(signs):
        return None
    minutes, seconds = float(match[3] or 0), float(match[4] or 0)
    angle = float(match[2]) + minutes / 60 + seconds / 3600
    if minutes > 60 or seconds > 60 or angle > limit:
        return None
    return round(-angle if sides == {signs[1]} else angle, 7) + 0.0


def _satellites(said: dict[str, str]) -> datetime | None:
    """`exif:GPSTimeStamp` holds the day as well; UTC, whether it says so or not."""
    found = clocks.written(said.get(f"{EXIF} GPSTimeStamp", ""))
    if found is None or found.at is None:
        return None
    return clocks.satellites(found.at - timedelta(minutes=found.offset or 0))


def _metres(text: str) -> float | None:
    """A rational, or a decimal, as some write it."""
    match = re.fullmatch(r"(-?\d{1,12}(?:\.\d{1,12})?)(?:/(\d{1,12}))?(?: ?m)?", text, re.ASCII)
    below = float(match[2] or 1) if match else 0.0
    return round(float(match[1]) / below, 2) + 0.0 if match and below else None


def _accuracy(said: dict[str, str], prefix: str) -> float | None:
    metres = _metres(said.get(f"{prefix}{EXIF} GPSHPositioningError", ""))
    return metres if metres is not None and 0 < metres < 20_000_000 else None


def _altitude(said: dict[str, str], prefix: str) -> float | None:
    metres = _metres(said.get(f"{prefix}{EXIF} GPSAltitude", ""))
    if metres is None or abs(metres) > 20_000:
        return None
    below = said.get(f"{prefix}{EXIF} GPSAltitudeRef", "") in BELOW_THE_SEA
    return -abs(metres) + 0.0 if below else metres
