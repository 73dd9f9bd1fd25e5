"""A piece of media goes in; which modalities it has comes out, and whether one that gave nothing is missing or damaged."""
from vmm_lab.features.words import tokens
from vmm_lab.media import MediaError, open_media


def modalities_of(piece):
    """The modalities of a `Segment`, a set out of image, video, sound and words; or, as str, why the file cannot be read.

    >>> from vmm_lab.features import Segment
    >>> modalities_of(Segment("nowhere.mp4", caption="a man falls"))
    'nowhere.mp4: no such file; check the spelling and the folder.'
    """
    try:
        with open_media(piece.path) as media:
            there = {"image": media.has_video, "video": media.has_video and not media.is_image, "sound": media.has_audio}
    except (MediaError, OSError) as error:
        return str(error)
    there["words"] = isinstance(piece.caption, str) and bool(tokens(piece.caption))
    return {name for name, has in there.items() if has}


def is_missing(piece, modality):
    """Whether a piece that could not be described in a modality of its file merely has none of it in its time.

    So it is where the file decodes: there is one frame and no change, or the sound is over. Where it does not, the file is damaged.
    """
    verbs = {"video": lambda media: media.frames(size=(16, 16), start=piece.start, end=piece.end),
             "sound": lambda media: media.audio(start=piece.start, end=piece.end)}
    if modality not in verbs:
        return False
    try:
        with open_media(piece.path) as media:
            verbs[modality](media)
    except (ValueError, OSError):  # a MediaError is a ValueError, and so is a start behind the end of the file
        return False
    return True
