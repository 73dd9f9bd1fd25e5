"""The path of a still picture goes in; how its EXIF block says it was held, and whether it is whole, come out."""
import struct

# Orientations 1 to 8 as (a, b, c, d): x' = a x + c y, y' = b x + d y.
TURNS = {
    1: (1, 0, 0, 1),
    2: (-1, 0, 0, 1),
    3: (-1, 0, 0, -1),
    4: (1, 0, 0, -1),
    5: (0, 1, 1, 0),
    6: (0, 1, -1, 0),
    7: (0, -1, -1, 0),
    8: (0, -1, 1, 0),
}
LONGEST = 32 * 2**20


def exif_turn(path):
    """(a, b, c, d) as in `pictures.orientation`, or None without an EXIF orientation (CIPA DC-008, tag 0x0112). Reads JPEG,
    PNG, WebP and TIFF."""
    try:
        return TURNS.get(_orientation(_block(_bytes(path))))
    except (OSError, struct.error, IndexError):
        return None


def jpeg_cut_off(path):
    """Does the last scan of a JPEG lack its end? libav paints what is missing grey and says nothing."""
    try:
        data = _bytes(path)
    except OSError:
        return False
    # Inside a scan 0xFF is always followed by 0x00 or a restart marker, so an end that is found is one (ITU-T T.81, B.1.1.5).
    return data[:2] == b"\xff\xd8" and len(data) < LONGEST and data.rfind(b"\xff\xda") > data.rfind(b"\xff\xd9")


def _bytes(path):
    with open(path, "rb") as file:
        return file.read(LONGEST)


def _block(data):
    """The TIFF-formed EXIF block in the bytes of a picture file, b"" if there is none."""
    if data[:4] in (b"II*\0", b"MM\0*"):
        return data
    if data[:2] == b"\xff\xd8":  # JPEG: segments of marker and length, up to the start of the scan
        at = 2
        while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
            length = struct.unpack_from(">H", data, at + 2)[0]
            if data[at + 1] == 0xE1 and data[at + 4 : at + 10] == b"Exif\0\0":
                return data[at + 10 : at + 2 + length]
            at += 2 + max(length, 2)
    elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        at = 12
        while at + 8 <= len(data):
            name, length = data[at : at + 4], struct.unpack_from("<I", data, at + 4)[0]
            if name == b"EXIF":
                block = data[at + 8 : at + 8 + length]
                return block[6:] if block.startswith(b"Exif\0\0") else block
            at += 8 + length + length % 2
    elif data[:8] == b"\x89PNG\r\n\x1a\n":
        at = 8
        while at + 8 <= len(data):
            length, name = struct.unpack_from(">I4s", data, at)
            if name == b"eXIf":
                return data[at + 8 : at + 8 + length]
            at += 12 + length
    return b""


def _orientation(block):
    if block[:2] not in (b"II", b"MM"):
        return None
    order = "<" if block[:2] == b"II" else ">"
    start = struct.unpack_from(order + "I", block, 4)[0]
    for k in range(struct.unpack_from(order + "H", block, start)[0]):
        tag, kind, _, value = struct.unpack_from(order + "HHIH", block, start + 2 + 12 * k)
        if tag == 0x0112 and kind == 3:
            return value
    return None
