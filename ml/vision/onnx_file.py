"""Does an ONNX file keep its weights in other files? Read off its bytes, without the onnx package.

An ONNX file is a protobuf message. Only the fields that can lead to a tensor are followed; numbers are those
of onnx.proto (ModelProto, GraphProto, NodeProto, …).
"""

from __future__ import annotations

from collections.abc import Iterator

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
EXTERNAL = 1

# message -> {field number: the message in it}
ROADS = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node", 11: "attribute"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
}
NAME, EXTERNAL_DATA, DATA_LOCATION = 8, 13, 14


class NotOnnx(ValueError):
    """The bytes are no protobuf message that could be an ONNX model."""


def external_data(data: bytes) -> list[str]:
    """Names of the tensors in an ONNX model whose values stand in another file. Raises NotOnnx."""
    view = memoryview(data)
    if not any(number == 7 for number, _, _ in _fields(view)):
        raise NotOnnx("it holds no graph")
    return list(_outside(view, "model"))


def _outside(message: memoryview, kind: str) -> Iterator[str]:
    if kind == "tensor":
        name, outside = "", False
        for number, wire, value in _fields(message):
            if number == NAME and wire == BYTES and isinstance(value, memoryview):
                name = bytes(value).decode("utf-8", "replace")
            outside |= number == EXTERNAL_DATA or (number == DATA_LOCATION and value == EXTERNAL)
        if outside:
            yield name or "unnamed"
        return
    roads = ROADS[kind]
    for number, _, value in _fields(message):
        if number in roads and isinstance(value, memoryview):
            yield from _outside(value, roads[number])


def _fields(message: memoryview) -> Iterator[tuple[int, int, int | memoryview]]:
    place, end = 0, len(message)
    while place < end:
        key, place = _varint(message, place)
        number, wire = key >> 3, key & 7
        if wire == VARINT:
            value, place = _varint(message, place)
            yield number, wire, value
            continue
        if wire == BYTES:
            length, place = _varint(message, place)
        elif wire in (FIXED32, FIXED64):
            length = 4 if wire == FIXED32 else 8
        else:
            raise NotOnnx(f"wire type {wire} at byte {place}")
        if place + length > end:
            raise NotOnnx("it stops half-way")
        yield number, wire, message[place : place + length]
        place += length


def _varint(message: memoryview, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if place >= len(message):
            raise NotOnnx("it stops half-way")
        byte = message[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
    raise NotOnnx(f"a number without end at byte {place}")
