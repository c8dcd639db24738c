"""Forty photos of a day: three waters, two cameras, one HEIC, one sideways, one twice, one broken, two undated."""

from datetime import datetime, timedelta
from pathlib import Path

from tests import universe

DAY = datetime(2015, 10, 10, 8, 0)
WATERS = {"brook": (48.1208, 14.8672), "river": (48.2501, 14.6333), "lake": (47.8003, 13.7702)}


def files(sample_data: Path) -> list[dict]:
    """As Playwright takes them. The second camera has no receiver: its photos say when, and not where."""
    found = []

    def add(name: str, data: bytes, kind: str = "image/jpeg") -> None:
        found.append({"name": name, "mimeType": kind, "buffer": data})

    for water, (at, (latitude, longitude)) in enumerate(WATERS.items()):
        for number in range(9):
            # Two stays at each, an hour apart.
            taken = DAY + timedelta(hours=3 * water + number // 5, minutes=3 * number)
            said = {"taken_at": taken, "offset": "+02:00", "latitude": latitude, "longitude": longitude}
            if (water, number) == (1, 4):
                said["orientation"] = 6
            add(f"{at}{number}.jpg", universe.photo_bytes(f"{at} {number}", exif=said | {"camera": "Phone"}))
    for number in range(8):
        taken = DAY + timedelta(hours=4, minutes=2 * number)
        said = {"taken_at": taken, "offset": "+02:00", "camera": "Compact"}
        add(f"P{number}.jpg", universe.photo_bytes(f"compact {number}", exif=said))
    heic = sample_data / "metadata/exif-samples/IMG_5195.HEIC"
    add("IMG_5195.HEIC", heic.read_bytes(), "image/heic")
    add("undated0.jpg", universe.photo_bytes("undated 0"))
    add("undated1.jpg", universe.photo_bytes("undated 1"))
    add("copy.jpg", found[0]["buffer"])
    add("half.jpg", universe.photo_bytes("half", size=(800, 600))[:3000])
    assert len(found) == 40
    return found
