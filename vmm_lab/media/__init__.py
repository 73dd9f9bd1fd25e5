"""Every byte in or out of a media file: a path goes in, frames, times and sound waves come out, and the other way round.

container.py opens a file and tells what is in it; reading.py decodes; pictures.py makes frames upright RGB arrays; sampling.py
finds the frames at given moments; sound.py makes one wave; subtitles.py reads what is said; open.py is the
Media that people use; writing.py writes.
"""
from vmm_lab.media.container import MediaError
from vmm_lab.media.open import Media, open_media
from vmm_lab.media.writing import write_video

__all__ = ["Media", "MediaError", "open_media", "write_video"]
