"""Read by Pillow the pictures that FFmpeg reads wrongly or not at all, and hand them on as a file that it does read."""
import io
import os
import struct
import warnings
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image, ImageOps
from PIL.Image import Transpose

# By Pillow's name: how such a file begins, and what FFmpeg calls its container and its codec.
FORMATS = {
    "TIFF": ((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), "tiff_pipe", "tiff"),  # the last two are BigTIFF
    "ICO": ((b"\0\0\1\0",), "ico", "bmp"),
    "JPEG2000": ((b"\0\0\0\x0cjP  ", b"\xff\x4f\xff\x51"), "j2k_pipe", "jpeg2000"),
    "XBM": ((b"#define",), "xbm_pipe", "xbm"),
    "TGA": ((), "image2", "targa"),  # it has nothing to be known by but its name,
    "WEBP": ((), "webp_pipe", "webp"),  # and FFmpeg reads such as do not move
}
HEIF_BRANDS = (b"heic", b"heix", b"mif1", b"avif")
HEIF_BOX, HEIF_META = struct.Struct(">I4s"), 1 << 22  # the most bytes that say what is in such a file
SUBFILE, ORIENTATION, DNG_VERSION = 254, 274, 50706  # TIFF tags
# Pillow sets TIFF upright, and no other format: by orientation, what undoes it, so that all are turned in one place.
UPRIGHTED = dict(zip(range(2, 9), (
    Transpose.FLIP_LEFT_RIGHT, Transpose.ROTATE_180, Transpose.FLIP_TOP_BOTTOM, Transpose.TRANSPOSE,
    Transpose.ROTATE_90, Transpose.TRANSVERSE, Transpose.ROTATE_270,
)))
SIXTEEN_BITS = ("I;16", "I;16B", "I;16L", "I;16N")


@dataclass(frozen=True)
class Still:
    """Hold pictures that Pillow has read, as the bytes of another format; names as FFmpeg calls the file's own."""

    data: bytes
    container: str
    codec: str
    note: str = ""


def by_pillow(path: Path) -> Still | None:
    """Return what Pillow makes of some kinds of pictures; None for all else. ValueError where it cannot be read.

    FFmpeg paints a TIFF of tiles or JPEG black, JPEG 2000 of CMYK and XBM inverted and grey TGA with alpha blue, takes
    the smallest picture of an icon, gives one tile of a HEIC or AVIF picture of tiles, and has no decoder for an
    animated WebP.
    """
    with open(path, "rb") as file:
        head = file.read(64)
    if head[4:8] == b"ftyp" and any(brand in head for brand in HEIF_BRANDS) and _is_tiled(path):
        return Still(*_tiles(path, head))
    kind = next((name for name, (magic, _, _) in FORMATS.items() if head.startswith(magic)), None)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP" and b"ANIM" in head:
        kind = "WEBP"
    elif kind is None and path.suffix.lower() == ".tga":
        kind = "TGA"
    if kind is None:
        return None
    _, container, codec = FORMATS[kind]
    if kind == "TIFF" and head[8:10] == b"CR":
        raise ValueError("a camera's raw picture, not developed")
    try:
        with warnings.catch_warnings(), Image.open(path, formats=[kind]) as image:
            warnings.simplefilter("ignore")
            pages = getattr(image, "n_frames", 1) if kind == "TIFF" else 1
            note = f"has {pages} pages; the first is read" if pages > 1 else ""
            return Still(_film(image) if kind == "WEBP" else _page(image), container, codec, note)
    except (SyntaxError, TypeError, LookupError, struct.error, Image.DecompressionBombError) as error:
        raise ValueError(str(error)) from None


def _is_tiled(path: Path) -> bool:
    """Tell whether the items of a HEIF file are tiles of one picture, as phones store their photographs."""
    with open(path, "rb") as file:
        while len(box := file.read(HEIF_BOX.size)) == HEIF_BOX.size:
            size, kind = HEIF_BOX.unpack(box)
            if kind == b"meta":
                return b"grid" in file.read(min(size, HEIF_META))
            if size < HEIF_BOX.size:  # up to the end, or a size of 64 bits: of pixels, which come last
                break
            file.seek(size - HEIF_BOX.size, os.SEEK_CUR)
    return False


def _tiles(path: Path, head: bytes) -> tuple[bytes, str, str]:
    if b"avif" in head:
        with Image.open(path, formats=["AVIF"]) as image:
            return _ppm(_rgb(ImageOps.exif_transpose(image))), "avif", "av1"
    try:
        import pillow_heif
    except ImportError:
        raise ValueError("a HEIC picture of tiles, as phones take it, which pillow-heif reads; install it: "
                         "pip install pillow-heif") from None
    try:
        return _ppm(_rgb(pillow_heif.open_heif(path).to_pillow())), "heif", "hevc"
    except (EOFError, RuntimeError, SyntaxError) as error:
        raise ValueError(str(error).strip()) from None


def _page(image: Any) -> bytes:
    tags: Any = getattr(image, "tag_v2", {})
    if DNG_VERSION in tags or tags.get(SUBFILE, 0) & 1:
        raise ValueError("a camera's raw picture, not developed")
    held, picture = tags.get(ORIENTATION), _rgb(image)
    if held in UPRIGHTED:
        picture = picture.transpose(UPRIGHTED[held])
    return _ppm(picture)


def _ppm(picture: Any) -> bytes:
    data = io.BytesIO()
    picture.save(data, "PPM")
    return data.getvalue()


def _film(image: Any) -> bytes:
    data = io.BytesIO()
    with av.open(data, "w", format="mov") as container:
        stream = container.add_stream("png", rate=25, options={"compression_level": "1"})
        (stream.width, stream.height), stream.pix_fmt = image.size, "rgb24"
        stream.codec_context.time_base = stream.time_base = Fraction(1, 1000)
        clock = 0
        for k in range(image.n_frames):
            image.seek(k)
            frame = av.VideoFrame.from_ndarray(np.asarray(_rgb(image)), format="rgb24")
            frame.pts, frame.time_base = clock, Fraction(1, 1000)
            length = max(1, round(image.info.get("duration", 100)))
            clock += length
            for packet in stream.encode(frame):
                packet.duration = length
                container.mux(packet)
        container.mux(stream.encode())
    return data.getvalue()


def _rgb(image: Any) -> Any:
    """Return a picture of 8 bits, RGB, alpha dropped."""
    if image.mode in SIXTEEN_BITS:
        image.load()
        return Image.fromarray((np.asarray(image, np.float32) / 257).round().astype(np.uint8)).convert("RGB")
    if image.mode in ("I", "F"):
        raise ValueError("its numbers of 32 bits do not say what is black and what white; scale them to 8 bits first")
    return image.convert("RGB")
