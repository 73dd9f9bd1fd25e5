"""Check exercises of 07 convolution by hand: kernels, sizes, parameters, receptive fields, gradients."""
import numpy as np

from .answers import array, call, close, expect, require, short
from .exercise import exercise

_FIRST_PLACE = "the first place counts as well."
_OVERLAP = "the places of neighbours overlap: the second layer adds two pixels to three."
_OWN_STRIDE = "a stride counts for the layers after it, not before its own side has counted."


@exercise(stars=1,
    task="Write `upward`, 3×3 weights of a neuron that answers more than 0 where the picture gets lighter towards the "
         "top, and 0 where it is flat or changes only from left to right.",
    hint="Sobel x answers where the picture gets lighter towards the right. How would you turn the page?",
    more="The upper row counts as plus and the lower as minus: a row of positive weights, a row of zeros, and the "
         "first row again with the opposite sign.",
    insight="weights that sum to 0 ignore a flat picture, however bright: the neuron detects change, not light.",
    solution="""
        upward = [[1, 2, 1], [0, 0, 0], [-1, -2, -1]]
    """)
def upward(answer):
    weights = array(answer, "upward", shape=(3, 3)).astype(float)
    require(abs(weights.sum()) < 1e-6, f"on a flat picture of ones your neuron answers {short(weights.sum())}, the sum "
                                       "of its weights; it should answer 0.")
    ramp = (weights * np.array([[2.0], [1.0], [0.0]])).sum()
    sideways = np.abs(weights.sum(axis=0)).max() > 1e-6
    require(ramp != 0 or sideways,
            "your neuron looks neither up nor down: it answers 0 where the picture gets lighter towards the top.")
    require(ramp != 0, "your neuron answers to a change from left to right, and not to one towards the top.")
    require(not sideways, "your neuron answers to a picture that changes only from left to right, too: in each column "
                          "the weights should sum to 0.")
    require(ramp > 0, "your neuron is positive where the picture gets lighter towards the bottom.")
    require(weights.sum(axis=1).cumsum()[:2].min() > -1e-6,
            "your neuron is negative at some edge whose upper side is the lighter one: rows of weights should go from "
            "plus, above, to minus, below.")


@exercise(stars=2,
    task="Write `output_size(size, side, stride, padding)`: how many numbers come out of `size` pixels in a row, for a "
         "kernel of `side` pixels and the padding \"valid\" or \"same\".",
    hint="Put your finger on the first place where the whole kernel fits. How often can it jump by the stride?",
    more="\"valid\": the jumps that fit into size − side, rounded down, and the first place; \"same\": size / stride, "
         "rounded up, for any kernel.",
    insight="the same formula counted the windows of a clip in 02: a clip window is a kernel that slides over time.",
    solution="""
        def output_size(size, side, stride, padding):
            if padding == "same":
                return -(-size // stride)
            return (size - side) // stride + 1
    """)
def output_size(answer):
    expect(answer, (64, 3, 1, "valid"), 62, traps=[(61, _FIRST_PLACE)])
    require(float(call(answer, 64, 3, 2, "valid")).is_integer(),
            "output_size(64, 3, 2, 'valid') should be a whole number.")
    expect(answer, (64, 3, 2, "valid"), 31, traps=[(30, _FIRST_PLACE), (62, "a stride of 2 jumps over places.")])
    expect(answer, (64, 3, 1, "same"), 64, traps=[(62, "\"same\" pads with zeros: every pixel is a centre.")])
    expect(answer, (7, 5, 2, "same"), 4, traps=[(3, "the last pixels count as well: it is rounded up.")])
    expect(answer, (100, 5, 3, "valid"), 32)
    expect(answer, (100, 5, 3, "same"), 34, otherwise="size / stride, rounded up.")


@exercise(stars=1,
    task="Write `count_parameters(side, channels, kernels)`: the numbers that a convolution layer learns, with biases.",
    hint="How many weights has one kernel if the picture has three channels? And what else does a neuron have?",
    more="One kernel is side · side · channels weights and one bias; multiply by the number of kernels.",
    insight="the size of the picture does not occur in it: the layer that fits a thumbnail fits a cinema screen.",
    solution="""
        def count_parameters(side, channels, kernels):
            return (side * side * channels + 1) * kernels
    """)
def count_parameters(answer):
    expect(answer, (5, 3, 32), 2432, traps=[
        (2400, "each kernel has a bias, too."),
        (2401, "there is a single bias for all kernels; each has its own."),
        (832, "a kernel has weights for every channel of its input."),
        (512, "a kernel is a square of weights, side · side."),
        (2496, "a kernel has one bias, not a bias for each channel."),
    ])
    expect(answer, (3, 3, 32), 896)
    expect(answer, (1, 4, 1), 5)


