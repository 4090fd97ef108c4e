"""The few parts of protobuf's wire format that Anki's own files need: numbers and pieces, by their field number.

Fields of other kinds are stepped over. Of repeated fields the last one counts.
Source: protobuf.dev/programming-guides/encoding.
"""

_VARINT, _FIXED64, _PIECE, _FIXED32 = 0, 1, 2, 5
_LONGEST_VARINT = 10


class Unreadable(Exception):
    """It is no message."""


def numbers(message: bytes) -> dict[int, int]:
    """Raises Unreadable."""
    return {number: value for number, value in _fields(message).items() if isinstance(value, int)}


def pieces(message: bytes) -> dict[int, bytes]:
    """Strings and messages within, still in bytes. Raises Unreadable."""
    return {number: value for number, value in _fields(message).items() if isinstance(value, bytes)}


def _fields(message: bytes) -> dict[int, int | bytes]:
    found: dict[int, int | bytes] = {}
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            found[number], at = _varint(message, at)
        elif kind == _PIECE:
            length, at = _varint(message, at)
            found[number] = message[at : at + length]
            at += length
        elif kind in {_FIXED64, _FIXED32}:
            at += 8 if kind == _FIXED64 else 4
        else:
            raise Unreadable
    if at != len(message):
        raise Unreadable
    return found


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place, byte in enumerate(message[at : at + _LONGEST_VARINT]):
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value, at + place + 1
    raise Unreadable
