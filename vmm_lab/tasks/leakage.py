"""Warn of what can make a score mislead: small classes, repeated media, captions that give the label away."""
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import hypergeom

from ._text import first_few, named, plural, short

WORD = r"[^\W_]+"
FEW = 5  # items of a class below which its scores say little
MOST = 3  # pairs of rows that a warning names


def class_warnings(labels: Sequence[str] | NDArray, groups: Sequence[str | None] | None = None, *,
                   noun: str = "class") -> list[str]:
    """Warn of classes with few items or one group, and of groups with one class.

    >>> class_warnings(["a"] * 5 + ["b"] * 2)
    ['Class b (2) has fewer than 5 items, so its scores are mostly luck; add items or join classes.']
    """
    notes, counts = [], Counter(labels)
    few = [f"{name} ({count})" for name, count in sorted(counts.items()) if count < FEW]
    if few:
        has, its = ("has", "its") if len(few) == 1 else ("have", "their")
        notes.append(f"{named(few, noun.capitalize())} {has} fewer than {FEW} items, so {its} scores are mostly luck; "
                     f"add items or join {plural(noun)}.")
    if groups is None or all(group is None for group in groups):
        return notes
    groups_of, classes_of = defaultdict(set), defaultdict(set)
    for row, (label, group) in enumerate(zip(labels, groups)):
        groups_of[label].add(("row", row) if group is None else group)
        if group is not None:
            classes_of[group].add(label)
    lonely = sorted(label for label, found in groups_of.items() if len(found) == 1 and counts[label] > 1)
    if lonely and len(set().union(*groups_of.values())) > 1:
        come = "comes" if len(lonely) == 1 else "come"
        notes.append(f"{named(lonely, noun.capitalize())} {come} from a single group, so {noun} and group cannot be "
                     "separated; add items of it from other groups.")
    single = sorted(str(group) for group, found in classes_of.items() if len(found) == 1)
    # Where nearly every group has one class the group is a source video, as it should be; a few among others stand out.
    if single and len(single) * 2 <= len(classes_of):
        has = "has" if len(single) == 1 else "have"
        notes.append(f"{named(single, 'Group')} {has} items of one class only, so nothing shows whether a "
                     "method tells classes apart there; add items of the other classes.")
    return notes


def repeated_media(table: pd.DataFrame, hashes: Sequence[str | None], fold: Sequence[int] | NDArray) -> list[str]:
    """Warn of the same media in two rows, worst first: learnt from and tested on, then labelled twice.

    table: `path`, `label`; `group`, `start`, `end` as there are. hashes: the content of each file, or None. fold: int
    (n,), which fold tests each row. Segments of one file are the same media where they overlap; where they do not, they
    only matter on different folds.
    """
    paths, labels, fold = list(table["path"]), pd.factorize(table["label"])[0], np.asarray(fold)
    groups = list(table["group"].fillna("")) if "group" in table else [""] * len(table)
    starts, ends = (table.get(name, pd.Series(np.nan, table.index)).fillna(otherwise).to_numpy(float)
                    for name, otherwise in (("start", 0), ("end", np.inf)))

    def pair(a: int, b: int) -> str:
        both = groups[a] and groups[b] and groups[a] != groups[b]
        different = f", groups {groups[a]} and {groups[b]}" if both else ""
        also = "" if paths[a] == paths[b] else f" = {short(paths[b])}"
        return f"rows {a} and {b} ({short(paths[a])}{also}{different})"

    # Of one long film with thousands of segments there are millions of pairs: they are counted, and a few are named.
    counts, found = Counter[str](), defaultdict(list)
    for _, rows in pd.Series(range(len(table))).groupby(np.array(hashes, object), sort=False):
        for k, a in enumerate(rows):
            others = rows.to_numpy()[k + 1:]
            overlap = (starts[a] < ends[others]) & (starts[others] < ends[a])
            apart, clash = fold[a] != fold[others], labels[a] != labels[others]
            for kind, which in {"leak": overlap & ~clash & apart, "same": overlap & ~clash & ~apart,
                                "clash": overlap & clash, "torn": ~overlap & apart}.items():
                counts[kind] += int(which.sum())
                found[kind] += [pair(a, b) for b in others[which][:MOST - len(found[kind])]]
    sentences = {
        "leak": ("The same media is learnt from and tested on: {}; a method that memorises it looks better than it is, "
                 "so keep one row of each or give both the same group."),
        "same": "The same media stands in two rows: {}; it counts twice, so keep one row of each.",
        "clash": "The same media has two labels: {}; one of each is wrong, or the task needs tags.",
        "torn": "Segments of one file are both learnt from and tested on: {}; give the segments of a file one group.",
    }
    return [sentence.format(first_few(found[kind], of=counts[kind])) for kind, sentence in sentences.items()
            if found[kind]]


