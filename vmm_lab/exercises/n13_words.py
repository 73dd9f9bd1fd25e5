"""Check exercises of 13 words: the weight of a word, cues, Chinese, byte-pair encoding, the perfect reader."""
import numpy as np
import pandas as pd

from .answers import expect
from .exercise import exercise


@exercise(stars=2,
    task="Write `tf_idf(word, caption, captions)`: tf times idf of a word in a caption; spaces separate the words.",
    hint="Two counts: how often the word occurs in this caption, and in how many of the captions it occurs at all.",
    more="`caption.split().count(word)` is tf; if n_w captions contain it, idf is `np.log((1 + n) / (1 + n_w)) + 1`.",
    insight="a word that occurs in every caption keeps an idf of 1: the smallest weight, but not thrown away.",
    solution="""
        def tf_idf(word, caption, captions):
            holding = sum(word in text.split() for text in captions)
            idf = np.log((1 + len(captions)) / (1 + holding)) + 1
            return caption.split().count(word) * idf
    """)
def tf_idf(answer):
    captions = ["hop hop hop", "a man may hop", "a manor burns", "she waves"]
    idf = np.log(5 / 3) + 1
    expect(answer, ("hop", "hop hop hop", captions), 3 * idf, traps=[
        (idf, "that is idf alone; how often does the word occur in the caption?"),
        (3 * (idf - 1), "that leaves out the 1 that is added to the logarithm."),
        (3 * (np.log(5 / 5) + 1), "n_w is how many captions contain the word, and not all counts of the word."),
        (3 * (np.log10(5 / 3) + 1), "the logarithm is the natural one; yours has base 10."),
    ])
    expect(answer, ("man", "a man may hop", captions), np.log(5 / 2) + 1,
           traps=[(idf, "a manor is not a man: part of a longer word does not count.")])
    expect(answer, ("a", "she waves", captions), 0.0, otherwise="a word that does not occur weighs nothing.")


@exercise(stars=1,
    task="Write `said_at(cues, t)`: the texts on screen at t seconds, as a list; cues has columns start, end, text.",
    hint="A cue is on if it has started and has not ended. Which of the two comparisons allows equality?",
    more="The mask `(cues[\"start\"] <= t) & (t < cues[\"end\"])` picks the texts; `.tolist()` makes a list of them.",
    insight="[start, end) again: of two cues that touch, exactly one is on at each moment, as with frames.",
    solution="""
        def said_at(cues, t):
            on = (cues["start"] <= t) & (t < cues["end"])
            return cues["text"][on].tolist()
    """)
def said_at(answer):
    cues = pd.DataFrame({"start": [0.5, 1.0, 1.2, 4.0], "end": [1.0, 2.0, 3.0, 5.0],
                         "text": ["Knock.", "Who?", "Me!", "Oh."]})
    for t, texts, traps, otherwise in (
        (0.7, ["Knock."], [], ""),
        (1.0, ["Who?"], [(["Knock.", "Who?"], "at 1 s the first cue is no longer on: its end is not part of it."),
                         ([], "at 1 s the second cue is on already: its start is part of it.")], ""),
        (1.5, ["Who?", "Me!"], [(["Who?"], "at 1.5 s two cues are on at once."),
                                (["Me!"], "at 1.5 s two cues are on at once.")], ""),
        (3.5, [], [], "at 3.5 s nothing is said, so the list should be empty."),
        (0.0, [], [], "before the first cue nothing is said, so the list should be empty."),
    ):
        expect(answer, (cues, t), texts, traps=traps, otherwise=otherwise)


@exercise(stars=1,
    task="Write `characters_and_pairs(run)`: a list of all characters of a run, then of all pairs of neighbours.",
    hint="You can iterate over a string as over a list. A pair begins at every character but the last.",
    more="`list(run)` are the characters; `zip(run, run[1:])` iterates over neighbours.",
    insight="most Chinese words have one or two characters: they are among the tokens, next to some that are none.",
    solution="""
        def characters_and_pairs(run):
            return list(run) + [a + b for a, b in zip(run, run[1:])]
    """)
