"""Read and write media files: every byte in or out of one passes here.

open.py has the Media that people use, attributes.py what it says about its file; container.py opens a file, stills.py
what FFmpeg cannot, clock.py puts its stamps in order, decode.py decodes it, frames.py makes upright RGB arrays,
sampling.py finds the frames at given moments, sound.py makes one wave, subtitles.py reads what is said, joints.py
poses, write.py writes; errors.py has the sentences, options.py checks the options of this room and of those below it.
"""
from vmm_lab.media.errors import MediaError
from vmm_lab.media.open import Media, open_media
from vmm_lab.media.write import write_video

__all__ = ["Media", "MediaError", "open_media", "write_video"]
