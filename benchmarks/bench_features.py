"""Features against what a user would pick instead, on the same input and parameters: seconds and agreement."""
import contextlib
import os
import subprocess
import sys
from pathlib import Path

import cv2
import librosa
import numpy as np
from skimage.data import astronaut
from skimage.feature import hog as skimage_hog

sys.path.insert(0, str(Path(__file__).parent))
from harness import paired, write_results

from vmm_lab.features import color_histogram, flow, hog, log_mel


def repeat(function, times):
    """A call long enough to be timed."""
    return lambda: [function() for _ in range(times)]


def correlation(a, b):
    return float(np.corrcoef(np.ravel(a), np.ravel(b))[0, 1])


def hog_rows():
    for height, width, times in [(64, 64, 40), (128, 64, 20), (240, 320, 4)]:
        image = cv2.resize(astronaut(), (width, height), interpolation=cv2.INTER_AREA)
        options = {"orientations": 9, "pixels_per_cell": (8, 8), "cells_per_block": (2, 2)}

        def peer():
            return skimage_hog(image, channel_axis=-1, feature_vector=False, **options)

        row = paired(repeat(lambda: hog(image, **options), times), repeat(peer, times))
        agree = correlation(hog(image, **options), peer())
        yield {"what": f"HOG of a {height}×{width} RGB picture, against scikit-image", **row,
               "correlation": agree, "bar": 10, "met": row["ratio"] >= 10 and agree > 0.9}


@contextlib.contextmanager
def busy(processes):
    """Keep so many processor cores busy meanwhile, as other work on the computer does."""
    spinning = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    try:
        yield
    finally:
        for process in spinning:
            process.kill()


def log_mel_rows(bar=1.3, beside=""):
    for seconds, times in [(1, 20), (10, 3), (60, 1)]:
        wave = np.random.default_rng(0).normal(0, 0.1, 16_000 * seconds).astype(np.float32)
        options = {"n_fft": 512, "hop_length": 160, "n_mels": 64}

        def peer():
            return librosa.power_to_db(librosa.feature.melspectrogram(y=wave, sr=16_000, **options))

        row = paired(repeat(lambda: log_mel(wave, sample_rate=16_000, **options), times), repeat(peer, times))
        apart = float(np.abs(log_mel(wave, sample_rate=16_000, **options) - peer().T).max())
        yield {"what": f"log-mel of {seconds} s at 16 kHz, against librosa{beside}", **row,
               "largest_difference_db": apart, "bar": bar, "met": row["ratio"] >= bar and apart <= 1e-3}


def color_row():
    frames = np.stack([cv2.resize(astronaut(), (64, 64), interpolation=cv2.INTER_AREA)] * 16)

    def peer():
        hsv = np.stack([cv2.cvtColor(frame, cv2.COLOR_RGB2HSV) for frame in frames])
        counts = [np.histogramdd(image.reshape(-1, 3), (8, 4, 4), ((0, 180), (0, 256), (0, 256)))[0] for image in hsv]
        return np.stack(counts) / 4096

    row = paired(repeat(lambda: color_histogram(frames), 5), peer_five := repeat(peer, 5))
    apart = float(np.abs(color_histogram(frames) - peer_five()[0]).max())
    return {"what": "color histograms of 16 frames 64×64, against numpy.histogramdd", **row,
            "largest_difference": apart, "bar": 10, "met": row["ratio"] >= 10 and apart < 1e-6}


def flow_rows():
    side = 64
    still = cv2.cvtColor(cv2.resize(astronaut(), (side, side), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    shift = np.float32([[1, 0, 1.5], [0, 1, -1.0]])
    moved = cv2.warpAffine(still, shift, (side, side), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)

    def peer():
        return cv2.calcOpticalFlowFarneback(still, moved, None, 0.5, 3, 15, 3, 5, 1.2, 0)

    def error(field):
        return float(np.linalg.norm(field[8:-8, 8:-8] - (1.5, -1.0), axis=2).mean())

    for preset in ("fast", "medium"):
        row = paired(repeat(lambda: flow(still, moved, preset=preset), 20), repeat(peer, 20))
        yield {"what": f'DIS flow "{preset}" of 64×64, against Farneback', **row,
               "error_pixels": error(flow(still, moved, preset=preset)), "peer_error_pixels": error(peer())}


if __name__ == "__main__":
    cv2.setNumThreads(1)  # as extract does: one thread for each row
    rows = [*hog_rows(), *log_mel_rows(), color_row(), *flow_rows()]
    with busy(os.cpu_count() or 1):
        rows += log_mel_rows(1.0, ", with a busy process on each core")
    write_results("features", rows, packages=("opencv-python-headless", "scikit-image", "librosa", "scipy"))
