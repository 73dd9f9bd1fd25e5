"""A table goes in, sentences come out: what in its rows, groups, classes and captions can make a score mislead."""
import re
from collections import Counter, defaultdict

import numpy as np
from scipy.stats import hypergeom

FEW = 5  # items of a class below which its scores say little


def class_cautions(labels, groups=None):
    """Sentences on classes with few items or one group, and on groups with one class.

    >>> class_cautions(["a"] * 5 + ["b"] * 2)
    ['Class b (2) has fewer than 5 items, so its scores are mostly luck; add items or join classes.']
    """
    notes = []
    counts = Counter(labels)
    few = [f"{name} ({count})" for name, count in sorted(counts.items()) if count < FEW]
    if few:
        notes.append(f"{listed(few, 'class')} {'has' if len(few) == 1 else 'have'} fewer than {FEW} items, so "
                     f"{'its' if len(few) == 1 else 'their'} scores are mostly luck; add items or join classes.")
    if groups is None or all(g is None for g in groups):
        return notes
    homes, classes = defaultdict(set), defaultdict(set)
    for row, (label, group) in enumerate(zip(labels, groups)):
        homes[label].add(("row", row) if group is None else group)
        if group is not None:
            classes[group].add(label)
    lonely = sorted(label for label, where in homes.items() if len(where) == 1 and counts[label] > 1)
    if lonely and len(set().union(*homes.values())) > 1:
        notes.append(f"{listed(lonely, 'class')} {'comes' if len(lonely) == 1 else 'come'} from a single group, so the class cannot "
                     "be told from the group; add items of it from other groups.")
    single = sorted(str(group) for group, have in classes.items() if len(have) == 1)
    # Where nearly every group has one class the group is a source video, as it should be; a few among others stand out.
    if single and len(single) * 2 <= len(classes):
        notes.append(f"{listed(single, 'group')} {'has' if len(single) == 1 else 'have'} items of one class only, so nothing shows whether "
                     "a method tells classes apart there; add items of the other classes.")
    return notes


def repeated_media(paths, hashes, starts, ends, labels, groups, folds):
    """Sentences on the same media in two rows, worst first: learnt from and tested on, then labelled twice.

    hashes: the content of each file, or None. folds: int (n,), the fold that tests each row, -1 for never; rows of
    different folds are learnt from in each other's turn. Rows that name pieces of one file are the same where the
    pieces overlap; where they do not, they are only a worry if they are torn apart.
    """
    rows_of = defaultdict(list)
    for row, content in enumerate(hashes):
        if content is not None:
            rows_of[content].append(row)
    same, torn, clash = [], [], []
    for rows in rows_of.values():
        for k, a in enumerate(rows):
            for b in rows[k + 1:]:
                overlap = starts[a] < ends[b] and starts[b] < ends[a]
                apart = folds[a] != folds[b]
                if overlap and labels[a] != labels[b]:
                    clash.append((a, b))
                elif overlap:
                    same.append((a, b, apart))
                elif apart:
                    torn.append((a, b))

    def names(pair):
        a, b = pair[:2]
        kin = f", groups {groups[a]} and {groups[b]}" if groups is not None and groups[a] != groups[b] else ""
        return f"rows {a} and {b} ({short(paths[a])}{'' if paths[a] == paths[b] else ' = ' + short(paths[b])}{kin})"

    notes = []
    leaking = [pair for pair in same if pair[2]]
    if leaking:
        notes.append(f"The same media is learnt from and tested on: {several(map(names, leaking))}; a method that remembers it "
                     "looks better than it is, so keep one row of each or give both the same group.")
    harmless = [pair for pair in same if not pair[2]]
    if harmless:
        notes.append(f"The same media stands in two rows: {several(map(names, harmless))}; it counts twice, so keep one row of each.")
    if clash:
        notes.append(f"The same media has two labels: {several(map(names, clash))}; one of each is wrong, or the task needs tags.")
    if torn:
        notes.append(f"Pieces of one file are both learnt from and tested on: {several(map(names, torn))}; give the pieces of a file the "
                     "same group.")
    return notes


