"""The encoder of frames: exact pixels, whatever has changed, and no needless work."""

import io
import zlib

import numpy as np
import pytest
from pictures import picture
from PIL import Image

from helpers.explore.kit import png
from helpers.explore.kit.png import ROWS, Encoder


def noise(height, width, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (height, width, 4), dtype=np.uint8)


@pytest.mark.parametrize("height", [1, ROWS - 1, ROWS, ROWS + 1, 3 * ROWS + 5])
@pytest.mark.parametrize("width", [1, 7, 300])
def test_a_picture_comes_back_pixel_by_pixel(height, width):
    rgba = noise(height, width)
    data = Encoder().encode(rgba)
    Image.open(io.BytesIO(data)).verify()  # the checksums of all chunks
    np.testing.assert_array_equal(picture(data), rgba[..., :3])


def test_any_changes_of_a_picture_come_back():
    rng, encoder = np.random.default_rng(1), Encoder()
    rgba = noise(5 * ROWS + 3, 60)
    for _ in range(40):
        top, left = rng.integers(0, len(rgba)), rng.integers(0, 60)
        tall, wide = rng.integers(1, 40, 2)
        rgba[top : top + tall, left : left + wide] = rng.integers(0, 256, 4)
        np.testing.assert_array_equal(picture(encoder.encode(rgba)), rgba[..., :3])


def test_a_frame_does_not_depend_on_those_before():
    encoder, two = Encoder(), [noise(3 * ROWS, 50, seed) for seed in (0, 1)]
    two[1][ROWS : 2 * ROWS] = two[0][ROWS : 2 * ROWS]
    frames = [encoder.encode(two[k]) for k in (0, 1, 0)]
    assert frames == [Encoder().encode(two[k]) for k in (0, 1, 0)]


def test_only_what_has_changed_is_packed(monkeypatch):
    packed, pack = [], png._pack
    monkeypatch.setattr(
        png, "_pack", lambda rows: packed.append(len(rows)) or pack(rows)
    )
    encoder, rgba = Encoder(), noise(4 * ROWS + 2, 50)
    encoder.encode(rgba)
    assert packed == [ROWS] * 4 + [2]
    encoder.encode(rgba.copy())
    assert len(packed) == 5  # the same picture: nothing
    rgba[ROWS, 10] += 1
    encoder.encode(rgba)
    assert packed[5:] == [ROWS]


def test_another_size_starts_anew():
    encoder = Encoder()
    for shape in (40, 50), (50, 40), (90, 30):
        rgba = noise(*shape)
        np.testing.assert_array_equal(picture(encoder.encode(rgba)), rgba[..., :3])


def test_a_view_of_a_picture_is_read_as_it_looks():
    rgba = noise(60, 80)[::2, ::-1]
    np.testing.assert_array_equal(picture(Encoder().encode(rgba)), rgba[..., :3])


def test_checksums_of_parts_are_joined():
    data, check = noise(40, 40).tobytes(), 1
    for start in range(0, len(data), 999):
        part = data[start : start + 999]
        check = png._joined(check, zlib.adler32(part), len(part))
    assert check == zlib.adler32(data)


@pytest.mark.parametrize(
    "wrong", [noise(4, 4)[..., :3], noise(4, 4)[0], noise(4, 4).astype(float)]
)
def test_what_is_no_picture_is_refused(wrong):
    with pytest.raises(ValueError, match=r"rgba: got .* want uint8 of shape"):
        Encoder().encode(wrong)
