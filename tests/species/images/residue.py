"""What a file says besides its pixels, found by reading its bytes and not by asking the library that wrote it."""

import struct

# Tables, frame, scan and end; JFIF's header is looked into.
PIXELS_ONLY = frozenset((0xC0, 0xC2, 0xC4, 0xDA, 0xDB, 0xDD, 0xD8, 0xD9))
# What may follow FF inside a scan: a byte of pixels, or a restart.
IN_SCAN = [bytes([value]) for value in (0, *range(0xD0, 0xD8))]
MARKS = (
    *(b"Exif\0", b"http://ns.adobe.com", b"<?xpacket", b"<x:xmpmeta", b"<rdf:RDF", b"Photoshop 3.0", b"8BIM"),
    *(b"ICC_PROFILE", b"MakerNote", b"Nikon\0", b"Apple iOS", b"FUJIFILM", b"MPF\0", b"JFXX", b"Ducky"),
)


def residue(jpeg: bytes) -> list[str]:
    """What a JPEG holds besides its pixels and a plain JFIF header; empty when it is clean."""
    found = [f"the mark {mark!r}" for mark in MARKS if mark in jpeg]
    if jpeg[:2] != b"\xff\xd8":
        return [*found, "not a JPEG"]
    at = 2
    while at + 4 <= len(jpeg):
        start, marker, length = struct.unpack(">BBH", jpeg[at : at + 4])
        if start != 0xFF:
            return [*found, f"no marker at {at}"]
        body = jpeg[at + 4 : at + 2 + length]
        if marker == 0xE0:
            # Version, density, then width and height of a thumbnail.
            if not (body.startswith(b"JFIF\0") and len(body) == 14 and body[-2:] == b"\0\0"):
                found.append(f"more than JFIF: {body[:40]!r}")
        elif marker not in PIXELS_ONLY:
            found.append(f"segment FF{marker:02X}: {body[:40]!r}")
        at += 2 + length
        if marker == 0xDA:
            while (at := jpeg.find(b"\xff", at)) >= 0 and jpeg[at + 1 : at + 2] in IN_SCAN:
                at += 2
            if jpeg[at : at + 2] == b"\xff\xd9":
                behind = len(jpeg) - at - 2
                return found + [f"{behind} bytes behind the end"] * bool(behind)
    return [*found, "no end"]
