"""Wrong answers to the exercises of 10 learning over time, each with words that its refusal says."""

import numpy as np

WRONG = {
    "backwards": [
        (lambda clips: clips[::-1], "keep its place"),
        (lambda clips: clips[:, :, ::-1], "upside down"),
        (lambda clips: clips, "as they were"),
        (lambda clips: clips[:, 0], "of shape"),
        (lambda clips: clips[:, ::-1, :, ::-1], "off in"),
    ],
    "gru_parameters": [
        (lambda inputs, units: inputs * units + units * units + 2 * units, "one of three parts"),
        (lambda inputs, units: 3 * (inputs * units + units * units + units), "second bias"),
        (lambda inputs, units: 3 * (inputs * units + units * units) + 4 * units, "in both gates, too"),
        (lambda inputs, units: 3 * (inputs * units + units * units), "biases are missing"),
        (lambda inputs, units: 3 * (inputs * units + 2 * units), "matrix of the state"),
    ],
    "blind_model": [
        ("Transformer", "given the positions"),
        ("averaged HOG + SVM", "not one of the six"),
        ("CNN + GRU", "one after the other"),
        ("Conv3D", "convolves over time"),
        ("the average", "as the table does"),
    ],
    "difference": [
        (lambda clips: clips[:, :-1] - clips[:, 1:], "lighter should give plus"),
        (lambda clips: np.diff(clips, axis=0), "of shape"),
        (lambda clips: np.abs(np.diff(clips, axis=1)), "leave the sign"),
        (lambda clips: clips[:, 1:] - clips[:, :1], "right before it"),
    ],
}
