"""Check exercises of 08 a first CNN: layer sizes, parameters, the loss, early stopping, clips without background."""
import numpy as np

from .answers import array, call, close, expect, pair, require
from .exercise import exercise

_DROPPED = "what is left over at an odd side has no neighbour to be pooled with, and is dropped."


@exercise(stars=1,
    task="Write `map_sizes(size, rounds)`: the side of the square feature maps after each round of a 3×3 convolution "
         "(\"valid\", stride 1) and max pooling by 2×2, as a list.",
    hint="The convolution turns pictures of 64 pixels into 62. And the pooling? What if a side is odd?",
    more="In each round, size = (size - 2) // 2, and append it to the list.",
    insight="every round leaves a quarter of each map, and so saves most parameters of the first dense layer.",
    solution="""
        def map_sizes(size, rounds):
            sizes = []
            for _ in range(rounds):
                size = (size - 2) // 2
                sizes.append(size)
            return sizes
    """)
def map_sizes(answer):
    require(np.ndim(call(answer, 64, 1)) == 1, "map_sizes(64, 1) should be a list, one number for each round.")
    expect(answer, (64, 1), np.array([31]), traps=[([32], "the convolution loses the border, a pixel at each side.")])
    expect(answer, (64, 3), np.array([31, 14, 6]), traps=[
        ([31, 15, 7], _DROPPED),
        ([31, 31, 31], "each round begins with the output of the round before."),
    ])
    expect(answer, (128, 4), np.array([63, 30, 14, 6]))
    expect(answer, (65, 2), np.array([31, 14]), otherwise=_DROPPED)


@exercise(stars=2,
    task="Write `count_parameters(size, kernels, neurons)`: how many numbers a network like ours learns for colour "
         "pictures of size×size: 3×3 kernels, pooling by 2×2, Flatten, a dense layer, and one neuron at the end.",
    hint="Go through it layer by layer. Which layers have nothing to learn? How many numbers come out of Flatten?",
    more="(3·3·3 + 1)·kernels, then ((size − 2) // 2)² · kernels numbers go into each of the neurons (+ 1 bias each), "
         "and neurons + 1 into the last.",
    insight="more than 99.9 % of the parameters are between Flatten and the dense layer: the convolution is the small "
            "part of a convolutional network.",
    solution="""
        def count_parameters(size, kernels, neurons):
            side = (size - 2) // 2
            flat = side * side * kernels
            return (3 * 3 * 3 + 1) * kernels + (flat + 1) * neurons + neurons + 1
    """)
def count_parameters(answer):
    expect(answer, (64, 32, 128), 3_937_409, traps=[
        (27 * 32 + 31 * 31 * 32 * 128 + 128, "each neuron and each kernel has a bias, too."),
        (28 * 32 + (62 * 62 * 32 + 1) * 128 + 129, "the pooling leaves a quarter of the numbers."),
        (28 * 32 + (32 * 32 * 32 + 1) * 128 + 129, "the convolution loses the border, 62 of 64 pixels are pooled."),
        (10 * 32 + (31 * 31 * 32 + 1) * 128 + 129, "a kernel has nine weights for each of the three channels."),
        (28 * 32 + (31 * 31 * 32 + 1) * 128, "the last neuron learns, too."),
    ], rtol=0)
    expect(answer, (32, 8, 16), 224 + (15 * 15 * 8 + 1) * 16 + 17, rtol=0)
    expect(answer, (65, 1, 1), 28 + 31 * 31 + 1 + 2, otherwise="pooling drops what is left over at an odd side.")


@exercise(stars=2,
    task="Write `cross_entropy(y, p)`: the mean loss of the probabilities p for class 1, where y holds the right "
         "answers, 0 or 1; both are arrays of the same length.",
    hint="What probability did the right answer get? p where y is 1, and where y is 0?",
    more="The loss is −log of that probability: -(y * np.log(p) + (1 - y) * np.log(1 - p)), and then the mean.",
    insight="a model that always answers 0.5 has a loss of log 2 = 0.693: a loss above that is worse than guessing. "
            "And to be sure and wrong costs more than to be unsure.",
    solution="""
        def cross_entropy(y, p):
            return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
    """)
