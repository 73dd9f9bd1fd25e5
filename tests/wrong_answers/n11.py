"""Wrong answers to the exercises of 11 words, each with words that its refusal says."""

import numpy as np

WRONG = {
    "tf_idf": [
        (
            lambda word, caption, captions: (
                np.log((1 + len(captions)) / (1 + sum(word in t.split() for t in captions))) + 1
            ),
            "how often",
        ),
        (
            lambda word, caption, captions: (
                caption.split().count(word)
                * np.log((1 + len(captions)) / (1 + sum(word in t.split() for t in captions)))
            ),
            "the 1 that is added",
        ),
        (
            lambda word, caption, captions: (
                caption.split().count(word)
                * (np.log((1 + len(captions)) / (1 + sum(t.split().count(word) for t in captions))) + 1)
            ),
            "counts of the word",
        ),
        (
            lambda word, caption, captions: (
                caption.split().count(word) * (np.log((1 + len(captions)) / (1 + sum(word in t for t in captions))) + 1)
            ),
            "part of a longer",
        ),
        (
            lambda word, caption, captions: (
                caption.split().count(word)
                * (np.log10((1 + len(captions)) / (1 + sum(word in t.split() for t in captions))) + 1)
            ),
            "base 10",
        ),
    ],
    "said_at": [
        (lambda cues, t: cues["text"][(cues["start"] <= t) & (t <= cues["end"])].tolist(), "no longer"),
        (lambda cues, t: cues["text"][(cues["start"] < t) & (t < cues["end"])].tolist(), "on already"),
        (lambda cues, t: " ".join(cues["text"][(cues["start"] <= t) & (t < cues["end"])]), "should be a list"),
        (lambda cues, t: cues["text"][(cues["start"] <= t) & (t < cues["end"])].tolist()[:1], "two cues"),
        (lambda cues, t: cues["text"][(cues["start"] <= t) & (t < cues["end"])].tolist() or [""], "nothing is said"),
    ],
    "characters_and_pairs": [
        (lambda run: list(run) + [run[k : k + 2] for k in range(0, len(run), 2)], "overlap"),
        (lambda run: list(run) + [run[k : k + 2] for k in range(len(run))], "no second"),
        (lambda run: list(run), "pairs are missing"),
        (lambda run: [run[k : k + 2] for k in range(len(run) - 1)] + list(run), "first each character"),
        (lambda run: " ".join(run), "should be a list"),
    ],
    "perfect_reader": [
        (lambda plain, vague, alike: plain + vague / alike, "may still guess"),
        (lambda plain, vague, alike: plain + vague + (1 - plain - vague) / 16, "does not say which"),
        (lambda plain, vague, alike: plain + (1 - plain) / 16, "narrows it down"),
        (lambda plain, vague, alike: plain + vague / alike + (1 - plain) / 16, "is left"),
    ],
}
