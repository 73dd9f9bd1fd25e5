"""Check exercises of 04 motion: differences of bytes, traces of motion, flow, what an average forgets."""
import numpy as np

from .answers import array, call, close, expect, pair, require
from .exercise import exercise


@exercise(stars=1,
    task="Write `moved_share(before, after)`: the share of pixels of two grey pictures that differ by more than 20.",
    hint="What is 100 − 105 in a byte that only knows 0 to 255? Try np.uint8(100) - np.uint8(105).",
    more="Turn both pictures into int before you subtract, take np.abs, compare with 20, and take the mean.",
    insight="bytes wrap around: one level darker looks like 255 brighter, the most frequent silent bug of image code.",
    solution="""
        def moved_share(before, after):
            return (np.abs(after.astype(int) - before.astype(int)) > 20).mean()
    """)
def moved_share(answer):
    before = np.full((4, 8), 100, np.uint8)
    steps = np.array([0, -5, 5, 60, -60, 0, -5, 21], np.int64)  # one for each column
    after = (before + steps).astype(np.uint8)
    expect(answer, (before, after), 3 / 8, traps=[
        (5 / 8, "a byte wraps around below 0, so a pixel that became 5 darker seems 251 brighter."),
        (2 / 8, "pixels that became darker have moved, too."),
        (12, "that is a number of pixels; the task is a share."),
        (6 / 8, "a small change is noise; only pixels that differ by more than 20 count."),
    ])
    expect(answer, (after, before), 3 / 8, otherwise="the order of the two pictures makes no difference.")
    expect(answer, (before, (before + 20).astype(np.uint8)), 0.0, otherwise="exactly 20 is not more than 20.")


@exercise(stars=3,
    task="Write `heading(history)`: \"right\", \"left\", \"down\" or \"up\", the direction in which something moved, "
         "from its motion history image alone.",
    hint="Bright is late and dark is early. Where is the bright part of the trace, compared with the trace as a whole?",
    more="rows, columns = np.nonzero(history): compare np.average(columns, weights=history[rows, columns]) with "
         "columns.mean(), and the rows likewise; the larger of the two differences wins.",
    insight="one picture holds the order of time: standing up has its bright end above, sitting down below.",
    solution="""
        def heading(history):
            rows, columns = np.nonzero(history)
            late = history[rows, columns]
            right = np.average(columns, weights=late) - columns.mean()
            down = np.average(rows, weights=late) - rows.mean()
            if abs(right) > abs(down):
                return "right" if right > 0 else "left"
            return "down" if down > 0 else "up"
    """)
def heading(answer):
    steps = np.arange(1, 9) / 8
    trace, upright, off_centre = np.zeros((24, 32)), np.zeros((32, 24)), np.zeros((24, 40))
    trace[8:14, 4:28] = np.repeat(steps, 3)  # three columns at each of eight steps
    upright[4:28, 8:14] = np.repeat(steps, 3)[:, None]
    off_centre[4:8, 24:40] = np.repeat(steps[::-1], 2)
    expect(answer, (trace,), "right", traps=[("left", "bright is late: the movement goes from dark to bright.")])
    expect(answer, (trace[:, ::-1].copy(),), "left")
    expect(answer, (upright,), "down",
           traps=[("up", "the rows of a picture count downwards, so the last row is at the bottom.")],
           otherwise="things also move up and down; decide which difference is the larger one.")
    expect(answer, (upright[::-1].copy(),), "up")
    expect(answer, (off_centre,), "left", otherwise="compare with the whole trace, not with the middle of the picture.")


@exercise(stars=2,
    task="Write `speed_and_direction(flow)`: from flow (H, W, 2), pixels to the right and down, the speed and the "
         "angle in [0°, 360°), where 90° is down.",
    hint="Each pixel has an arrow: its length is the speed. np.arctan2 gives its angle, but in which unit and range?",
    more="np.hypot(dx, dy), and np.degrees(np.arctan2(dy, dx)) % 360, with dx, dy = flow[..., 0], flow[..., 1].",
    insight="length and angle are what the colour wheel shows (brightness and hue) and what HOF counts.",
    solution="""
        def speed_and_direction(flow):
            dx, dy = flow[..., 0], flow[..., 1]
            return np.hypot(dx, dy), np.degrees(np.arctan2(dy, dx)) % 360
    """)
def speed_and_direction(answer):
    #                right     down      left       up         right and down   left and up
    flow = np.array([[[3, 0.0], [0, 2.0]], [[-1, 0.0], [0, -4.0]], [[3, 4.0], [-2, -2.0]]])
    expected = np.array([[0, 90], [180, 270], [53.1301, 225]])
    speed, angle = pair(call(answer, flow), "speed_and_direction(flow)", "two arrays, (speed, angle)")
    speed, angle = array(speed, "the speed", shape=(3, 2)), array(angle, "the angle", shape=(3, 2))
    require(not close(speed, [[3, 2], [1, 4], [7, 4]]), "(3, 4) is 5 long in a straight line, not 7.")
    require(close(speed, [[3, 2], [1, 4], [5, 8**0.5]]), "the speed is the length of each arrow; (3, 4) is 5 long.")
    for value, sentence in (
        (np.degrees(angle), "the angle is in radians; np.degrees converts it to degrees."),
        (angle % 360, "some angles are negative, or 360° or more: bring them into [0, 360) with % 360."),
        ((90 - angle) % 360, "np.arctan2 takes down before across: np.arctan2(dy, dx)."),
        (-angle % 360, "the rows of a picture count downwards: an arrow that points down is at 90°, not at 270°."),
    ):
        require(close(angle, expected, atol=1e-2) or not close(value, expected, atol=1e-2), sentence)
    require(close(angle, expected, atol=1e-2),
            f"the angle of the arrow to the left, (-1, 0), should be 180°, and yours is {angle[1, 0]:g}; of "
            f"the one down, (0, 2), 90°, and yours is {angle[0, 1]:g}.")


