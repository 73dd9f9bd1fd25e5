"""Check exercises of 20 moving objects: overlap, MOTA, switches, and one correction of a Kalman filter."""
from .answers import expect
from .exercise import exercise


@exercise(stars=1,
    task="Write `iou(a, b)`: intersection over union of two boxes, each (x, y, w, h) in pixels.",
    hint="Where does the shared part begin on the left, and where does it end on the right? It may be empty.",
    more="Its width is min(ax + aw, bx + bw) - max(ax, bx), and 0 where that is negative. The union is both areas less "
         "what they share.",
    insight="two boxes of the same size that are shifted by a third of their width have an IoU of 0.5.",
    solution="""
        def iou(a, b):
            wide = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
            tall = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
            shared = max(0, wide) * max(0, tall)
            return shared / (a[2] * a[3] + b[2] * b[3] - shared)
    """)
def iou(answer):
    expect(answer, ((0, 0, 30, 20), (10, 0, 30, 20)), 0.5, traps=[
        (1 / 3, "the union counts what both share once, not twice."),
        (2 / 3, "divide by the union, not by one of the areas."),
        (400, "that is the area that both share; divide it by the union."),
    ])
    expect(answer, ((0, 0, 10, 10), (20, 30, 12, 14)), 0.0,
           otherwise="boxes that are apart share nothing: two negative lengths must not become an area.")


@exercise(stars=1,
    task="Write `mota(misses, false_alarms, switches, n_true)`.",
    hint="All three kinds of error count alike. What are they divided by?",
    more="Subtract the sum of errors, divided by the number of true boxes, from 1.",
    insight="a tracker with more false alarms than true boxes has a negative MOTA: showing nothing is better.",
    solution="""
        def mota(misses, false_alarms, switches, n_true):
            return 1 - (misses + false_alarms + switches) / n_true
    """)
def mota(answer):
    expect(answer, (10, 5, 5, 100), 0.8, traps=[
        (0.2, "that is the share of errors; a good tracker should be near 1."),
        (0.85, "switches are errors, too."),
    ])
    expect(answer, (0, 150, 0, 100), -0.5, otherwise="many false alarms make it negative; do not cut it off at 0.")


@exercise(stars=2,
    task="Write `switches(matches)`: how often a person's track differs from the last one that the person had.",
    hint="Which track counts as the last one after a gap of None?",
    more="Leave out None first. Then count neighbours that differ.",
    insight="a gap alone is no switch; it costs misses. Coming back with another number is one.",
    solution="""
        def switches(matches):
            seen = [track for track in matches if track is not None]
            return sum(a != b for a, b in zip(seen, seen[1:]))
    """)
def switches(answer):
    expect(answer, ([1, 1, None, 1, 1],), 0, otherwise="a gap is no switch if the same track comes back.")
    expect(answer, ([3, 3, None, 7, 7, 3],), 2, traps=[
        (1, "compare with the last track before the gap, not with None; going back to an old track counts, too."),
        (3, "a gap does not count by itself."),
    ])
    expect(answer, ([None, 0, 0],), 0, otherwise="the first track of a person is no switch, and 0 is a track.")


@exercise(stars=3,
    task="Write `correct(x, p, z, r)`: the new guess and its variance after a measurement.",
    hint="The gain is between 0 and 1: near 1 where the guess is unsure, near 0 where the measurement is.",
    more="gain = p / (p + r). The guess moves by that share of z - x. What remains of the variance is 1 - gain.",
    insight="the new variance is smaller than both: two unsure sources together are surer than each alone.",
    solution="""
        def correct(x, p, z, r):
            gain = p / (p + r)
            return x + gain * (z - x), (1 - gain) * p
    """)
def correct(answer):
    expect(answer, (10.0, 3.0, 14.0, 1.0), (13.0, 0.75), traps=[
        ((11.0, 0.75), "the gain is the other way round: an unsure guess (p is large) should move far."),
        ((13.0, 3.0), "after a measurement the guess is surer: its variance shrinks."),
        ((12.0, 0.75), "that is the middle of both; the surer one should weigh more."),
        ((13.0, 0.25), "that is 1 - gain; the new variance is this share of p."),
    ])
    expect(answer, (5.0, 0.0, 9.0, 2.0), (5.0, 0.0), otherwise="a guess that is certain does not move.")