def cross_entropy(answer):
    y, p = np.array([1.0, 0.0, 1.0, 1.0]), np.array([0.9, 0.2, 0.5, 0.1])
    right = -np.log([0.9, 0.8, 0.5, 0.1])
    expect(answer, (y, p), right.mean(), traps=[
        (-right.mean(), "a loss is positive: the logarithm of a probability is not, so a minus is missing."),
        (right.sum(), "that is the sum; the task is the mean, so that batches of all sizes compare."),
        (-np.mean(y * np.log(p)), "where y is 0, the right answer had the probability 1 − p."),
        (right.mean() / np.log(2), "networks use the natural logarithm, np.log."),
        (0.5, "that is the share of right answers, the accuracy, which ignores how sure they were."),
        (np.mean((y - p) ** 2), "that is the squared error of 07; here the loss is a logarithm."),
    ])
    expect(answer, (np.array([0.0, 1.0]), np.array([0.5, 0.5])), np.log(2))
    expect(answer, (np.array([0.0]), np.array([0.99])), -np.log(0.01))


@exercise(stars=3,
    task="Write `early_stopping(val_loss, patience)`: (epochs, best), numbered from 1: after how many epochs training "
         "ends, and which epoch's weights are kept. It ends once the loss was no lower for `patience` epochs in a row.",
    hint="Go through the list and remember the lowest loss and its epoch. When was that too long ago?",
    more="for epoch, loss in enumerate(val_loss, 1): if it is lower than the lowest, remember it; else, if epoch − "
         "best is patience, return. After the loop, return the length of the list and the best.",
    insight="the validation loss chose the epoch, so it is slightly too good; that is why there is a test set.",
    solution="""
        def early_stopping(val_loss, patience):
            lowest, best = float("inf"), 0
            for epoch, loss in enumerate(val_loss, 1):
                if loss < lowest:
                    lowest, best = loss, epoch
                elif epoch - best == patience:
                    return epoch, best
            return len(val_loss), best
    """)
def early_stopping(answer):
    losses = [0.7, 0.5, 0.6, 0.55, 0.58, 0.4]
    pair(call(answer, losses, 3), "early_stopping(losses, 3)", "two numbers, (epochs, best)")
    expect(answer, ([0.7, 0.5, 0.6], 5), (3, 2), traps=[((3, 1), "epochs are numbered from 1.")])
    expect(answer, ([0.5, 0.6, 0.55, 0.58, 0.59, 0.4], 2), (3, 1), traps=[
        ((5, 1), "compare with the lowest so far, not with the epoch before."),
        ((6, 6), "at epoch 3 the loss was no lower for 2 epochs; training that has stopped never learns of epoch 6."),
        ((3, 3), "it ends at epoch 3, but the weights that are kept are those of the lowest loss."),
    ])
    expect(answer, (losses, 3), (5, 2))
    expect(answer, (losses, 4), (6, 6))
    expect(answer, ([0.5, 0.5, 0.5], 2), (3, 1), otherwise="an equal loss is not a lower one.")


@exercise(stars=1,
    task="Write `moving_part(clip)`: a clip, uint8 (T, H, W, 3), as float numbers: each frame minus the clip's mean "
         "over time, with white as 1.",
    hint="Which axis of (T, H, W, 3) is time? And what do bytes do below 0?",
    more="film = clip / 255 gives floats; film - film.mean(axis=0) subtracts the same picture from each frame.",
    insight="what never moves is 0 everywhere, and no network can memorise a kitchen that it is not shown.",
    solution="""
        def moving_part(clip):
            film = clip / 255
            return film - film.mean(axis=0)
    """)
def moving_part(answer):
    rng = np.random.default_rng(7)
    clip = np.repeat(rng.integers(0, 256, (1, 6, 8, 3), dtype=np.uint8), 5, axis=0)
    clip[2, 1:3, 2:4] = 200
    clip[4, 3:5, 5:7] = 10
    film = clip / 255
    right = film - film.mean(axis=0)
    given = array(call(answer, clip), "moving_part(clip)")
    require(given.shape != (4, 6, 8, 3), "that is each frame minus the frame before; subtract the mean of all frames.")
    require(close(given, right, atol=1e-3) or given.min() < -0.01 or close(given, np.abs(right), atol=1e-3),
            "your numbers have no sign: bytes wrap around below 0, so convert to floats before you subtract.")
    expect(answer, (clip,), right, atol=1e-3, traps=[
        (film - film.mean(), "you subtract one number, the mean of everything; the mean over time is one picture."),
        (255 * right, "white should be 1, so divide by 255."),
        (np.abs(right), "the difference has a sign, lighter or darker than usual; keep it."),
    ], otherwise="a frame minus the clip's mean over time, in floats.")
