"""Check exercises of 10 learning over time: films backwards, the size of a GRU, blindness to order, differences."""
import numpy as np

from .answers import expect, require, short
from .exercise import exercise

_IN_ORDER = "a GRU reads the frames one after the other: their order matters."
_OVER_TIME = "it convolves over time: its answer depends on which frame follows which."


@exercise(stars=1,
    task="Write `backwards(clips)`: of clips (n, T, H, W, 3), the same films in the same places, played backwards.",
    hint="Which of the five axes is time? Only that one is reversed.",
    more="A slice with the step −1 on the second axis.",
    insight="a network that averages over single frames cannot distinguish the two; one that uses their order can.",
    solution="""
        def backwards(clips):
            return clips[:, ::-1]
    """)
def backwards(answer):
    clips = np.random.default_rng(0).integers(0, 256, (3, 5, 4, 6, 3), dtype=np.uint8)
    expect(answer, (clips,), clips[:, ::-1], traps=[
        (clips, "the clips came back as they were."),
        (clips[::-1], "each film should keep its place in the first axis; reverse its frames."),
        (clips[:, :, ::-1], "now the pictures are upside down; the second axis is time."),
    ])


@exercise(stars=2,
    task="Write `gru_parameters(inputs, units)`: how many numbers a Keras GRU learns that reads in one direction.",
    hint="Update gate, reset gate and proposal have equal sizes. What does each multiply, and what does it add?",
    more="Each of the three has a matrix inputs × units for the frame, one of units × units for the state, and two "
         "biases of units numbers: look at `b[0]` and `b[1]` in `gru_step`.",
    insight="the number of frames does not occur in it: the same weights read every frame, as a kernel every place.",
    solution="""
        def gru_parameters(inputs, units):
            return 3 * (inputs * units + units * units + 2 * units)
    """)
def gru_parameters(answer):
    expect(answer, (192, 48), 34848, traps=[
        (11616, "that is one of three parts: two gates and the proposal have as many each."),
        (34704, "each part has a second bias in Keras, added to the product with the state."),
        (34752, "the second bias, c, is in both gates, too, and not only in the proposal."),
        (34560, "the biases are missing, two for each part."),
        (27936, "each part also has a matrix of the state, units × units."),
    ])
    expect(answer, (1, 1), 12)


@exercise(stars=1,
    task="Which of the six networks cannot distinguish sitting down from standing up, however long it is trained?",
    hint="Which of them combines its frames by an operation that ignores their order?",
    more="Among the six, only one is near 50 % on the pairs.",
    insight="a Transformer without its positions would be just as blind: attention is a weighted sum, too.",
    solution="""
        blind_model = "Frame average"
    """)
def blind_model(answer):
    require(isinstance(answer, str), f"your answer should be a name in quotation marks; yours is {short(answer)}.")
    name = answer.strip().casefold()
    others = {
        "transformer": "attention alone would be blind, but this one is given the positions of its frames.",
        "averaged hog + svm": "it is blind, too, but not one of the six networks.",
        "cnn + gru": _IN_ORDER, "hog + gru": _IN_ORDER, "conv3d": _OVER_TIME, "(2+1)d": _OVER_TIME,
    }
    require(name not in others, others.get(name, ""))
    require(name == "frame average", f"{short(answer)} is not in the table; write the name as the table does.")


@exercise(stars=2,
    task="Write `difference(clips)`: for clips float (n, T, H, W), each frame minus the one before, (n, T − 1, H, W).",
    hint="All frames but the first, minus all frames but the last.",
    more="`clips[:, 1:]` are all but the first; which slice are all but the last?",
    insight="a wall that does not move is 0 in every difference: that is why a few hundred films are enough.",
    solution="""
        def difference(clips):
            return clips[:, 1:] - clips[:, :-1]
    """)
def difference(answer):
    clips = np.random.default_rng(0).normal(size=(4, 5, 3, 2))
    changes = np.diff(clips, axis=1)
    expect(answer, (clips,), changes, traps=[
        (-changes, "the sign is wrong: where a frame gets lighter should give plus."),
        (np.abs(changes), "without its sign a difference forgets lighter or darker; leave the sign."),
        (clips[:, 1:] - clips[:, :1], "each frame should be compared with the one right before it."),
    ])
