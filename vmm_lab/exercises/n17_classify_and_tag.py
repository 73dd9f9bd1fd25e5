"""Check exercises of 17 classify and tag: average precision, a threshold by F1, micro and macro, moments."""
import numpy as np

from .answers import array, call, close, expect, require
from .exercise import exercise


@exercise(
    task="Write `micro_macro(truth, given)`: (micro-F1, macro-F1) of bool arrays (items, tags). F1 = 2 hits / (given + "
         "true): once of all decisions together, once as the mean of the tags' own.",
    hint="The same formula twice: with counts over the whole array, .sum(), and of each column, .sum(axis=0).",
    more="For macro, the mean of what comes out: one F1 for each tag.",
    insight="micro is ruled by frequent tags; macro treats a rare tag like a frequent one. A large gap between them "
            "says that the rare tags fail, or the frequent ones.",
    stars=1,
    solution="""
        def micro_macro(truth, given):
            hits = truth & given
            micro = 2 * hits.sum() / (given.sum() + truth.sum())
            macro = (2 * hits.sum(axis=0) / (given.sum(axis=0) + truth.sum(axis=0))).mean()
            return micro, macro
    """)
def micro_macro(answer):
    truth = np.array([[1, 0], [1, 0], [1, 1], [1, 0], [0, 0], [1, 0]], bool)
    given = np.array([[1, 0], [1, 1], [1, 0], [1, 0], [0, 0], [1, 0]], bool)
    found = array(call(answer, truth, given), "what micro_macro gives", shape=(2,))
    micro, macro = 2 * 5 / 12, (1.0 + 0.0) / 2
    by_item = (2 * (truth & given).sum(1) / np.maximum(truth.sum(1) + given.sum(1), 1)).mean()
    require(not close(found, (macro, micro)), "the two are in the other order: micro first.")
    require(not close(found, (micro, by_item)), "macro is the mean over the tags, the columns, not over the items.")
    require(not close(found, (np.mean(truth == given),) * 2), "that is the accuracy of the decisions; what is neither "
            "given nor true does not count in F1.")
    require(close(found[0], micro), f"micro-F1 should be {micro:.3f} here; count over the whole array.")
    require(close(found[1], macro), f"macro-F1 should be {macro:.3f} here: one tag is always right, the other never.")


@exercise(
    task="Write `average_precision(scores, truth)`: the mean, over the true items, of the precision among all items "
         "that score at least as high. No two scores are equal.",
    hint="Sort by score and go down the list. At each true item: how many are true so far, of how many?",
    more="hits = truth[np.argsort(-scores)], and hits.cumsum() / np.arange(1, len(hits) + 1) are the precisions.",
    insight="no threshold had to be chosen. It is the area below the curve of precision over recall, in steps.",
    stars=2,
    solution="""
        def average_precision(scores, truth):
            hits = truth[np.argsort(-scores)]
            precision = hits.cumsum() / np.arange(1, len(hits) + 1)
            return precision[hits].mean()
    """)
def average_precision(answer):
    scores = np.array([0.1, 0.9, 0.4, 0.8, 0.3, 0.7, 0.6, 0.2])
    truth = np.array([False, True, True, False, False, True, False, False])
    hits = truth[np.argsort(-scores)]
    precision = hits.cumsum() / np.arange(1, 9)
    turned = hits[::-1].cumsum() / np.arange(1, 9)
    expect(answer, (scores, truth), precision[hits].mean(), traps=[
        (precision.mean(), "that is the mean over all places of the list; only the places of true items count."),
        (turned[hits[::-1]].mean(), "you go up the list, from the lowest score; go down."),
        (3 / 8, "that is the share of true items, what guessing gives."),
        (precision[hits].sum(), "that is the sum; divide by the number of true items."),
        (precision[hits].sum() / 8, "divide by the number of true items, not of all."),
    ])
    expect(answer, (np.array([0.9, 0.2, 0.7]), np.array([True, False, True])), 1.0,
           otherwise="where all true items come first, it is 1.")


@exercise(
    task="Write `best_threshold(scores, truth)`: of the scores themselves, the one t for which giving the tag to all "
         "items with a score ≥ t has the best F1 = 2 hits / (given + true).",
    hint="Try each score as threshold: how many items are given the tag, how many of them rightly?",
    more="f1 = [2 * (truth & (scores >= t)).sum() / ((scores >= t).sum() + truth.sum()) for t in scores], and "
         "scores[np.argmax(f1)].",
    insight="a rare tag hardly ever scores above 0.5; the best threshold can be far below. Choose it on training rows.",
    stars=2,
    solution="""
        def best_threshold(scores, truth):
            f1 = [2 * (truth & (scores >= t)).sum() / ((scores >= t).sum() + truth.sum()) for t in scores]
            return scores[np.argmax(f1)]
    """)
def best_threshold(answer):
    scores = np.array([0.05, 0.45, 0.2, 0.35, 0.1, 0.3, 0.02, 0.15])
    truth = np.array([False, True, False, True, False, True, False, True])
    expect(answer, (scores, truth), 0.15, traps=[
        (0.5, "no item scores 0.5 here, so nobody would get the tag."),
        (0.45, "at the highest score the precision is 1, but the recall is not: F1 wants both."),
        (0.02, "at the lowest score everything gets the tag: the recall is 1, the precision is not."),
        (0.3, "at 0.3 all that is given is right, and one of four true items is missed. Is there a better compromise?"),
        (8 / 9, "that is the F1 itself; the threshold is wanted."),
    ])
    expect(answer, (np.array([0.2, 0.9, 0.6]), np.array([False, True, False])), 0.9)


@exercise(
    task="Write `moments(times, scores, threshold)`: the intervals in which a tag holds, a list of (start, end): the "
         "first and the last time of each unbroken run of scores ≥ threshold.",
    hint="Where does a run begin? At a time that is above the threshold, where the one before is not, or is none.",
    more="Keep the start of the run that is open while you go through the pairs; a run may be open at the end, too.",
    insight="a search can now jump to the second. One noisy window makes a moment of its own: smooth scores first.",
    stars=3,
    solution="""
        def moments(times, scores, threshold):
            found, last = [], None
            for time, score in zip(times, scores):
                if score >= threshold:
                    found = found[:-1] + [(found[-1][0], time)] if last else found + [(time, time)]
                last = score >= threshold
            return found
    """)
def moments(answer):
    times, scores = [0.5, 1.5, 2.5, 3.5, 4.5, 5.5], [0.1, 0.8, 0.9, 0.2, 0.7, 0.5]
    for values, right, sentence in (
        ((times, scores, 0.5), [(1.5, 2.5), (4.5, 5.5)], ""),
        ((times, scores, 0.75), [(1.5, 2.5)], "one run is above 0.75."),
        ((times, [0.9] * 6, 0.5), [(0.5, 5.5)], "where all scores are above, there is one moment, from first to last."),
        ((times, scores, 0.95), [], "where no score is above, there is no moment."),
    ):
        given = call(answer, *values)
        require(isinstance(given, list), "moments(times, scores, threshold) should give a list of pairs (start, end).")
        given = [tuple(float(end) for end in pair) for pair in given]
        require(given != right[:-1] or not right, "the run that is still open at the end is missing.")
        require(given == right, f"{sentence or 'two runs are above.'} Yours gives {given}, not {right}.")