def captions_naming_labels(captions, labels):
    """A sentence if captions give the label away, else None.

    Either at least half of a class's captions name the class (all words of its name, whatever their ending, and
    captions of other classes seldom do), or one word stands in nearly all captions of a class and in next to none of
    the others, too often for luck.

    >>> captions_naming_labels(["she falls", "he is falling", "a fall", "he sits", "she eats", "he reads"], ["fall"] * 3 + ["daily"] * 3)
    "The captions name the label ('fall' stands in 3 of 3 captions of class fall and in 0 of 3 others), so rows with words look better than they are; go by the best row without words, or take the label out of the captions."
    """
    rows = [(words(caption), label) for caption, label in zip(captions, labels) if caption]
    spelt = {_stem(word): word for caption in captions if caption for word in re.findall(r"[^\W_]+", caption.casefold())}
    found = []
    for name in sorted({label for _, label in rows}):
        own = [tokens for tokens, label in rows if label == name]
        others = [tokens for tokens, label in rows if label != name]
        told = _named(name, own, others) or _decided(own, others)
        if told:
            word, inside, outside = told
            found.append((inside / len(own), f"'{spelt.get(word, word)}' stands in {inside} of {len(own)} captions of class {name} and in {outside} of "
                                             f"{len(others)} others"))
    if not found:
        return None
    found.sort(key=lambda item: -item[0])
    more = f"; likewise {len(found) - 1} more class{'es' if len(found) > 2 else ''}" if len(found) > 1 else ""
    return (f"The captions name the label ({found[0][1]}{more}), so rows with words look better than they are; go by the best "
            "row without words, or take the label out of the captions.")


def words(text):
    """The set of word stems of a text: falls, falling and Fall are one; camelCase and snake_case are taken apart."""
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", str(text))
    return {_stem(word) for word in re.findall(r"[^\W_]+", text.casefold())}


def listed(names, what, most=4):
    """"Class a", "Classes a, b and c" or "Classes a, b, c, d and 5 more"."""
    plural = {"class": "classes"}.get(what, what + "s")
    if len(names) > most:
        return f"{plural.capitalize()} {', '.join(names[:most])} and {len(names) - most} more"
    if len(names) > 1:
        return f"{plural.capitalize()} {', '.join(names[:-1])} and {names[-1]}"
    return f"{what.capitalize()} {names[0]}"


def _named(name, own, others):
    """(name, captions of the class that name it, others that do) where that gives the class away."""
    stems = words(name)
    if not stems:
        return None
    inside, outside = (sum(stems <= tokens for tokens in side) for side in (own, others))
    if inside >= 3 and inside >= 0.5 * len(own) and inside >= 0.8 * (inside + outside):
        return str(name), inside, outside
    return None


def _decided(own, others):
    """(word, …) of the one word that nearly decides the class, beyond what the best of so many words does by luck."""
    counts = Counter(word for tokens in own + others for word in tokens)
    best = None
    for word, total in counts.items():
        inside = sum(word in tokens for tokens in own)
        if inside < 0.9 * len(own) or inside < 0.95 * total:
            continue
        luck = hypergeom.sf(inside - 1, len(own) + len(others), len(own), total) * len(counts)
        if luck < 1e-3 and (best is None or luck < best[0]):
            best = luck, word, inside, total - inside
    return best and best[1:]


def _stem(word):
    for ending in ("ings", "ing", "ers", "ied", "ies", "ed", "es", "en", "er", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return word[:-1] + "i" if len(word) > 2 and word[-1] == "y" else word[:-1] if len(word) > 3 and word[-1] == "e" else word


def short(path):
    """The last folder and the name of a path."""
    return "/".join(str(path).replace("\\", "/").split("/")[-2:])


def several(items, what="pairs", *, between="; ", most=3):
    """The first few of some things, and how many more there are: "a; b; c; and 5 more pairs"."""
    items = list(items)
    return between.join(items[:most]) + (f"{between}and {len(items) - most} more {what}" if len(items) > most else "")


def enumerated(names):
    """"a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def spans(table):
    """(starts, ends): float64 (n,) seconds of each row's piece, 0 and infinity where the row has none."""
    missing = np.full(len(table), np.nan)
    starts, ends = (table[c].to_numpy(float) if c in table else missing for c in ("start", "end"))
    return np.nan_to_num(starts, nan=0.0), np.where(np.isnan(ends), np.inf, ends)