@exercise(stars=2,
    task="Write `direction_bin(angle, n_bins)`: the bin of an angle in degrees; bin 0 is centred on 0°, the right.",
    hint="With 8 bins, each is 45° wide and bin 0 goes from −22.5° to 22.5°. Where do 350° and 10° belong?",
    more="round(angle / width) is the nearest centre, where width is 360 / n_bins; % n_bins closes the circle.",
    insight="a motion to the right trembles by a degree or two; an edge at 0° would split its votes over two bins.",
    solution="""
        def direction_bin(angle, n_bins):
            return round(angle / (360 / n_bins)) % n_bins
    """)
def direction_bin(answer):
    require(float(call(answer, 10.0, 8)).is_integer(),
            "direction_bin(10.0, 8) should be a whole number, the number of a bin.")
    expect(answer, (10.0, 8), 0, otherwise="bin 0 has the nearest centre: it goes from −22.5° to 22.5°.")
    expect(answer, (350.0, 8), 0, traps=[
        (7, "10° and 350° both point almost to the right and belong together, in the bin centred on 0°."),
        (8, "there are bins 0 to 7; the circle closes, and after bin 7 comes bin 0."),
    ])
    expect(answer, (30.0, 8), 1)
    expect(answer, (100.0, 4), 1)
    expect(answer, (225.0, 8), 5)


@exercise(stars=2,
    task="Write `keeps_order(sequence)`: one row of numbers from features (T, d), of the same length for every T, that "
         "differs when the sequence is played backwards.",
    hint="A mean over all of time is the same in both directions. Is a mean over a part of it?",
    more="Average both halves separately (or take last minus first), and join them with np.concatenate.",
    insight="a classifier can only use what its row still holds: after an average over single frames, sitting down and "
            "standing up are one and the same row.",
    solution="""
        def keeps_order(sequence):
            half = len(sequence) // 2
            return np.concatenate([sequence[:half].mean(axis=0), sequence[half:].mean(axis=0)])
    """)
def keeps_order(answer):
    rng = np.random.default_rng(4)
    lengths = set()
    for steps in (8, 9, 14):
        sequence = rng.random((steps, 6))
        sequence[-1] = sequence[0]  # one frame alone shows nothing of the order
        what = f"keeps_order(sequence) for a sequence of shape {sequence.shape}"
        row = array(call(answer, sequence), what)
        require(row.ndim == 1 and row.size > 0,
                f"{what} should be one row of numbers, of one dimension; yours is of shape {row.shape}.")
        lengths.add(len(row))
        require(len(lengths) == 1, f"the row should have the same length for every T; yours has "
                                   f"{' and '.join(map(str, sorted(lengths)))} numbers for T = 8 and {steps}.")
        require(close(array(call(answer, sequence), what), row), "the same sequence gives another row the second time: "
                                                                 "leave nothing to chance.")
        backwards = array(call(answer, sequence[::-1]), what, shape=row.shape)
        require(not close(row, backwards), "your row is the same when the sequence is played backwards, too: sitting "
                                           "down and standing up would be one and the same.")


@exercise(stars=3,
    task="Write `window_motion(right, down, change)`: the motion (right, down) of one window, by Lucas and Kanade.",
    hint="Each pixel is one equation, right · u + down · v = −change. How does one solve many equations for two?",
    more="np.linalg.lstsq with a row (right, down) for each pixel and the target −change, all of them flattened.",
    insight="least squares does the sums of the 2×2 system for you; at an edge its matrix is singular.",
    solution="""
        def window_motion(right, down, change):
            A = np.stack([right.ravel(), down.ravel()], axis=1)
            return np.linalg.lstsq(A, -change.ravel())[0]
    """)
def window_motion(answer):
    rng, motion = np.random.default_rng(9), np.array([0.5, -0.25])
    right, down = rng.normal(size=(2, 5, 5))
    change = -(right * motion[0] + down * motion[1])
    expect(answer, (right, down, change), motion, traps=[
        (-motion, "the sign is turned: right · u + down · v + change = 0."),
        (motion[::-1], "first to the right, then down."),
        (2 * motion, "the gradients are per pixel already: do not halve them."),
    ])
    noisy, gradients = change + rng.normal(0, 0.1, change.shape), np.stack([right.ravel(), down.ravel()], axis=1)
    best = np.linalg.lstsq(gradients, -noisy.ravel())[0]
    expect(answer, (right, down, noisy), best, otherwise="all pixels of the window count: least squares.")
