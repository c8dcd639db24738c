"""Every photo of the metadata and camera-trap samples: its time and place are right, or said to be unknown.

The table was compared with the raw bytes of each file's EXIF by a reader of a page that shares no code with
ours. Some of these dates stand in IPTC or XMP alone (`gps-datetime.jpg`, `time-created.jpg`, the screenshots in
`invalid`): an hour without a day, a satellite's time under another name, the day a drawing was saved. None is
the hour at which a photo was taken, so none is read as one. That of `thompson-springs.jpg` is.
"""

import pytest

from species.images.decode import SIZES
from species.images.decoder import get_decoder
from species.images.refusals import MESSAGES, ImageRefused
from tests.species.images.residue import residue

# (clock on the wall, minutes east of UTC, (latitude, longitude))
SAMPLES = {
    "metadata/dates/date-priority-test.jpg": ("2023-02-02 02:00:00", None, None),
    "metadata/dates/datetimeoriginal-gps.jpg": ("2025-12-01 11:30:00", None, (39.0, -108.0)),
    "metadata/dates/gps-datetime.jpg": (None, None, (37.7749, -122.4194)),
    "metadata/dates/time-created.jpg": (None, None, None),
    "metadata/exif-samples/IMG_5195.HEIC": ("2021-04-11 15:47:53.05", -300, (39.0513444, -94.2887722)),
    "metadata/exif-samples/gps/DSCN0010.jpg": ("2008-10-22 16:28:39", None, (43.4674483, 11.8851267)),
    "metadata/exif-samples/gps/DSCN0012.jpg": ("2008-10-22 16:29:49", None, (43.4671567, 11.885395)),
    "metadata/exif-samples/gps/DSCN0021.jpg": ("2008-10-22 16:38:20", None, (43.4670817, 11.8845383)),
    "metadata/exif-samples/gps/DSCN0025.jpg": ("2008-10-22 16:43:21", None, (43.468365, 11.881635)),
    "metadata/exif-samples/gps/DSCN0027.jpg": ("2008-10-22 16:44:01", None, (43.4684417, 11.881515)),
    "metadata/exif-samples/gps/DSCN0029.jpg": ("2008-10-22 16:46:53", None, (43.4682433, 11.8801717)),
    "metadata/exif-samples/gps/DSCN0038.jpg": ("2008-10-22 16:52:15", None, (43.467255, 11.8792133)),
    "metadata/exif-samples/gps/DSCN0040.jpg": ("2008-10-22 16:55:37", None, (43.4660117, 11.8791117)),
    "metadata/exif-samples/gps/DSCN0042.jpg": ("2008-10-22 17:00:07", None, (43.464455, 11.8814783)),
    "metadata/exif-samples/invalid/image00971.jpg": (None, None, None),
    "metadata/exif-samples/invalid/image01088.jpg": (None, None, None),
    "metadata/exif-samples/invalid/image01137.jpg": (None, None, None),
    "metadata/exif-samples/invalid/image01551.jpg": (None, None, None),
    "metadata/exif-samples/invalid/image01713.jpg": (None, None, None),
    "metadata/exif-samples/invalid/image01980.jpg": (None, None, None),
    "metadata/exif-samples/invalid/image02206.jpg": (None, None, None),
    "metadata/formats/8bit-sRGB.avif": (None, None, None),
    "metadata/formats/IMG_2682.heic": ("2019-03-21 11:04:22.34", -300, (41.2203, -96.071625)),
    "metadata/formats/denali.webp": ("2010-08-13 21:00:01.85", None, None),
    "metadata/gps-position/empty_gps.jpg": ("2025-06-01 16:59:26.02", None, None),
    "metadata/gps-position/thompson-springs.jpg": ("2022-01-10 15:15:44.31", -360, (39.115, -108.4009683)),
    "metadata/nature/cyclamen_persicum.jpg": ("2007-12-06 14:33:18", None, None),
    "metadata/nature/el_torcal_rocks.jpg": ("2012-08-05 11:39:59", None, None),
    "metadata/nature/notocactus_minimus.jpg": ("2008-05-23 15:54:59", None, None),
    "metadata/nature/orychophragmus_violaceus.jpg": (None, None, None),
    "metadata/nature/polemonium_reptans.jpg": (None, None, None),
    "metadata/nature/prairie_falcon.jpg": ("2022-03-31 11:31:56.18", None, None),
    "metadata/nature/silver_fir.jpg": (None, None, None),
    "metadata/nature/tanners_ridge.jpg": ("2023-09-25 08:33:30.88", None, None),
    "metadata/nature/wood_anemones.jpg": (None, None, None),
    "cameratrap/african_elephants.jpg": ("2010-08-04 08:43:15", None, None),
    "cameratrap/african_elephants_bw.jpg": (None, None, None),
    "cameratrap/african_elephants_cmyk.jpg": (None, None, None),
    "cameratrap/african_elephants_truncated_file.jpg": ("2010-08-04 08:43:15", None, None),
    "cameratrap/african_elephants_with_exif_orientation.jpg": ("2010-08-04 08:43:15", None, None),
    "cameratrap/american_black_bear.jpg": (None, None, None),
    "cameratrap/blank.jpg": ("2016-09-25 18:35:10", None, None),
    "cameratrap/blank2.jpg": ("2016-07-31 15:16:34", None, None),
    "cameratrap/blank3.jpg": ("2016-05-03 19:14:10", None, None),
    "cameratrap/domestic_cattle.jpg": ("2014-09-26 14:21:04", None, None),
    "cameratrap/domestic_dog.jpg": ("2017-07-13 12:09:23", None, None),
    "cameratrap/ocelot.jpg": ("2006-02-10 17:06:43", None, None),
    "cameratrap/vehicle.jpg": ("2015-11-30 15:55:56", None, None),
}
TRUNCATED = "cameratrap/african_elephants_truncated_file.jpg"


def test_the_table_names_every_photo_there_is(sample_data):
    found = {
        path.relative_to(sample_data).as_posix()
        for folder in ("metadata", "cameratrap")
        for path in (sample_data / folder).rglob("*")
        if path.suffix.lower() in (".jpg", ".heic", ".avif", ".webp")
    }
    assert found == set(SAMPLES)


@pytest.mark.parametrize("name", sorted(set(SAMPLES) - {TRUNCATED}))
def test_time_and_place_are_right_or_absent_and_in_no_rendition(sample_data, name):
    moment, offset, place = SAMPLES[name]
    prepared = get_decoder().prepare((sample_data / name).read_bytes())
    assert {size: residue(jpeg) for size, jpeg in prepared.renditions.items()} == dict.fromkeys(SIZES, [])
    found = prepared.exif
    assert (found.observed_at and found.observed_at.isoformat(" ")[:22]) == moment
    assert found.utc_offset == offset
    assert (found.latitude and (found.latitude, found.longitude)) == place


def test_the_truncated_photo_is_refused_whatever_its_header_says(sample_data):
    with pytest.raises(ImageRefused) as caught:
        get_decoder().prepare((sample_data / TRUNCATED).read_bytes())
    assert str(caught.value) == MESSAGES["truncated"]
