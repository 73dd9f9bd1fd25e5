"""Render programmes: minutes of news, sport and lessons with known shots, transitions, highlights and traps."""
import json
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ..files import atomic_path
from ..media import write_video
from ..media.options import check_whole
from .actors import COLORS
from .once import folder_of, render_missing, stored_truth
from .programme_plans import CHANNELS, FPS, KINDS, PROGRAMME_VERSION, plan_programme
from .programme_shots import SIZE, film_shot, sound_of
from .sound import RATE

if TYPE_CHECKING:
    import pandas as pd


def programmes(count: int | str = "small", *, kinds: Sequence[str] = KINDS, seed: int = 0, n_jobs: int = -1,
               folder: str | os.PathLike | None = None) -> "pd.DataFrame":
    """Return generated programmes of 60 to 90 s: several shots each, with hard cuts, dissolves and fades.

    They are rendered on first use, 128×96 pixels at 12.5 frames per second with sound at 16 kHz, and kept. The same
    seed gives the same programmes, however many are asked for and with whatever `n_jobs`; an interrupted rendering goes
    on where it stopped, and a second process that asks for the same ones waits for the first.

    count: how many, the kinds in turn, or "small" (6) or "full" (30). kinds: some of "news", "sport", "lesson".
    seed: int ≥ 0.
    n_jobs: processes to render with, -1 for one per core. folder: `data_dir() / "programmes"` by default.

    Returns a DataFrame with a row per programme: `path`, `label` (the kind), `group` (the channel, whose people, places
    and colours are its own), `tags` (separated by |) and `caption`. `programme_truth` tells the shots.
    Raises ValueError for an option that is not offered, or a folder that cannot be made.

    >>> import tempfile
    >>> from vmm_lab import theatre
    >>> table = theatre.programmes(1, kinds=["news"], folder=tempfile.mkdtemp())        # doctest: +SKIP
    >>> theatre.programme_truth(table.path[0]).transition.value_counts().to_dict()      # doctest: +SKIP
    {'cut': 8, 'gradual': 6}
    """
    import pandas as pd

    plans = _plans(count, kinds, seed)
    root = folder_of(folder, "programmes", f"{seed}-v{PROGRAMME_VERSION}")
    render_missing(plans, root, _render, n_jobs, "programmes", "programme")
    rows = [{"path": str(root / plan.file), "label": plan.kind, "group": CHANNELS[plan.channel],
             "tags": "|".join(dict.fromkeys(tag for shot in plan.shots for tag in shot.tags if tag != "title")),
             "caption": _summary(plan)} for plan in plans]
    return pd.DataFrame(rows, columns=["path", "label", "group", "tags", "caption"], dtype=object)


def programme_truth(path: "str | os.PathLike | pd.Series") -> "pd.DataFrame":
    """Return the shots of a rendered programme, from its path (or a row of the table), a row for each.

    `start_frame` and `end_frame` (the first of the next shot), `start`, `end` (seconds), `transition` (how it begins:
    "cut", "gradual", None for the first), `transition_frames` ((first, last) of a gradual one, else None), `effect`
    ("dissolve" or "fade"), `tags`, `caption`, `highlight` (bool). `attrs["traps"]` lists (kind, first frame, last
    frame) of what looks like the end of a shot and is none; `attrs["fps"]`. Raises ValueError if it is no programme.

    >>> from vmm_lab import theatre
    >>> theatre.programme_truth("no_such_film.mp4")
    Traceback (most recent call last):
    ValueError: there is no ground truth next to no_such_film.mp4: give a path from the table of theatre.programmes.
    """
    import pandas as pd

    stored = stored_truth(path, ("fps", "shots", "traps"), "programmes")
    shots = pd.DataFrame(stored["shots"])
    for column in ("transition", "transition_frames", "effect"):
        values = [tuple(v) if isinstance(v := shot[column], list) else v for shot in stored["shots"]]
        shots[column] = pd.Series(values, dtype=object)
    shots.attrs = {"fps": stored["fps"], "traps": [tuple(trap) for trap in stored["traps"]]}
    return shots