def characters_and_pairs(answer):
    run = "男人跌倒"
    expect(answer, (run,), [*run, "男人", "人跌", "跌倒"], traps=[
        (list(run), "the pairs are missing: two neighbours make one more token."),
        ([*run, "男人", "跌倒"], "pairs overlap: 人 and 跌 are neighbours, too."),
        ([*run, "男人", "人跌", "跌倒", "倒"], "the last character has no second one to make a pair with."),
        (["男人", "人跌", "跌倒", *run], "the order should be: first each character, then the pairs."),
    ])
    expect(answer, ("火",), ["火"])


@exercise(stars=3,
    task="Write `join_most_frequent(words)`: one step of byte-pair encoding; words is {tuple of pieces: count}.",
    hint="How often do two pieces stand next to each other, if a word that occurs five times counts five times?",
    more="Count `zip(pieces, pieces[1:])`, each with its word's count; join the pair with the largest sum by `merge`.",
    insight="a whole vocabulary is made by this one step; nothing in it knows a language, so it works for all of them.",
    solution=r"""
        import collections
        import re

        def join_most_frequent(words):
            pairs = collections.Counter()
            for pieces, count in words.items():
                for pair in zip(pieces, pieces[1:]):
                    pairs[pair] += count
            a, b = max(pairs, key=pairs.get)
            pattern = re.compile(rf"(?<!\S){re.escape(a)} {re.escape(b)}(?!\S)")
            joined = {word: pattern.sub(lambda _: a + b, " ".join(word)) for word in words}
            return {tuple(joined[word].split()): count for word, count in words.items()}
    """)
def join_most_frequent(answer):
    words = {tuple("walk_"): 2, tuple("tall_"): 6, tuple("waves_"): 4, tuple("wax_"): 1}
    joined = {("w", "al", "k", "_"): 2, ("t", "al", "l", "_"): 6, tuple("waves_"): 4, tuple("wax_"): 1}
    by_words = {("wa", *"lk_"): 2, tuple("tall_"): 6, ("wa", *"ves_"): 4, ("wa", *"x_"): 1}
    expect(answer, (words,), joined, traps=[
        (by_words, "w and a meet in three words, but a and l eight times: a word counts as often as it occurs."),
        (words, "no pair has been joined."),
        (joined | {("w", "al", "k", "_"): 1, ("t", "al", "l", "_"): 1, tuple("waves_"): 1}, "the counts should stay."),
    ], otherwise="a and l meet most often, eight times; join them in every word.")
    expect(answer, ({("al", "l"): 3, ("a", "ll"): 2},), {("all",): 3, ("a", "ll"): 2},
           otherwise="only neighbours that are these two pieces are joined, not others with the same letters.")
    expect(answer, ({("a", "a", "a", "b"): 1},), {("aa", "a", "b"): 1},
           otherwise="join from left to right; a piece that has been joined is used up.")


@exercise(stars=3,
    task="Write `perfect_reader(plain, vague, alike)`: the best accuracy by reading; sixteen equally frequent actions.",
    hint="Three cases: the caption names the action, its kind, or neither. How often is a reader right in each?",
    more="Named: always. Its kind: one in `alike`. Neither, which has the remaining probability: one in sixteen.",
    insight="`theatre.ceiling(\"words\")` adds this up action by action; two are named more often, so it is 0.70.",
    solution="""
        def perfect_reader(plain, vague, alike):
            return plain + vague / alike + (1 - plain - vague) / 16
    """)
def perfect_reader(answer):
    expect(answer, (0.6, 0.2, 4), 0.6625, traps=[
        (0.65, "a reader who learns nothing from the caption may still guess among the sixteen."),
        (0.8125, "a vague caption names the kind: it does not say which of its actions it is."),
        (0.625, "a vague caption still narrows it down to the actions of its kind."),
        (0.675, "the three cases exclude each other: what is left for neither is 1 − plain − vague."),
    ])
    expect(answer, (1.0, 0.0, 5), 1.0)
    expect(answer, (0.0, 0.0, 5), 1 / 16)
    expect(answer, (0.0, 1.0, 2), 0.5)
