"""A picture as PNG again and again: only the rows that have changed are packed."""

import struct
import zlib

import numpy as np

__all__ = ["Encoder"]

ROWS = 24  # a band: its bytes are about twice what deflate looks back on
SIGNATURE = b"\x89PNG\r\n\x1a\n"
RGB = 8, 2, 0, 0, 0  # bits a channel, colour type, deflate, filters, no interlacing
EMPTY = b"\x03\x00"  # the last block of a deflate stream, with nothing in it
BASE = 65521  # of an Adler checksum


class Encoder:
    """Turns the pixels of one figure into PNG, frame by frame.

    A PNG is one stream of rows. It is packed here in bands that do not look back on
    each other, each a chunk of the file; a band that looks as in the last frame is
    taken from there. Rows are stored as they are (filter 0): on lines, bars and blank
    paper the filters of PNG take longer than they save.
    """

    def __init__(self):
        self._last = None  # the pixels of the last frame, a number each

    def encode(self, rgba):
        """Return PNG bytes of `rgba` (height, width, 4), bytes; its opacity is dropped.

        ValueError for an array of another shape or type.
        """
        rgba = np.ascontiguousarray(rgba)
        if rgba.ndim != 3 or rgba.shape[2] != 4 or rgba.dtype != np.uint8:
            got = f"{rgba.dtype} of shape {rgba.shape}"
            raise ValueError(f"rgba: got {got}, want uint8 of shape (height, width, 4)")
        pixels = rgba.view(np.uint32)[..., 0]
        tops = range(0, len(pixels), ROWS)
        if self._last is None or self._last.shape != pixels.shape:
            self._last = np.empty_like(pixels)
            self._bands = [None] * len(tops)
        for band, top in enumerate(tops):
            rows = slice(top, top + ROWS)
            known = self._bands[band] is not None
            if not (known and np.array_equal(pixels[rows], self._last[rows])):
                self._bands[band] = _pack(rgba[rows])
        self._last[:] = pixels
        height, width = pixels.shape
        check = 1
        for _, part, size in self._bands:
            check = _joined(check, part, size)
        head = _chunk(b"IHDR", struct.pack(">2I5B", width, height, *RGB))
        start = _chunk(b"IDAT", b"\x78\x01")  # zlib's own header: fastest, 32 kB window
        end = _chunk(b"IDAT", EMPTY + struct.pack(">I", check)) + _chunk(b"IEND", b"")
        bands = (chunk for chunk, *_ in self._bands)
        return b"".join([SIGNATURE, head, start, *bands, end])


def _pack(rgba):
    """Return a band as a chunk, the Adler checksum of its bytes and their number."""
    height, width, _ = rgba.shape
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # the first one says: filter 0
    colours = rows[:, 1:].reshape(height, width, 3)
    for channel in range(3):
        colours[..., channel] = rgba[..., channel]
    deflate = zlib.compressobj(2, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = deflate.compress(rows) + deflate.flush(zlib.Z_FULL_FLUSH)
    return _chunk(b"IDAT", packed), zlib.adler32(rows), rows.size


def _joined(before, after, size):
    """The Adler checksum of bytes with sum `before`, then `size` with sum `after`."""
    low, high = before & 0xFFFF, before >> 16
    added, weighted = after & 0xFFFF, after >> 16
    high = (high + weighted + size * (low - 1)) % BASE
    return high << 16 | (low + added - 1) % BASE


def _chunk(kind, data):
    check = zlib.crc32(data, zlib.crc32(kind))
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)
