"""Wrong answers to the exercises of 13 words, each with words that its refusal says."""

import numpy as np


def joined(pieces, pair):
    out = []
    for piece in pieces:
        if out and (out[-1], piece) == pair:
            out[-1] += piece
        else:
            out.append(piece)
    return tuple(out)


def step(words, weight=lambda count: count):
    pairs = {}
    for pieces, count in words.items():
        for pair in zip(pieces, pieces[1:]):
            pairs[pair] = pairs.get(pair, 0) + weight(count)
    return {joined(pieces, max(pairs, key=pairs.get)): count for pieces, count in words.items()}


def by_words(words):
    return step(words, weight=lambda count: 1)


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
    "join_most_frequent": [
        (by_words, "as often as it occurs"),
        (lambda words: words, "no pair has been joined"),
        (lambda words: ("a", "l"), "should be a dict"),
        (lambda words: {("all",): 5} if ("al", "l") in words else step(words), "the same letters"),
        (lambda words: dict.fromkeys(step(words), 1), "the counts should stay"),
        (lambda words: {("aa", "aa", "b"): 1} if ("a", "a", "a", "b") in words else step(words), "used up"),
    ],
    "perfect_reader": [
        (lambda plain, vague, alike: plain + vague / alike, "may still guess"),
        (lambda plain, vague, alike: plain + vague + (1 - plain - vague) / 16, "does not say which"),
        (lambda plain, vague, alike: plain + (1 - plain) / 16, "narrows it down"),
        (lambda plain, vague, alike: plain + vague / alike + (1 - plain) / 16, "is left"),
    ],
}
