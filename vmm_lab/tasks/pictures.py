"""A piece of media goes in, HTML comes out: a filmstrip, a spectrogram with its sound, or words, all inside the page itself."""
import base64
import html
import io
import wave

import cv2
import numpy as np

from ..features import log_mel
from ..media import MediaError, open_media

HEIGHT = 112  # pixels of a frame in a strip, enough to see a person fall
LONGEST = 5.0  # seconds of sound to listen to


def show(piece, *, sound=False):
    """HTML of one piece: frames if it has pictures, its sound too where `sound` is asked for or all there is."""
    name = html.escape(piece.path.replace("\\", "/").split("/")[-1])
    try:
        with open_media(piece.path) as media:
            parts = [_strip(media, piece, name)] if media.has_video else []
            if media.has_audio and (sound or not parts):
                parts.append(_sound(media, piece, name))
        return "".join(parts)
    except (MediaError, OSError) as error:
        return f'<p class="soft">No picture: {html.escape(str(error))}</p>'


def jpeg(image, *, quality=80):
    """A data URI of an RGB image, uint8 (H, W, 3)."""
    done, data = cv2.imencode(".jpg", np.ascontiguousarray(image[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return "data:image/jpeg;base64," + base64.b64encode(data).decode()


def spectrogram(sound, *, sample_rate, height=HEIGHT):
    """uint8 (height, W, 3) RGB picture of a wave's log-mel spectrogram: time to the right, low tones below, loud is bright."""
    bands = log_mel(sound, sample_rate=sample_rate).T[::-1]
    level = (255 * (bands - bands.min()) / max(float(np.ptp(bands)), 1e-6)).astype(np.uint8)
    wide = cv2.resize(level, (3 * height, height), interpolation=cv2.INTER_LINEAR)
    return cv2.applyColorMap(wide, cv2.COLORMAP_VIRIDIS)[..., ::-1]


def _strip(media, piece, name):
    height, width = media.size
    size = HEIGHT, max(1, round(HEIGHT * width / height))
    if media.is_image:
        frames, times = media.sample(1, size=size)
        return f'<img src="{jpeg(frames[0])}" alt="The picture {name}">'
    frames, times = media.sample(4, size=size, start=piece.start, end=piece.end)
    gap = np.full((HEIGHT, 3, 3), 255, np.uint8)
    strip = np.concatenate([part for frame in frames for part in (gap, frame)][1:], axis=1)
    return f'<img src="{jpeg(strip)}" alt="Four frames of {name}, from {times[0]:.1f} to {times[-1]:.1f} s">'


def _sound(media, piece, name):
    rate = 16_000
    end = min(piece.end or np.inf, (piece.start or 0.0) + LONGEST)
    sound = media.audio(sample_rate=rate, start=piece.start, end=end)
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1), out.setsampwidth(2), out.setframerate(rate)
        out.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    seconds = len(sound) / rate
    return (f'<img src="{jpeg(spectrogram(sound, sample_rate=rate))}" alt="Spectrogram of {name}, {seconds:.1f} s: time to the right, '
            f'low tones below, loud is bright"><audio controls preload="none" aria-label="The sound of {name}" '
            f'src="data:audio/wav;base64,{base64.b64encode(file.getvalue()).decode()}"></audio>')
