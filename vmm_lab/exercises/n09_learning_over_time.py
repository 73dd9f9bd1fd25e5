"""Exercises of 09 learning over time: films backwards, what a GRU holds, who is blind to order, change over time."""
import numpy as np

from .answers import array, call, expect, require, short
from .exercise import exercise


@exercise(
    task="Write `backwards(clips)`: uint8 (n, T, H, W, 3) in, the same films in the same places, each played "
         "backwards, out.",
    hint="Which of the five axes is time? Only that one turns round.",
    second_hint="A slice with the step −1 on the second axis.",
    solution="""
        def backwards(clips):
            return clips[:, ::-1]
    """,
    insight="to a network that averages over the frames both films are the same; to one with an order in it they are "
            "two.",
)
def backwards(answer):
    clips = np.random.default_rng(0).integers(0, 256, (3, 5, 4, 6, 3), dtype=np.uint8)
    turned = array(call(answer, clips), "what backwards gives", shape=clips.shape)
    require(not np.array_equal(turned, clips), "the clips came back as they were.")
    require(not np.array_equal(turned, clips[::-1]), "each film should keep its place in the first axis; its frames turn round.")
    require(not np.array_equal(turned, clips[:, :, ::-1]), "now the pictures stand upside down; the second axis is time.")
    expect(answer, (clips,), clips[:, ::-1])


@exercise(
    task="Write `gru_parameters(inputs, units)`: the numbers that a Keras GRU, reading in one direction, learns.",
    hint="Three times the same sizes: update gate, reset gate, proposal. What does each multiply, and what does it "
         "add?",
    second_hint="Each of the three has a matrix inputs × units for the frame, one of units × units for the state, and "
                "two offsets of units numbers: look at `b[0]` and `b[1]` in `gru_step`.",
    solution="""
        def gru_parameters(inputs, units):
            return 3 * (inputs * units + units * units + 2 * units)
    """,
    insight="the number of frames is nowhere in it: the same weights read every frame, as a kernel reads every place.",
)
def gru_parameters(answer):
    expect(answer, (192, 48), 34848, traps=[
        (11616, "that is one of three parts: two gates and the proposal have as many each."),
        (34704, "each part has a second offset in Keras, added to the state's product."),
        (34560, "the offsets are missing, two for each part."),
        (27936, "each part also has a matrix of the state, units × units."),
    ])
    expect(answer, (1, 1), 12)


@exercise(
    task="Which of the six networks cannot tell sitting down from standing up, however long it learns?",
    hint="Which of them puts its frames together by an operation that does not care about their order?",
    second_hint="Among the six, only one has its pairs near 50 %.",
    solution="""
        blind_model = "Frame average"
    """,
    insight="a transformer without its positions would be just as blind: attention is a weighted sum, too.",
)
def blind_model(answer):
    require(isinstance(answer, str), f"your answer should be a name in quotation marks; yours is {short(answer)}.")
    name = answer.strip().casefold()
    order = "a GRU reads the frames one after the other: their order matters."
    time = "it convolves over time: its answer depends on which frame follows which."
    slips = {
        "transformer": "attention alone would be blind, but this one is told the places of its frames.",
        "averaged hog + svm": "it is blind, too, but not one of the six networks.",
        "cnn + gru": order, "hog + gru": order, "conv3d": time, "(2+1)d": time,
    }
    require(name not in slips, slips.get(name, ""))
    require(name == "frame average", f"{short(answer)} is not in the table; write the name as the table does.")


@exercise(
    task="Write `difference(clips)`: float (n, T, H, W) in, (n, T − 1, H, W) out, each frame minus the one before.",
    hint="All frames but the first, minus all frames but the last.",
    second_hint="`clips[:, 1:]` are all but the first; which slice are all but the last?",
    solution="""
        def difference(clips):
            return clips[:, 1:] - clips[:, :-1]
    """,
    insight="a wall that does not move is 0 in every difference: that is why a few hundred films are enough.",
)
def difference(answer):
    clips = np.random.default_rng(0).normal(size=(4, 5, 3, 2))
    want = np.diff(clips, axis=1)
    got = array(call(answer, clips), "what difference gives", shape=want.shape)
    require(not np.allclose(got, -want), "the sign is turned: where a frame gets lighter should give plus.")
    require(not np.allclose(got, np.abs(want)), "without its sign a difference forgets whether it got lighter or darker; leave the sign.")
    require(not np.allclose(got, clips[:, 1:] - clips[:, :1]), "each frame should be compared with the one right before it.")
    expect(answer, (clips,), want)
