"""Check exercises of 03 handcrafted features: histograms, rotation and HOG, corners, matches, words."""
import numpy as np

from .answers import array, call, expect, require
from .exercise import exercise


@exercise(stars=1,
    task="Write `scramble(frame)`: a different picture that no colour histogram can tell from this one.",
    hint="A histogram counts pixels and ignores where they are. What may you do to the pixels, then?",
    more="Move whole pixels: mirror the rows or the columns, or shuffle; keep the three numbers of a pixel together.",
    insight="upside down, mirrored or shuffled, a picture has the same colour histogram. That makes the histogram "
            "robust, and blind to every shape.",
    solution="""
        def scramble(frame):
            return frame[::-1]
    """)
def scramble(answer):
    rng = np.random.default_rng(3)
    for frame in (rng.integers(0, 256, (6, 8, 3), dtype=np.uint8), rng.integers(0, 4, (9, 5, 3), dtype=np.uint8) * 80):
        other = array(call(answer, frame), "scramble(frame)", shape=frame.shape, dtype=np.uint8)
        require(not np.array_equal(other, frame),
                "scramble(frame) is the very same picture: change where the pixels are.")
        pixels, others = frame.reshape(-1, 3), other.reshape(-1, 3)
        if np.array_equal(_sorted(pixels), _sorted(others)):
            continue
        require(not np.array_equal(_sorted(pixels[:, ::-1]), _sorted(others)),
                "scramble(frame) swaps red and blue, so the histogram changes its colours.")
        require(not np.array_equal(np.sort(pixels, axis=0), np.sort(others, axis=0)),
                "each channel still holds the same numbers, but you tore the pixels apart: a red pixel and a blue one "
                "may now be a purple one and a black one.")
        require(False, "scramble(frame) has pixels of another colour, and a histogram would count them: keep the "
                       "pixels, move them.")


@exercise(stars=2,
    task="Write `turned_cell(votes, degrees)`: a HOG cell's nine votes after a clockwise turn by a multiple of 20°.",
    hint="Draw one edge that votes for bin 1, turn the paper by 20°, and vote again. And a vote for the last bin?",
    more="Every vote moves on by degrees / 20 bins, and what leaves bin 8 comes back in bin 0, as with np.roll.",
    insight="HOG depends on which way is up, which helps with people, who are mostly upright. SIFT first rotates each "
            "patch to its main orientation, and so recognises it in a rotated picture.",
    solution="""
        def turned_cell(votes, degrees):
            return np.roll(votes, degrees // 20)
    """)
def turned_cell(answer):
    votes = np.array([5.0, 9.0, 4.0, 0.0, 0.0, 1.0, 0.0, 2.0, 3.0])
    lost = np.array([0.0, 5.0, 9.0, 4.0, 0.0, 0.0, 1.0, 0.0, 2.0])
    expect(answer, (votes, 20), np.roll(votes, 1), traps=[
        (np.roll(votes, -1), "angles grow clockwise here, from 0° to the right to 90° down."),
        (lost, "the votes of the last bin are lost; 180° is the same orientation as 0°, so what leaves comes back."),
        (np.roll(votes, 20), "the votes were shifted by 20 bins, and a bin is 20° wide."),
        (votes, "the votes stay as they are, but edges that were horizontal are slanted now."),
    ])
    expect(answer, (votes, 100), np.array([0.0, 1.0, 0.0, 2.0, 3.0, 5.0, 9.0, 4.0, 0.0]))
    expect(answer, (votes, 180), votes, otherwise="an edge that is upside down has the same orientation as before.")


@exercise(stars=3,
    task="Write `corner_strength(right, down)`: the smaller eigenvalue of the structure tensor of a "
         "window's gradients.",
    hint="The tensor has two rows and two columns, made of three sums. Which products are summed?",
    more="[[Σ right², Σ right·down], [Σ right·down, Σ down²]], and np.linalg.eigvalsh gives the "
         "smaller eigenvalue first.",
    insight="a slanted edge changes to the right and downwards, and is no corner: only the eigenvalues notice.",
    solution="""
        def corner_strength(right, down):
            across = (right * down).sum()
            tensor = [[(right**2).sum(), across], [across, (down**2).sum()]]
            return np.linalg.eigvalsh(tensor)[0]
    """)
