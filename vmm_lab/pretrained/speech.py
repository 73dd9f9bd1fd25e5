"""Recognise English speech offline, with PocketSphinx, whose model is inside its wheel (extra `speech`)."""
import functools
import io
import re
from typing import Any

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from ..media import Media

RATE = 16_000  # samples per second that the model was trained on
BLOCK = 600.0  # seconds of sound in memory at a time
COLUMNS = ["start", "end", "text"]


def transcribe(media: Media, *, progress: bool = False) -> pd.DataFrame:
    """Write down what is said, in English: a DataFrame of `start`, `end` (seconds) and `text`, a row per utterance.

    It has the columns of `Media.subtitles`. Good on clear words near the microphone, rough on free speech, and nonsense
    on other languages and on music; media without sound give no rows. It takes as long as the speech, or longer.
    Raises ValueError where the extra is not installed, MediaError where the sound cannot be read.

    Huggins-Daines et al., "Pocketsphinx: a free, real-time continuous speech recognition system", ICASSP 2006.
    """
    decoder, segmenter = _decoder(), _sphinx().Segmenter
    rows: list[tuple[float, float, str]] = []
    starts = np.arange(0.0, media.duration if media.has_audio else 0.0, BLOCK)
    for first in tqdm(starts, desc="listening", unit="block", disable=not progress):
        wave = media.audio(sample_rate=RATE, start=first, end=min(first + BLOCK, media.duration))
        wave = np.concatenate([wave, np.zeros(RATE, np.float32)])  # a last word is closed by silence
        pcm = (np.clip(wave, -1, 1) * 32767).astype("<i2").tobytes()
        for part in segmenter(sample_rate=RATE).segment(io.BytesIO(pcm)):
            if text := _said(decoder, part.pcm):
                rows.append((first + part.start_time, min(first + part.end_time, media.duration), text))
    return pd.DataFrame(rows, columns=COLUMNS).astype({"start": float, "end": float, "text": object})


def _said(decoder: Any, pcm: bytes) -> str:
    """Return the words of one utterance, fillers such as silence and noise left out."""
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()
    found = [segment.word for segment in decoder.seg() or ()]
    return " ".join(re.sub(r"\(\d+\)$", "", word) for word in found if word[0] not in "<[+")


@functools.cache
def _decoder() -> Any:
    return _sphinx().Decoder(samprate=RATE, loglevel="FATAL")


def _sphinx() -> Any:
    try:
        import pocketsphinx
    except ImportError:
        raise ValueError("To recognise speech, PocketSphinx is needed: install it with "
                         'python -m pip install "vmm-lab[speech]", or put subtitles next to the film.') from None
    return pocketsphinx
