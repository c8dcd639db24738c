"""What stands beside the pixels: that this is a drawing, and when and where it is said to have been seen."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

Tag, GPS = ExifTags.Base, ExifTags.GPS
DESCRIPTION = "Drawing, not a photograph"
SOFTWARE = "Aqua Vision drawings"
# IPTC's term for a picture made by a program from rules, with no model trained on other pictures.
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia"
XMP = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">'
    f"<Iptc4xmpExt:DigitalSourceType>{SOURCE_TYPE}</Iptc4xmpExt:DigitalSourceType>"
    '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
).encode()


def exif(when: datetime, place: tuple[float, float] | None, accuracy_m: float, orientation: int) -> bytes:
    """The EXIF block of a drawing. `when` knows its zone; `place` is latitude and longitude in degrees."""
    block = Image.Exif()
    block[Tag.ImageDescription] = DESCRIPTION
    block[Tag.Software] = SOFTWARE
    block[Tag.Orientation] = orientation
    zone = when.strftime("%z")
    block.get_ifd(ExifTags.IFD.Exif).update(
        {
            Tag.DateTimeOriginal: when.strftime("%Y:%m:%d %H:%M:%S"),
            Tag.OffsetTimeOriginal: f"{zone[:3]}:{zone[3:]}",
        }
    )
    if place:
        latitude, longitude = place
        block.get_ifd(ExifTags.IFD.GPSInfo).update(
            {
                GPS.GPSLatitudeRef: "N" if latitude >= 0 else "S",
                GPS.GPSLatitude: _sexagesimal(latitude),
                GPS.GPSLongitudeRef: "E" if longitude >= 0 else "W",
                GPS.GPSLongitude: _sexagesimal(longitude),
                GPS.GPSHPositioningError: IFDRational(round(accuracy_m * 10), 10),
            }
        )
    return block.tobytes()


def _sexagesimal(angle: float) -> tuple[IFDRational, ...]:
    hundredths = round(abs(angle) * 360_000)
    minutes, rest = divmod(hundredths, 6000)
    parts = (Fraction(minutes // 60), Fraction(minutes % 60), Fraction(rest, 100))
    return tuple(IFDRational(part.numerator, part.denominator) for part in parts)
