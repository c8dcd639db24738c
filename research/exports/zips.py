"""The zip format (PKWARE APPNOTE 6.3.10) as far as stored entries need it, with sizes and places beyond 4 GB."""

import struct

# A clock in the entries would make two exports differ; the format's days begin with this one, 1 January 1980.
EPOCH = 0x0021
# Names in UTF-8.
FLAGS = 0x0800
PLAIN, LARGE = 20, 45  # versions that a reader needs
LIMIT, MANY = 0xFFFFFFFF, 0xFFFF
# A file that its owner may write and everybody read, by whom: Unix.
MODE, UNIX = 0o100644 << 16, 3


def header(name: str, size: int, crc: int) -> bytes:
    """What stands before an entry's bytes. Raises ValueError for one of 4 GB or more."""
    if size >= LIMIT:
        raise ValueError(f"{name} is larger than an entry can be here.")
    text = name.encode()
    return (
        struct.pack("<IHHHHHIIIHH", 0x04034B50, PLAIN, FLAGS, 0, 0, EPOCH, crc, size, size, len(text), 0)
        + text
    )


def listed(name: str, size: int, crc: int, at: int) -> bytes:
    """An entry's line in the central directory; `at`: where its header begins."""
    text, far = name.encode(), at >= LIMIT
    extra = struct.pack("<HHQ", 1, 8, at) if far else b""
    return (
        struct.pack(
            "<IHHHHHHIIIHHHHHII",
            *(0x02014B50, UNIX << 8 | LARGE, LARGE if far else PLAIN, FLAGS, 0, 0, EPOCH, crc, size, size),
            *(len(text), len(extra), 0, 0, 0, MODE, LIMIT if far else at),
        )
        + text
        + extra
    )


def end(at: int, size: int, entries: int) -> bytes:
    """What follows the central directory, which begins `at` and is so large."""
    large = b""
    if at >= LIMIT or size >= LIMIT or entries >= MANY:
        large = struct.pack(
            "<IQHHIIQQQQ", 0x06064B50, 44, UNIX << 8 | LARGE, LARGE, 0, 0, entries, entries, size, at
        ) + struct.pack("<IIQI", 0x07064B50, 0, at + size, 1)
    few = min(entries, MANY)
    return large + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, few, few, min(size, LIMIT), min(at, LIMIT), 0)