def corner_strength(answer):
    rng = np.random.default_rng(8)
    right, down = rng.normal(size=(5, 5)), rng.normal(1, 2, size=(5, 5))
    xx, xy, yy = (right**2).sum(), (right * down).sum(), (down**2).sum()
    values = np.linalg.eigvalsh([[xx, xy], [xy, yy]])
    expect(answer, (right, down), values[0], traps=[
        (values[1], "that is the larger one, and it is large at an edge, too."),
        (min(xx, yy), "this ignores Σ right·down, so a slanted edge would be a corner."),
        (values[0] / right.size, "the products are summed over the window, not averaged."),
        (values, "those are both eigenvalues; the task is the smaller one."),
    ])
    edge = np.array([[0.0, 3.0, 1.0]])
    expect(answer, (edge, 2 * edge), 0.0, otherwise="an edge that runs the same way everywhere is no corner.")


@exercise(stars=2,
    task="Write `ratio_test(distances)`: the rows whose smallest distance is below 0.8 of the second (Lowe's test).",
    hint="Each row holds the distances from one keypoint to all those of the other picture. A match is good if nothing "
         "else is almost as near.",
    more="np.sort(distances, axis=1) puts the two smallest first; np.flatnonzero turns a mask into row numbers.",
    insight="a keypoint that matches two places almost equally well is no match at all: the windows of a house all "
            "look the same. No fixed threshold detects that.",
    solution="""
        def ratio_test(distances):
            nearest = np.sort(distances, axis=1)
            return np.flatnonzero(nearest[:, 0] < 0.8 * nearest[:, 1])
    """)
def ratio_test(answer):
    distances = np.array([[0.9, 0.1, 0.8], [0.20, 0.21, 0.9], [5.0, 2.0, 9.0], [0.50, 0.70, 0.64], [7.1, 9.9, 7.0]])
    expect(answer, (distances,), np.array([0, 2, 3]), traps=[
        (np.array([True, False, True, True, False]), "that is a mask; np.flatnonzero turns it into row numbers."),
        (np.array([0, 1, 3]), "a fixed threshold keeps row 1, where another place is almost as near, and drops 2."),
        (np.array([3, 4]), "the two smallest are not always in the first two columns: sort each row first."),
        (np.array([1, 4]), "you keep those that fail the test."),
    ])
    expect(answer, (np.array([[1.0, 1.0], [3.0, 2.9]]),), np.array([], int), otherwise="here, no match is clear.")


@exercise(stars=2,
    task="Write `bag_of_words(descriptors, vocabulary)`: the share of descriptors that are nearest to each word.",
    hint="Two steps: the number of the nearest word for each descriptor, then how often each occurs, as a share.",
    more="scipy.spatial.distance.cdist(descriptors, vocabulary).argmin(axis=1), then np.bincount(..., "
         "minlength=len(vocabulary)); think of a picture without descriptors.",
    insight="pictures with nine or nine hundred keypoints become rows of one length, for any classifier to compare.",
    solution="""
        from scipy.spatial.distance import cdist

        def bag_of_words(descriptors, vocabulary):
            words = cdist(descriptors, vocabulary).argmin(axis=1)
            counts = np.bincount(words, minlength=len(vocabulary))
            return counts / max(1, len(descriptors))
    """)
def bag_of_words(answer):
    vocabulary = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [99.0, 99.0]])
    descriptors = np.array([[1.0, 1.0], [9.0, 1.0], [8.0, 3.0], [2.0, 9.0], [11.0, 2.0]])
    expect(answer, (descriptors, vocabulary), np.array([0.2, 0.6, 0.2, 0.0]), traps=[
        (np.array([1, 3, 1, 0]), "a picture with more keypoints would get larger counts: divide by their number."),
        (np.array([0.2, 0.6, 0.2]), "every word has its place, even those that do not occur (minlength)."),
        (np.array([0, 1, 1, 2, 1]), "that is the number of its word for each descriptor; now count them."),
    ])
    expect(answer, (np.zeros((0, 2)), vocabulary), np.zeros(4), otherwise="a picture without keypoints has no words.")


def _sorted(pixels):
    return pixels[np.lexsort(pixels.T)]