def captions_naming_labels(captions: Iterable[str | None], labels: Iterable[str | None]) -> str | None:
    """Warn of captions that give the label away; None where they do not, or there is no row with both.

    Either at least half of a class's captions name the class (all words of its name, whatever their ending, and
    captions of other classes rarely do), or one word stands in nearly all captions of a class and in next to none of
    the others, too often for luck.

    >>> note = captions_naming_labels(["she falls", "he is falling", "a fall", "he sits", "she eats", "he reads"],
    ...                               ["fall"] * 3 + ["daily"] * 3)
    >>> note[:90]
    "The captions name the label ('fall' stands in 3 of 3 captions of class fall and in 0 of 3 "
    """
    both = [(text, label) for text, label in zip(captions, labels) if pd.notna(text) and text and pd.notna(label)]
    rows = [(word_stems(caption), label) for caption, label in both]
    spelt = {_stem(word): word for caption, _ in both for word in re.findall(WORD, caption.casefold())}
    found = []
    for name in sorted({label for _, label in rows}):
        inside, outside = ([stems for stems, label in rows if (label == name) == same] for same in (True, False))
        naming = _naming(name, inside, outside) or _deciding(inside, outside)
        if naming:
            word, hits, misses = naming
            note = (f"'{spelt.get(word, word)}' stands in {hits} of {len(inside)} captions of class {name} and in "
                    f"{misses} of {len(outside)} others")
            found.append((hits / len(inside), note))
    if not found:
        return None
    found.sort(key=lambda item: -item[0])
    more = f"; likewise {len(found) - 1} more class{'es' if len(found) > 2 else ''}" if len(found) > 1 else ""
    return (f"The captions name the label ({found[0][1]}{more}), so rows with words look better than they are; go by "
            "the best row without words, or take the label out of the captions.")


def word_stems(text: str) -> set[str]:
    """Return the stems of a text's words: falls, falling and Fall are one; camelCase and snake_case are taken apart."""
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", str(text))
    return {_stem(word) for word in re.findall(WORD, text.casefold())}


def _naming(name: str, inside: Sequence[set], outside: Sequence[set]) -> tuple[str, int, int] | None:
    """Return (name, captions of the class that name it, others that do) where that gives the class away."""
    stems = word_stems(name)
    hits, misses = (sum(bool(stems) and stems <= words for words in side) for side in (inside, outside))
    return (str(name), hits, misses) if hits >= max(3, 0.5 * len(inside), 0.8 * (hits + misses)) else None


def _deciding(inside: Sequence[set], outside: Sequence[set]) -> tuple[str, int, int] | None:
    """Return (word, hits, misses) of the word that nearly decides the class, beyond what the best does by luck."""
    counts = Counter(word for words in (*inside, *outside) for word in words)
    best = None
    for word, total in counts.items():
        hits = sum(word in words for words in inside)
        if hits < 0.9 * len(inside) or hits < 0.95 * total:
            continue
        luck = hypergeom.sf(hits - 1, len(inside) + len(outside), len(inside), total) * len(counts)
        if luck < 1e-3 and (best is None or luck < best[0]):
            best = luck, word, hits, total - hits
    return best and best[1:]


def _stem(word: str) -> str:
    for ending in ("ings", "ing", "ers", "ied", "ies", "ed", "es", "en", "er", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    if len(word) > 2 and word[-1] == "y":
        return word[:-1] + "i"
    return word[:-1] if len(word) > 3 and word[-1] == "e" else word
