"""Exercises of 07 a first CNN: what it holds, what it is punished for, when to stop, what is left without the background."""
import numpy as np

from .answers import agree, array, call, expect, require, short
from .exercise import exercise


@exercise(
    task="Write `map_sizes(size, rounds)`: the side of the square feature maps after each of so many rounds of a 3×3 "
         "convolution (\"valid\", stride 1) and max pooling by 2×2, as a list.",
    hint="Pictures of 64 pixels become 62 by the convolution. And by the pooling? What if a side is odd?",
    second_hint="In each round, size = (size - 2) // 2, and append it to the list.",
    solution="""
        def map_sizes(size, rounds):
            sizes = []
            for _ in range(rounds):
                size = (size - 2) // 2
                sizes.append(size)
            return sizes
    """,
    insight="every round halves the side, so the maps become a quarter: a few rounds before Flatten save nearly all "
            "the parameters of the first dense layer.",
)
def map_sizes(answer):
    require(isinstance(call(answer, 64, 1), (list, tuple, np.ndarray)), "map_sizes(64, 1) should be a list, one number for each round.")
    expect(answer, (64, 1), [31], traps=[([32], "the convolution loses a pixel at each side of the picture, the rim.")])
    expect(answer, (64, 3), [31, 14, 6], traps=[
        ([31, 15, 7], "what is left over at an odd side has no neighbour to be pooled with, and is dropped."),
        ([31, 31, 31], "each round begins with what the one before has left."),
    ])
    expect(answer, (128, 4), [63, 30, 14, 6])
    expect(answer, (65, 2), [31, 14], otherwise="what is left over at an odd side has no neighbour to be pooled with, and is dropped.")


@exercise(
    task="Write `count_parameters(size, kernels, neurons)`: all that a network like ours learns, for pictures of "
         "size×size in colour: so many 3×3 kernels, pooling by 2×2, Flatten, a dense layer, and one neuron at the end.",
    hint="Go through it layer by layer. Which layers have nothing to learn? How many numbers come out of Flatten?",
    second_hint="(3·3·3 + 1)·kernels, then ((size − 2) // 2)² · kernels numbers go into each of the neurons (+ 1 bias "
                "each), and neurons + 1 into the last.",
    solution="""
        def count_parameters(size, kernels, neurons):
            side = (size - 2) // 2
            flat = side * side * kernels
            return (3 * 3 * 3 + 1) * kernels + (flat + 1) * neurons + neurons + 1
    """,
    insight="more than 99.9 % of the parameters stand between Flatten and the dense layer: the convolution is the "
            "small part of a convolutional network.",
)
def count_parameters(answer):
    expect(answer, (64, 32, 128), 3_937_409, traps=[
        (27 * 32 + 31 * 31 * 32 * 128 + 128, "each neuron and each kernel has a bias, too."),
        (28 * 32 + (62 * 62 * 32 + 1) * 128 + 129, "the pooling leaves a quarter of the numbers."),
        (28 * 32 + (32 * 32 * 32 + 1) * 128 + 129, "the convolution loses the rim: 62 of 64 pixels, before it is pooled."),
        (10 * 32 + (31 * 31 * 32 + 1) * 128 + 129, "a kernel has nine weights for each of the three channels."),
        (28 * 32 + (31 * 31 * 32 + 1) * 128, "the last neuron learns, too."),
    ], rtol=0)
    expect(answer, (32, 8, 16), 224 + (15 * 15 * 8 + 1) * 16 + 17, rtol=0)
    expect(answer, (65, 1, 1), 28 + 31 * 31 + 1 + 2, otherwise="pooling drops what is left over at an odd side.")


@exercise(
    task="Write `cross_entropy(y, p)`: the mean loss of probabilities p for class 1, where y holds the right answers, "
         "0 or 1; both are arrays of the same length.",
    hint="What probability did it give to the answer that was right? p where y is 1, and where y is 0?",
    second_hint="The loss is −log of that probability: -(y * np.log(p) + (1 - y) * np.log(1 - p)), and then the mean.",
    solution="""
        def cross_entropy(y, p):
            return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    """,
    insight="who always says 0.5 pays log 2 = 0.693: a loss above it is worse than not looking. And to be sure and "
            "wrong costs more than to be unsure.",
)
def cross_entropy(answer):
    y, p = np.array([1.0, 0.0, 1.0, 1.0]), np.array([0.9, 0.2, 0.5, 0.1])
    right = -np.log([0.9, 0.8, 0.5, 0.1])
    expect(answer, (y, p), right.mean(), traps=[
        (-right.mean(), "a loss is positive: the logarithm of a probability is not, so a minus is missing."),
        (right.sum(), "that is the sum; the mean is asked for, so that batches of all sizes compare."),
        (-np.mean(y * np.log(p)), "where y is 0, the right answer had the probability 1 − p."),
        (right.mean() / np.log(2), "networks use the natural logarithm, np.log."),
        (0.5, "that is the share of right answers, the accuracy; how sure they were does not count in it."),
        (np.mean((y - p) ** 2), "that is the squared error of 06; the loss of probabilities is their logarithm."),
    ])
    expect(answer, (np.array([0.0, 1.0]), np.array([0.5, 0.5])), np.log(2))
    expect(answer, (np.array([0.0]), np.array([0.99])), -np.log(0.01))


