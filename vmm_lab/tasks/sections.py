"""Write the sections of a classification's page: confusion, right answers by group, and the most confident mistakes."""
import io

import markupsafe
import numpy as np
from scipy.io import wavfile

from .. import features, plots
from ..media import MediaError, open_media
from ._text import short
from .page import percent, render

LONGEST = 5.0  # seconds of sound to listen to
MANY = 12      # classes, from which the confusion matrix is drawn small
MISTAKES = 6
MOST = 60      # classes, beyond which only those are shown that are confused most
RATE = 16_000  # Hz


def confusion(board) -> markupsafe.Markup:
    """Write which class the best row takes for which."""
    frame = board.confusion(board.best_without_words)
    counts, classes = frame.to_numpy(), list(frame.index)
    totals, shown = counts.sum(axis=1), np.arange(len(classes))
    remark = "Rows are the true classes, columns the predicted ones. Blue counts are right, orange ones wrong."
    if len(classes) > MOST:
        shown = np.sort(np.argsort(np.diag(counts) - totals, kind="stable")[: MOST // 2])
        remark += f" Of {len(classes)} classes, the {len(shown)} that go wrong most often are shown."
    pairs = sorted((-counts[i, j], i, j) for i, j in np.argwhere(counts) if i != j)
    rows = [{
        "name": classes[i], "recall": percent(counts[i, i] / totals[i], 0) if totals[i] else "not tested",
        "cells": [{"count": int(counts[i, j]), "right": i == j,
                   "shade": round(18 + 62 * counts[i, j] / max(1, totals[i]))} for j in shown],
    } for i in shown]
    most = [f"{classes[i]} taken for {classes[j]}: {-count} of {totals[i]}" for count, i, j in pairs[:5]]
    return render("confusion", name=board.best_without_words, remark=remark, classes=[classes[j] for j in shown],
                  rows=rows, most=most, many=len(shown) > MANY)


def by_group(board) -> markupsafe.Markup | None:
    """Write how many items of each group came out right, where each group was held out once."""
    if board.protocol["folds"] != "leave-one-group-out":
        return None
    rows = board.predictions(board.best_without_words)
    groups = rows["correct"].groupby(rows["group"].fillna("without a group").astype(str)).agg(["sum", "size"])
    bars = [{"name": name, "right": right, "n": n, "width": round(100 * right / n, 1)}
            for name, right, n in groups.itertuples()]
    return render("groups", name=board.best_without_words, rows=bars)


def mistakes(board) -> markupsafe.Markup | None:
    """Write the wrong answers of the best row that it was surest of, with their pictures, sounds and captions."""
    name = board.best_without_words
    method = board.pipeline(name)
    if method.modality == "none":
        return None
    rows, probabilities = board.predictions(name), board.probabilities(name)
    wrong = rows[~rows["correct"]].sort_values("confidence", ascending=False, kind="stable").head(MISTAKES)
    figures = []
    with_sound = any(need.modality == "sound" for need in method.needs)
    for (row, item), segment in zip(wrong.iterrows(), features.segments(wrong)):
        place = [short(segment.path), *([item["group"]] if isinstance(item.get("group"), str) else [])]
        if segment.start is not None or segment.end is not None:
            end = "" if segment.end is None else f" to {segment.end:g} s"
            place.insert(1, f"from {segment.start or 0:g} s{end}")
        figures.append({
            "picture": thumbnail(segment, sound=with_sound), "predicted": item["predicted"], "label": item["label"],
            "confidence": percent(item["confidence"], 0),
            "probability": percent(probabilities.loc[row, item["label"]], 0),
            "caption": segment.caption if isinstance(segment.caption, str) else "", "place": " · ".join(place),
        })
    return render("mistakes", name=name, total=int((~rows["correct"]).sum()), figures=figures,
                  wide="video" in set(board.frame["modality"]))


def thumbnail(segment, *, sound: bool = False) -> markupsafe.Markup:
    """Write a segment as HTML: frames if it has pictures; spectrogram and sound if it has none, or where asked for."""
    name = short(segment.path).rpartition("/")[2]
    try:
        with open_media(segment.path) as media:
            parts = [_frames(media, segment, name)] if media.has_video else []
            if media.has_audio and (sound or not parts):
                parts.append(_sound(media, segment, name))
        return markupsafe.Markup("").join(parts)
    except (MediaError, OSError) as error:
        return markupsafe.Markup('<p class="soft">No picture: {}</p>').format(error)


def _frames(media, segment, name: str) -> markupsafe.Markup:
    height = 112  # pixels, enough to see a person fall
    size = height, max(1, round(height * media.size[1] / media.size[0]))
    frames, times = media.sample(1 if media.is_image else 4, size=size, start=segment.start, end=segment.end)
    alt = f"Four frames of {name}, from {times[0]:.1f} to {times[-1]:.1f} s"
    alt = f"The picture {name}" if media.is_image else alt
    image = plots.data_uri(plots.jpeg(plots.frames_image(frames, height=height)), "image/jpeg")
    return render("media", name=name, alt=alt, image=image, sound="")


def _sound(media, segment, name: str) -> markupsafe.Markup:
    end = min(segment.end or np.inf, (segment.start or 0.0) + LONGEST)
    wave = media.audio(sample_rate=RATE, start=segment.start, end=end)
    file = io.BytesIO()
    wavfile.write(file, RATE, (np.clip(wave, -1, 1) * 32767).astype(np.int16))
    alt = f"Spectrogram of {name}, {len(wave) / RATE:.1f} s: time to the right, low pitches below, loud is bright"
    picture = plots.spectrogram_image(features.log_mel(wave, sample_rate=RATE), height=112, width=336)
    image = plots.data_uri(plots.jpeg(picture), "image/jpeg")
    return render("media", name=name, alt=alt, image=image, sound=plots.data_uri(file.getvalue(), "audio/wav"))


CLASSIFICATION_SECTIONS = (confusion, by_group, mistakes)