@exercise(stars=3,
    task="Write `receptive_field(layers)`: on how many pixels in a row of the first picture one number at the end "
         "depends; each layer is (side, stride), convolution or pooling.",
    hint="Two 3×3 layers see 5 pixels: the second adds two neighbours to the three. How far apart are neighbours after "
         "a layer with stride 2?",
    more="Begin with field = 1 and step = 1; for each layer, field grows by (side − 1) · step, and then step is "
         "multiplied by the stride.",
    insight="small kernels in a stack see far: three rounds of 3×3 and pooling see 22 pixels, nine weights a layer.",
    solution="""
        def receptive_field(layers):
            field, step = 1, 1
            for side, stride in layers:
                field += (side - 1) * step
                step *= stride
            return field
    """)
def receptive_field(answer):
    expect(answer, ([(3, 1)],), 3)
    expect(answer, ([(3, 1), (3, 1)],), 5, traps=[(6, _OVERLAP), (9, _OVERLAP)])
    expect(answer, ([(3, 2)],), 3, traps=[(5, _OWN_STRIDE)])
    expect(answer, ([(3, 1), (2, 2), (3, 1)],), 8, traps=[
        (6, "after a stride of 2 neighbours are two pixels apart, so they add more."),
        (10, _OWN_STRIDE),
    ])
    expect(answer, ([(3, 1), (2, 2)] * 3,), 22)
    expect(answer, ([(5, 3), (1, 1), (3, 2), (3, 1)],), 23)
    expect(answer, ([],), 1, otherwise="without any layer, one number is one pixel.")


@exercise(stars=2,
    task="Write `secret_kernel(picture, answers)`: the 3×3 weights whose answers to a picture (H, W) are `answers` (H "
         "− 2, W − 2), without padding and bias.",
    hint="Every place of the picture is one equation: nine pixels, nine unknown weights, one answer. How do you get "
         "all places as rows?",
    more="X = sliding_window_view(picture, (3, 3)).reshape(-1, 9), then np.linalg.lstsq(X, answers.ravel()) solves all "
         "of them at once; its first result is the weights.",
    insight="the weights follow from pictures and answers alone; those are what a network learns from, too.",
    solution="""
        def secret_kernel(picture, answers):
            X = np.lib.stride_tricks.sliding_window_view(picture, (3, 3)).reshape(-1, 9)
            return np.linalg.lstsq(X, answers.ravel())[0].reshape(3, 3)
    """)
def secret_kernel(answer):
    rng = np.random.default_rng(6)
    sobel = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    for secret in (sobel, rng.integers(-4, 5, (3, 3)).astype(float)):
        picture = rng.random((24, 32))
        windows = np.lib.stride_tricks.sliding_window_view(picture, (3, 3))
        answers = (windows * secret).sum(axis=(2, 3))
        weights = array(call(answer, picture, answers), "secret_kernel(picture, answers)", shape=(3, 3))
        if close(weights, secret, atol=0.05):
            continue
        require(not close(weights, secret[::-1, ::-1], atol=0.05), "your kernel is flipped: networks do not flip.")
        require(not close(weights, secret.T, atol=0.05), "rows and columns have changed places.")
        off = short(np.abs((windows * weights).sum(axis=(2, 3)) - answers).max())
        require(not close(weights, sobel), "Sobel x is right for one picture, and for other pictures and kernels it is "
                                           f"off by up to {off}.")
        require(False, f"with your weights, the answers are still off by up to {off}: compute them from the picture, "
                       "and if you go step by step, take more steps.")


@exercise(stars=3,
    task="Write `weight_gradient(W, v, x, y)`: the gradient with respect to W of (s − y)², with s = v · max(0, W x).",
    hint="How does the loss change with s, s with each number behind ReLU, and that number with "
         "each weight of its row?",
    more="ds = 2 (s − y); each hidden number gets ds · v where W x > 0 and 0 elsewhere; np.outer of that with x.",
    insight="back-propagation is the chain rule, from the loss to the first layer; a neuron that ReLU switched off "
            "learns nothing from this example.",
    solution="""
        def weight_gradient(W, v, x, y):
            z = W @ x
            ds = 2 * (v @ np.maximum(z, 0) - y)
            return np.outer(ds * v * (z > 0), x)
    """)
def weight_gradient(answer):
    W, v = np.array([[1.0, -2, 0.5], [0.5, 1, -1], [-1, 0, 2], [2, 1, 0]]), np.array([1.0, -2, 3, 0.5])
    x, y = np.array([1.0, 2, 0.5]), 4.0
    z = W @ x
    error, active = v @ np.maximum(z, 0) - y, (z > 0)
    right = np.outer(2 * error * v * active, x)
    expect(answer, (W, v, x, y), right, traps=[
        (-right, "the sign is turned: the loss grows with s where s is larger than y."),
        (right / 2, "the derivative of (s − y)² is 2 (s − y)."),
        (np.outer(2 * error * v, x), "where W x is below 0, ReLU is flat and lets no gradient through."),
        (np.outer(2 * error * active, x), "s changes with the hidden numbers by v: each gets its part."),
        (right.T, "the gradient has the shape of W: a row for each hidden neuron."),
    ])
    expect(answer, (W[:1], v[:1], x, y), np.zeros((1, 3)), otherwise="here ReLU has switched off the only neuron.")