def _plans(count, kinds, seed):
    if isinstance(kinds, str) or not kinds or not set(kinds) <= set(KINDS):
        raise ValueError(f"the theatre has programmes of the kinds {', '.join(KINDS)}; kinds is a list of some, "
                         f"not {kinds!r}.")
    count = {"small": 6, "full": 30}.get(count, count) if isinstance(count, str) else count
    check_whole("programmes", count=count)
    check_whole("programmes", least=0, seed=seed)
    kinds = list(dict.fromkeys(kinds))
    return [plan_programme(kinds[k % len(kinds)], k // len(kinds), int(seed)) for k in range(count)]


def _summary(plan):
    """One sentence on a whole programme: its kind and what its highlights show."""
    shown = list(dict.fromkeys(shot.caption.rstrip(".") for shot in plan.shots if shot.highlight))
    return f"{CHANNELS[plan.channel]}, {plan.kind}: {'; '.join(shown)}."


def _render(plan, path):
    """Write the truth of a programme, and then its film."""
    frames, wave = perform_programme(plan)
    with atomic_path(path.with_suffix(".json")) as part:
        part.write_text(json.dumps({"fps": FPS, **_truth(plan)}, indent=1), encoding="utf-8")
    write_video(path, frames, fps=FPS, audio=wave, sample_rate=RATE)


def perform_programme(plan):
    """Return the frames, uint8 (T, 96, 128, 3), and the sound, float32 (N,) at 16 kHz, of a plan, before coding."""
    mixed = np.zeros((plan.frames, *SIZE, 3), np.float32)
    wave = np.zeros(round(plan.frames / FPS * RATE), np.float32)
    for shot, after in zip(plan.shots, (*plan.shots[1:], None)):
        ahead = shot.reach if shot.transition == "dissolve" else 0
        behind = after.reach if after and after.transition == "dissolve" else 0
        frames, beats = film_shot(shot, ahead, behind, plan.paint)
        frames = _titled(frames, shot, plan)
        weights = _weights(shot, after, len(frames), ahead)
        first = shot.start - ahead
        mixed[first:first + len(frames)] += weights[:, None, None, None] * frames
        sound, at = sound_of(shot, beats), round(shot.start / FPS * RATE)
        wave[at:at + len(sound)] += sound[:len(wave) - at]
    return np.clip(np.round(mixed), 0, 255).astype(np.uint8), np.clip(wave, -1, 1)


def _weights(shot, after, count, ahead):
    """How much of each frame of a shot is in the picture, 0 to 1."""
    weights = np.ones(count, np.float32)
    if shot.transition == "dissolve" and shot.reach:
        weights[:2 * shot.reach] = (np.arange(2 * shot.reach) + 1) / (2 * shot.reach + 1)
    if shot.transition == "fade" and shot.reach:
        weights[:shot.reach] = (np.arange(shot.reach) + 0.5) / (shot.reach + 0.5)
    if after and after.transition == "dissolve" and after.reach:
        weights[-2 * after.reach:] = 1 - (np.arange(2 * after.reach) + 1) / (2 * after.reach + 1)
    if after and after.transition == "fade" and after.reach:
        weights[-after.reach:] = (np.arange(after.reach)[::-1] + 0.5) / (after.reach + 0.5)
    return weights


def _titled(frames, shot, plan):
    """Write into the frames what is no part of the scene: the title, the score, the lower third."""
    first, second = (COLORS[name] for name in plan.paint)
    banner = shot.how.banner if shot.how else "title"
    if banner == "title":
        texts, boxes = [(plan.kind.upper(), 24, 52, 0.55)], [((16, 36), (112, 60), first)]
    elif banner == "score":
        goals = sum(other.highlight for other in plan.shots if other.start < shot.start)
        texts, boxes = [(f"{goals}:{plan.number % 3}", 8, 12, 0.32)], [((4, 3), (34, 15), first)]
    elif banner == "lower third":
        texts = [(shot.caption.split()[0], 14, 85, 0.33)]
        boxes = [((8, 76), (120, 88), first), ((8, 76), (11, 88), second)]
    else:
        texts, boxes = [], []
    for frame in frames:
        for corner, other, color in boxes:
            cv2.rectangle(frame, corner, other, color, -1)
        for text, x, y, size in texts:
            cv2.putText(frame, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, size, (250, 250, 245), 1, cv2.LINE_AA)
    return frames


def _truth(plan):
    shots, traps = [], []
    for shot in plan.shots:
        gradual = shot.transition in ("dissolve", "fade") and shot.reach > 0
        end = shot.start + shot.length
        shots.append({
            "start_frame": shot.start, "end_frame": end, "start": shot.start / FPS, "end": end / FPS,
            "transition": "gradual" if gradual else shot.transition and "cut",
            "transition_frames": [shot.start - shot.reach, shot.start + shot.reach - 1] if gradual else None,
            "effect": shot.transition if gradual else None, "tags": "|".join(shot.tags), "caption": shot.caption,
            "highlight": shot.highlight})
        if shot.trap:
            kind, at = shot.trap
            traps.append([kind, shot.start + at, shot.start + at + {"flash": 1, "fast pan": 5, "passer-by": 14}[kind]])
    return {"kind": plan.kind, "shots": shots, "traps": traps}
