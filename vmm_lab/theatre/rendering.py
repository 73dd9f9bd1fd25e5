"""Render the theatre: every clip as H.264 + AAC with its ground truth next to it, in parallel, resumable, once."""
import os
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from joblib import Parallel, delayed
from tqdm.auto import tqdm

from ..files import atomic_path, data_dir, lock
from ..media import write_video
from .actors import CAST
from .film import film
from .ground_truth import Truth, write_truth
from .motions import FPS, FRAMES
from .plans import VERSION, plan, played, table
from .sound import RATE, make_sound

if TYPE_CHECKING:
    import pandas as pd

_BACKGROUND = {"calm": (-48, -33), "busy": (-44, -32), "wild": (-38, -26)}      # decibels below full scale


def render(*, size: str = "small", difficulty: str = "calm", seed: int = 0, n_jobs: int = -1,
           folder: str | os.PathLike | None = None) -> "pd.DataFrame":
    """Return the generated data set: puppets that act, heard and described, as video files with complete ground truth.

    Clips are rendered on first use, 2 s of 128×128 pixels at 25 frames per second with sound at 16 kHz, and kept.
    The same size, difficulty and seed give the same table and the same pictures before coding, whatever `n_jobs`. An
    interrupted rendering goes on where it stopped; a second process that asks for the same set waits for the first.

    Parameters
    ----------
    size : "small" (4 actions × 6 actors, 24 clips) or "full" (16 actions × 20 actors × 3 takes, 960 clips). The small
        set is a part of the full one.
    difficulty : "calm" (large puppets, four quiet scenes, a still camera), "busy" (eight scenes, a moving camera,
        changing light, bystanders) or "wild" (small puppets, noise, a shaking camera, things in the way).
    seed : int ≥ 0
    n_jobs : processes to render with, -1 for one per core.
    folder : path, optional. Where the set's own folder is made; `data_dir() / "theatre"` by default.

    Returns
    -------
    pandas.DataFrame, a row per clip: `path` (absolute), `label` (one of ACTIONS), `group` (the actor's name), `caption`
        (None where nobody wrote one), `tags` (scene and prop, "park|ball"; colours are none, because furniture, hair
        and clothes share them), `expression`, `scene`, `prop`, `prop_color`, `top`, `top_color`, `hair`;
        `heard` (the sound that was played, "quiet" for background alone), `wording` (plain, vague, elsewhere or gap:
        how the caption speaks of the action) and `take`. The last three are truth, for looking into mistakes.

    Raises
    ------
    ValueError : an option that is not offered, or a folder that cannot be made.

    >>> import tempfile
    >>> from vmm_lab import theatre
    >>> table = theatre.render(size="small", folder=tempfile.mkdtemp())     # doctest: +SKIP
    >>> table.label.value_counts().to_dict()                                # doctest: +SKIP
    {'jump': 6, 'clap': 6, 'sit_down': 6, 'stand_up': 6}
    """
    plans = plan(size, difficulty, seed)
    if isinstance(n_jobs, bool) or not isinstance(n_jobs, (int, np.integer)) or n_jobs == 0:
        raise ValueError(f"n_jobs is how many processes render, or -1 for one per core, not {n_jobs!r}.")
    root = Path(folder).expanduser() if folder is not None else data_dir() / "theatre"
    root = Path(os.path.abspath(root)) / f"{size}-{difficulty}-{seed}-v{VERSION}"
    rows = table(plans, root)
    if _missing(plans, root) or not _lists(root / "table.csv", rows):
        try:
            root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ValueError(f"{root}: the theatre cannot make this folder ({error.strerror}); "
                             "give another one, or set VMM_LAB_DATA.") from None
        with lock(root / ".lock"):
            for left in root.glob("*/*/.*"):        # half a file of a process that was killed
                left.unlink(missing_ok=True)
            _render_all(_missing(plans, root), root, n_jobs)
            manifest = rows.assign(path=[p.file for p in plans])
            with atomic_path(root / "table.csv") as part:
                manifest.to_csv(part, index=False, encoding="utf-8")
    return rows


def _lists(manifest, rows):
    """Whether a manifest is there and has the columns of these rows; an older one has fewer."""
    if not manifest.is_file():
        return False
    with open(manifest, encoding="utf-8") as file:
        return file.readline().strip() == ",".join(rows.columns)


def _missing(plans, root):
    """The plans whose clip is not there yet. The film is written last: where there is one, its truth is next to it."""
    return [p for p in plans if not (root / p.file).is_file()]


def _render_all(plans, root, n_jobs):
    if not plans:
        return
    bar = tqdm(total=len(plans), desc="rendering the theatre", unit="clip")
    # Workers cost about a second to start: a handful of clips is rendered sooner without them.
    n_jobs = 1 if len(plans) <= 12 else n_jobs
    chunks = [plans[k:k + 4] for k in range(0, len(plans), 4)] if n_jobs != 1 else [[p] for p in plans]
    with bar:
        work = (delayed(_render_clips)(chunk, str(root)) for chunk in chunks)
        for done in Parallel(n_jobs=n_jobs, return_as="generator_unordered")(work):
            bar.update(done)


def _render_clips(plans, root):
    """Render some clips into `root` and return how many."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)        # clips are the parallel work; threads inside them would get in each other's way
    try:
        for p in plans:
            take, wave = perform_clip(p)
            path = Path(root) / p.file
            path.parent.mkdir(parents=True, exist_ok=True)
            write_truth(path, Truth(take.keypoints, take.boxes, take.beats / FPS, p.sound, p.expression))
            write_video(path, take.frames, fps=FPS, audio=wave, sample_rate=RATE)
    finally:
        cv2.setNumThreads(threads)
    return len(plans)


def perform_clip(p):
    """Return the frames and truth (a film.Take) and the sound, float32 (N,) at 16 kHz, of one plan, before coding."""
    picture, backwards = played(p)
    take = film(picture, backwards, actor=CAST[p.actor], expression=p.expression, scene=p.scene, prop=p.prop,
                color=p.color, difficulty=p.difficulty, rng=p.stream("picture"))
    rng = p.stream("sound")
    level = rng.uniform(*_BACKGROUND[p.difficulty])
    wave = make_sound(p.sound, take.beats / FPS, duration=FRAMES / FPS, scene=p.scene, voice=CAST[p.actor].voice,
                      level=level, rng=rng)
    return take, wave
