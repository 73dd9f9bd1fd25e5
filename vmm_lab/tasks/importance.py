"""Tell which moments of a film matter: by its energy, by what is typical, or by what was learned on other films."""
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d
from scipy.stats import rankdata
from sklearn.cluster import AgglomerativeClustering
from sklearn.ensemble import ExtraTreesClassifier

from vmm_lab.tasks.shots import Film, differences

RATE = 16_000  # samples per second of sound that is described and written
LONGEST = 5.0  # seconds of one shot at a stretch, so that a reel shows several things
Piece = tuple[float, float]  # start, end, seconds


def levels(wave: NDArray[np.float32], times: NDArray[np.float64], end: float) -> NDArray[np.float64]:
    """Compute the loudness of the sound during each frame, decibels float64 (T,).

    wave: at RATE, from the first of `times` (T,), seconds, to `end`.
    """
    heard = np.concatenate([[0.0], np.cumsum(wave.astype(float) ** 2)])
    edges = np.clip(np.round((np.append(times, end) - times[0]) * RATE).astype(int), 0, len(wave))
    return 10 * np.log10(np.diff(heard[edges]) / np.maximum(np.diff(edges), 1) + 1e-9)


def energy(film: Film, first_frames: NDArray[np.int_], loudness: NDArray[np.float64] | None) -> NDArray[np.float64]:
    """Compute how lively each frame is compared with the rest of its film, float64 (T,) from 0 to 1.

    It is the mean of two ranks: of the motion and of the loudness around it, each over one second. Ranks need no
    units, and one flash or bang does not outweigh a film. No label is needed. first_frames: of the shots, where a
    change is no motion. loudness: decibels (T,), or None for a silent film.

    Motion and loudness as signs of excitement: Hanjalic and Xu, "Affective video content representation and modeling",
    IEEE Transactions on Multimedia 7(1), 2005.
    """
    frames = np.arange(1, len(film.looks))
    motion = np.concatenate([[0.0], differences(film.looks, frames - 1, frames)[0]])
    motion[first_frames] = 0.0
    second = max(1, round(1 / _step(film.times)))
    curves = [motion] if loudness is None else [motion, loudness]
    ranks = [rankdata(uniform_filter1d(curve, second, mode="nearest")) for curve in curves]
    return (np.mean(ranks, axis=0) - 0.5) / len(motion)


def lively_pieces(curve: NDArray[np.float64], times: NDArray[np.float64], spans: Sequence[tuple[int, int]],
                  seconds: float) -> list[Piece]:
    """Choose the liveliest shots, and of each its liveliest five seconds, until `seconds` are filled.

    curve, times: float64 (T,) of each frame. spans: (first, end) frames of the shots. A shot of more than ten seconds
    is divided into equal parts, which are chosen as if they were shots. Returns (start, end), seconds, in order.
    """
    step, parts = _step(times), []
    for first, end in spans:
        count = max(1, int((end - first) * step // (2 * LONGEST)))
        bounds = np.linspace(first, end, count + 1).round().astype(int).tolist()
        parts += [(curve[a:b].mean(), a, b) for a, b in zip(bounds, bounds[1:]) if b > a]
    left, pieces = max(1, round(seconds / step)), []
    for _, a, b in sorted(parts, key=lambda part: -part[0]):
        n = min(round(LONGEST / step), b - a, left)
        if n < min(round(0.5 / step), round(seconds / 2 / step), b - a):
            break
        a += int(np.convolve(curve[a:b], np.ones(n), "valid").argmax())
        pieces.append((float(times[a]), float(times[a + n] if a + n < len(times) else times[-1] + step)))
        left -= n
        if not left:
            break
    return sorted(pieces)


def _step(times: NDArray[np.float64]) -> float:
    """Return the seconds from one frame to the next, in the middle of all."""
    return float(np.median(np.diff(times))) if len(times) > 1 else 1.0


def typical(looks: NDArray[np.float64], seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Score each shot by the seconds of those that look alike, float64 (shots,): looks (shots, d), seconds (shots,)."""
    n = min(len(seconds), 2 + round(len(seconds) ** 0.5))
    groups = AgglomerativeClustering(n).fit_predict(looks) if n > 1 else np.zeros(1, int)
    score = np.zeros(len(seconds))
    for group in range(n):
        inside = np.flatnonzero(groups == group)
        far = np.abs(looks[inside] - looks[inside].mean(0)).mean(1)
        # The most typical one stands for all the seconds of its group, and each further one for fewer.
        score[inside[np.argsort(far)]] = seconds[inside].sum() / np.arange(1, len(inside) + 1) ** 2
    return score / score.sum()


def describe_shot(look: NDArray[np.uint8], wave: NDArray[np.float32], seconds: float) -> list[float]:
    """Describe a shot by 13 numbers: length, motion, brightness, colours, and how its sound rises and falls."""
    step = np.arange(1, len(look))
    motion = differences(look, step - 1, step)[0] if len(step) else np.zeros(1)
    return [np.log(max(seconds, 0.04)), motion.mean(), np.quantile(motion, 0.9), motion.std(), look[:, :144].mean(),
            look[:, :144].std(), (look[:, 144:] > 8).sum(1).mean(), *_sound(wave)]


def _sound(wave: NDArray) -> list[float]:
    """Loudness in decibels, mean, highest and deviation of pieces of 50 ms; how often it rises; where its pitch is."""
    blocks = np.asarray(wave)[:len(wave) // 800 * 800].reshape(-1, 800)
    level = 10 * np.log10((blocks**2).mean(1) + 1e-9)
    rises = (np.diff(level) > 6).mean() if len(level) > 1 else 0.0
    power = np.abs(np.fft.rfft(blocks)).mean(0)
    return [level.mean(), level.max(), level.std(), rises, float(power @ np.arange(len(power)) / (power.sum() + 1e-9)),
            float(np.abs(np.diff(np.sign(blocks), axis=1)).mean())]


def learn_importance(summaries: Sequence[Any], highlights: Sequence[Sequence[bool]], *, seed: int = 0) -> Any:
    """Train a forest to tell highlights from other shots, on films whose highlights are known.

    summaries: a `Summary` of each training film; highlights: for each, whether each of its shots is one. Returns a
    scikit-learn classifier, the `learner` of `Summary.choose`.
    """
    X, y = np.concatenate([summary.features for summary in summaries]), np.concatenate([*map(np.asarray, highlights)])
    forest = ExtraTreesClassifier(300, min_samples_leaf=3, class_weight="balanced", random_state=seed)
    return forest.fit(X, y.astype(bool))


def score_summary(pieces: Sequence[Piece], truth: pd.DataFrame) -> float:
    """Compute F1 of the seconds that a summary shares with the shots that are a `highlight` in `truth`, 0 to 1."""
    wanted = list(truth.loc[truth.highlight.astype(bool), ["start", "end"]].itertuples(index=False))
    shared = sum(max(0.0, min(b, d) - max(a, c)) for a, b in pieces for c, d in wanted)
    return 2 * shared / max(sum(b - a for a, b in [*pieces, *wanted]), 1e-9)
