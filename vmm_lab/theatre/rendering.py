"""Render the theatre: every clip as H.264 + AAC with its ground truth next to it, in parallel, resumable, once."""
import os
from typing import TYPE_CHECKING

from ..files import atomic_path
from ..media import write_video
from .actors import CAST
from .film import film
from .ground_truth import Truth, write_truth
from .motions import FPS, FRAMES
from .once import folder_of, render_missing
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

    size: "small" (4 actions × 6 actors, 24 clips) or "full" (16 actions × 20 actors × 3 takes, 960 clips), of which the
    small set is a part. difficulty: "calm" (large puppets, four quiet scenes, a still camera), "busy" (eight scenes, a
    moving camera, changing light, bystanders) or "wild" (small puppets, noise, a shaking camera, things in the way).
    seed: int ≥ 0. n_jobs: processes to render with, -1 for one per core. folder: where the set's own folder is made;
    `data_dir() / "theatre"` by default.

    Returns a DataFrame, a row per clip: `path` (absolute), `label` (one of ACTIONS), `group` (the actor's name),
    `caption` (None where nobody wrote one), `tags` (scene and prop, "park|ball"), `expression`, `scene`, `prop`,
    `prop_color`, `top`, `top_color`, `hair`; and truth for looking into mistakes: `heard` (the sound that was played,
    "quiet" for background alone), `wording` (plain, vague, elsewhere or gap: how the caption speaks of the action) and
    `take`. Raises ValueError for an option that is not offered, or a folder that cannot be made.

    >>> import tempfile
    >>> from vmm_lab import theatre
    >>> table = theatre.render(size="small", folder=tempfile.mkdtemp())     # doctest: +SKIP
    >>> table.label.value_counts().to_dict()                                # doctest: +SKIP
    {'jump': 6, 'clap': 6, 'sit_down': 6, 'stand_up': 6}
    """
    plans = plan(size, difficulty, seed)
    root = folder_of(folder, "theatre", f"{size}-{difficulty}-{seed}-v{VERSION}")
    render_missing(plans, root, _render, n_jobs, "the theatre", "clip", few=12)
    rows = table(plans, root)
    if not _lists(root / "table.csv", rows):
        with atomic_path(root / "table.csv") as part:
            rows.assign(path=[p.file for p in plans]).to_csv(part, index=False, encoding="utf-8")
    return rows


def _lists(manifest, rows):
    """Whether a manifest is there and has the columns of these rows; an older one has fewer."""
    if not manifest.is_file():
        return False
    with open(manifest, encoding="utf-8") as file:
        return file.readline().strip() == ",".join(rows.columns)


def _render(p, path):
    """Write the truth of a clip, and then its film."""
    take, wave = perform_clip(p)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_truth(path, Truth(take.keypoints, take.boxes, take.beats / FPS, p.sound, p.expression))
    write_video(path, take.frames, fps=FPS, audio=wave, sample_rate=RATE)


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
