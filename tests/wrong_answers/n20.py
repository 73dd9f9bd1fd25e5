"""Wrong answers to the exercises of 20 moving objects, each with words that its refusal says."""


def shared(a, b):
    wide = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    tall = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    return max(0, wide) * max(0, tall)


WRONG = {
    "iou": [
        (lambda a, b: shared(a, b) / (a[2] * a[3] + b[2] * b[3]), "once, not twice"),
        (lambda a, b: shared(a, b) / (a[2] * a[3]), "by the union"),
        (shared, "divide it by the union"),
        (
            """
                def iou(a, b):
                    wide = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
                    tall = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
                    return wide * tall / (a[2] * a[3] + b[2] * b[3] - wide * tall)
            """,
            "negative lengths",
        ),
    ],
    "mota": [
        (lambda misses, false_alarms, switches, n_true: (misses + false_alarms + switches) / n_true, "share of errors"),
        (lambda misses, false_alarms, switches, n_true: 1 - (misses + false_alarms) / n_true, "switches are errors"),
        (lambda misses, false_alarms, switches, n_true: max(0, 1 - (misses + false_alarms + switches) / n_true), "negative"),
    ],
    "switches": [
        (lambda matches: sum(a != b for a, b in zip(matches, matches[1:])), "a gap is no switch"),
        (lambda matches: len({m for m in matches if m is not None}) - 1, "going back to an old track"),
        (
            """
                def switches(matches):
                    last, count = 0, 0
                    for track in matches:
                        if track:
                            count += bool(last) and track != last
                            last = track
                    return count + (matches[:2] == [None, 0])
            """,
            "0 is a track",
        ),
    ],
    "correct": [
        (lambda x, p, z, r: (x + r / (p + r) * (z - x), p * r / (p + r)), "the other way round"),
        (lambda x, p, z, r: (x + p / (p + r) * (z - x), p), "its variance shrinks"),
        (lambda x, p, z, r: ((x + z) / 2, p * r / (p + r)), "the middle of both"),
        (lambda x, p, z, r: (x + p / (p + r) * (z - x), r / (p + r)), "this share of p"),
    ],
}
