"""Draw what a network of several modalities answers: to one item, and which modality decides for which class."""
import html

import numpy as np
import pandas as pd

from ..modalities import color_of
from ..plots import AGAINST, spectrogram_image
from .charts import Sketch, percent, probability_bars, shape
from .fused import Answer, FusedItems

WIDTH = 760  # pixels: a pane of 780 shows it whole
LEFT = 470  # pixels: the probabilities; the modalities stand at their right
MOST_BARS = 12
MARKS = ("square", "triangle", "diamond", "pentagon", "hexagon", "star", "cross")  # of accuracies without a modality
NAMES, ACCURACY, GAP, LINE = 104, 150, 16, 20  # pixels: the columns at both sides, between columns, and of a line


def answer_chart(answer: Answer, items: FusedItems, k: int) -> Sketch:
    """Draw the probabilities, a line where each was when item k was clean, and next to them each modality's part."""
    now, clean = (dict(zip(items.classes, part.tolist())) for part in (answer.probabilities, answer.clean))
    title = "Probability of each class; a line: where it was, clean"
    sketch = probability_bars(now, items.classes[items.y[k]], max(now, key=lambda name: now[name]), width=LEFT,
                              clean=clean, title=title, most=MOST_BARS)
    sketch.width, sketch.height = WIDTH, max(sketch.height, 58 * len(items.names) + 48)
    _draw_parts(sketch, answer, items, k)
    return sketch


def _draw_parts(sketch: Sketch, answer: Answer, items: FusedItems, k: int) -> None:
    left, wide, weighted = LEFT + 20, WIDTH - LEFT - 20, answer.weighted
    title = "Weight of each modality, the model's own" if weighted else "Share of the evidence (Shapley, nats)"
    sketch.words(left, 12, title, size=11, color="soft")
    low = 0.0 if weighted else min(0.0, float(answer.parts.min()))
    high = 1.0 if weighted else max(np.log(len(answer.probabilities)), float(answer.parts.max()))
    zero = left - low / (high - low) * wide
    for j, (name, part, has) in enumerate(zip(items.names, answer.parts.tolist(), items.has(k))):
        y, on = 22 + 58 * j, answer.X["present"][0, j] > 0
        number = part_text(part, weighted) if on else "off" if has else "missing in this item"
        sketch.words(left, y + 11, name, bold=True)
        sketch.words(WIDTH, y + 11, number, anchor="end", color="ink" if on else "soft")
        sketch.box(left, y + 16, wide, 9, fill="panel")
        if on:
            end = zero + part / (high - low) * wide
            sketch.box(min(zero, end), y + 16, max(1.0, abs(end - zero)), 9, fill=color_of(name), line="ink", thick=0.8)
        sketch.path([(zero, y + 13), (zero, y + 28)], line="soft")
        if on and name in items.deviations:
            clean, numbers = items.X[name][k], answer.X[name][0]
            bounds = float(clean.min()), float(clean.max())
            plane = spectrogram_image(numbers.reshape(len(numbers), -1), height=22, width=wide, bounds=bounds)
            sketch.picture(left, y + 28, wide, 22, plane)
        elif on:
            sketch.words(left, y + 42, "its words stand below", size=11, color="soft")
    for j, line in enumerate(("Noise 1.0 is the deviation of all examples’", "numbers; of words, the share replaced.")):
        sketch.words(left, 32 + 58 * len(items.names) + 14 * j, line, size=11, color="soft")


def part_text(part: float, weighted: bool) -> str:
    """Return a modality's part with its unit."""
    return percent(part) if weighted else f"{part:+.2f} nats"


def caption_html(name: str, words: str, clean: str, *, on: bool) -> str:
    """Write the words as the model reads them, those that noise put there underlined; struck out where they are off."""
    texts = [f"<b><u>{html.escape(word)}</u></b>" if word != before else html.escape(word)
             for word, before in zip(words.split(), clean.split())]
    text = f"“{' '.join(texts)}”" if texts else "none in this item"
    return f"<div>{html.escape(name)}: {text if on or not texts else f'<s>{text}</s> (off)'}</div>"


def evidence_chart(frame: pd.DataFrame, names: tuple[str, ...], *, bold: str | None = None) -> Sketch:
    """Draw a line for each row of a frame: a bar for each modality, and the accuracy with all and without each.

    frame: lines like those of `FusionExplorer.frame`. bold: the line to set off.
    """
    bottom = 42 + LINE * len(frame)
    sketch = Sketch(WIDTH, bottom + 52)
    shares = frame[list(names)].to_numpy()
    low, high = min(0.0, float(shares.min())), max(0.1, float(shares.max()))
    wide = (WIDTH - NAMES - ACCURACY - GAP * len(names)) / len(names)
    for j, name in enumerate(names):
        left = NAMES + j * (wide + GAP)
        zero = left - low / (high - low) * (wide - 36)  # room for the number behind the bar
        sketch.words(left, 14, name, bold=True)
        sketch.words(left, 30, "share, nats", size=11, color="soft")
        for y, label, share, row in zip(range(42, bottom, LINE), frame.index, shares[:, j], shares):
            end = zero + share / (high - low) * (wide - 36)
            fill, tip = color_of(name) if share >= 0 else AGAINST, f"{label}: {name} {share:+.2f} nats"
            sketch.box(min(zero, end), y + 3, max(0.5, abs(end - zero)), 14, fill=fill, line="ink", thick=0.6, tip=tip)
            sketch.words(max(zero, end) + 4, y + 14, f"{share:+.2f}", size=10, bold=share == row.max())
        sketch.path([(zero, 40), (zero, bottom)], line="soft")
    for y, label in zip(range(42, bottom, LINE), frame.index):
        sketch.words(NAMES - 10, y + 14, label, anchor="end", bold=label == bold)
    _draw_accuracies(sketch, frame, names, bottom)
    sentence = "Bars: (mean) Shapley share of the evidence for the class, nats; left of 0 it speaks against it."
    sketch.words(0, bottom + 30, sentence, size=11, color="soft")
    return sketch


def _draw_accuracies(sketch: Sketch, frame: pd.DataFrame, names: tuple[str, ...], bottom: int) -> None:
    """Draw the column of accuracies, and the meaning of its marks below the chart."""
    left, scale = WIDTH - ACCURACY + 6, ACCURACY - 30
    sketch.words(WIDTH - ACCURACY, 14, "accuracy", bold=True)
    for tick in (0, 0.5, 1):
        sketch.path([(left + tick * scale, 40), (left + tick * scale, bottom)], line="rule", thick=0.7)
        sketch.words(left + tick * scale, bottom + 13, percent(tick), size=10, color="soft", anchor="middle")
    sketch.words(0, bottom + 47, "Accuracy:", size=11, color="soft")
    x, marks = 62.0, [*zip(names, MARKS * len(names)), (None, "circle")]
    for name, mark in marks:  # the one with all modalities is drawn last, over the others
        column, meaning = ("accuracy", "with all") if name is None else (f"without_{name}", f"without {name}")
        color, radius = ("ink", 3) if name is None else (color_of(name), 4.5)
        for k, share in enumerate(frame[column]):
            corners = shape(mark, left + share * scale, 42 + LINE * (k + 0.5), radius)
            sketch.polygon(corners, fill=color, line="ink", thick=0.8, tip=f"{percent(share)} {meaning}")
        sketch.polygon(shape(mark, x + 4, bottom + 43, radius), fill=color, line="ink", thick=0.8)
        sketch.words(x + 14, bottom + 47, meaning, size=11, color="soft")
        x += 34 + 6 * len(meaning)