@exercise(
    task="Write `early_stopping(val_loss, patience)`: (epochs, best), numbered from 1: after how many epochs it ends, "
         "and which epoch's weights are kept. It ends once the loss was no lower for `patience` epochs in a row.",
    hint="Walk through the list and remember the lowest loss and its epoch. When has it been too long ago?",
    second_hint="for epoch, loss in enumerate(val_loss, 1): if it is lower than the lowest, remember it; else, if "
                "epoch − best is patience, return. After the loop, return the length of the list and the best.",
    solution="""
        def early_stopping(val_loss, patience):
            lowest, best = float("inf"), 0
            for epoch, loss in enumerate(val_loss, 1):
                if loss < lowest:
                    lowest, best = loss, epoch
                elif epoch - best == patience:
                    return epoch, best
            return len(val_loss), best
    """,
    insight="the validation loss chooses the epoch, and so its score is a little too good: that is why the test actors "
            "are others.",
)
def early_stopping(answer):
    losses = [0.7, 0.5, 0.6, 0.55, 0.58, 0.4]
    given = call(answer, losses, 3)
    require(isinstance(given, (tuple, list)) and len(given) == 2, f"early_stopping(losses, 3) should give two numbers, (epochs, best); yours "
                                                                  f"gives {short(given)}.")
    expect(answer, ([0.7, 0.5, 0.6], 5), (3, 2), traps=[((3, 1), "epochs are numbered from 1.")])
    expect(answer, ([0.5, 0.6, 0.55, 0.58, 0.59, 0.4], 2), (3, 1), traps=[
        ((5, 1), "what counts is the lowest so far, and not the epoch before."),
        ((6, 6), "after epoch 3 the loss had been no lower for 2 epochs; whoever has stopped never learns of epoch 6."),
        ((3, 3), "it ends at epoch 3, but the weights that are kept are those of the lowest loss."),
    ])
    expect(answer, (losses, 3), (5, 2))
    expect(answer, (losses, 4), (6, 6))
    expect(answer, ([0.5, 0.5, 0.5], 2), (3, 1), otherwise="as low as before is not lower.")


@exercise(
    task="Write `moving_part(clip)`: a clip, uint8 (T, H, W, 3), as float numbers: each frame minus the clip's mean "
         "over time, with white as 1.",
    hint="Along which axis of (T, H, W, 3) does time run? And what do bytes do below 0?",
    second_hint="film = clip / 255 gives floats; film - film.mean(axis=0) subtracts the same picture from each frame.",
    solution="""
        def moving_part(clip):
            film = clip / 255
            return film - film.mean(axis=0)
    """,
    insight="what never moves is 0 everywhere, and no network can learn a kitchen by heart that it is not shown.",
)
def moving_part(answer):
    rng = np.random.default_rng(7)
    clip = np.repeat(rng.integers(0, 256, (1, 6, 8, 3), dtype=np.uint8), 5, axis=0)
    clip[2, 1:3, 2:4] = 200
    clip[4, 3:5, 5:7] = 10
    film = clip / 255
    given = array(call(answer, clip), "moving_part(clip)")
    require(given.shape != (4, 6, 8, 3), "that is each frame minus the frame before; the mean of all frames is asked for.")
    given = array(given, "moving_part(clip)", shape=clip.shape).astype(float)
    right = film - film.mean(axis=0)
    require(not np.allclose(given, film - film.mean(), atol=1e-3), "you subtract one number, the mean of everything; the mean over time is one "
                                                                   "picture, its pixels being the means of their own.")
    require(not np.allclose(given, 255 * right, atol=1e-2), "white should be 1, so divide by 255.")
    require(not np.allclose(given, np.abs(right), atol=1e-3), "the difference has a sign, lighter or darker than usual; keep it.")
    require(given.min() > -1.01 and (given.min() < -0.01), "your numbers have no sign: bytes wrap around below 0, so make floats before you subtract.")
    agree(given, right, what="moving_part(clip)", otherwise="a frame minus the clip's mean over time, in floats.", atol=1e-3)
