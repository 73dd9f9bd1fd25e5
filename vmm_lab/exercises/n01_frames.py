"""Check exercises of 01 frames: what a keyframe costs, which frame is on screen, where to sample, how to get there."""
import numpy as np

from .answers import expect
from .exercise import exercise


@exercise(stars=1,
    task="Write `frames_to_decode(keyframes, wanted)`: how many frames are decoded to show frame number `wanted`.",
    hint="A decoder starts at a keyframe and only runs forwards, up to and including the wanted frame.",
    more="Find the last keyframe that is not after `wanted`, and count from there to `wanted`, both included.",
    insight="with a keyframe every 250 frames, one exact frame costs 125 decoded ones on average; with one every 12, "
            "only six or seven. The encoder decides how fast a video can be searched.",
    solution="""
        def frames_to_decode(keyframes, wanted):
            start = max(k for k in keyframes if k <= wanted)
            return wanted - start + 1
    """)
def frames_to_decode(answer):
    expect(answer, ([0, 12, 24, 36], 17), 6, traps=[
        (5, "the keyframe and the wanted frame are both decoded, so both ends count."),
        (18, "that starts at the beginning of the file; there is a nearer keyframe to start from."),
    ])
    expect(answer, ([0, 12, 24, 36], 22), 11,
           otherwise="a decoder runs forwards only, so the nearest keyframe does not help if it comes later.")
    expect(answer, ([0, 12, 24, 36], 24), 1, otherwise="a keyframe needs no frame before the wanted frame.")
    expect(answer, ([0, 250], 249), 250)


@exercise(stars=2,
    task="Write `on_screen(times, t)`: the number of the frame on screen at second t; `times` says when each appears.",
    hint="A frame stays on screen until the next one appears: look for the last frame that appeared at or before t.",
    more="np.searchsorted(times, t, side=\"right\") counts the frames with times ≤ t; the last of them is on screen.",
    insight="phones write frames when they have one, not at a fixed rate: trust timestamps, not frame number ÷ fps.",
    solution="""
        def on_screen(times, t):
            return int(np.searchsorted(times, t, side="right")) - 1
    """)
def on_screen(answer):
    times = np.array([0.0, 0.04, 0.08, 0.5, 0.54])
    expect(answer, (times, 0.1), 2, traps=[(3, "that is how many frames have appeared; the first is number 0.")])
    expect(answer, (times, 0.3), 2, traps=[
        (3, "frame 3 is the nearest in time, but it has not appeared yet."),
        (7, "there are only five frames: this video has no constant frame rate to multiply by."),
    ])
    expect(answer, (times, 0.04), 1, otherwise="a frame is on screen from the very moment of its timestamp.")
    expect(answer, (times, 9.0), 4, otherwise="after its last timestamp the last frame stays to the end.")


@exercise(stars=2,
    task="Write `bin_centers(duration, n)`: the n times to look at, the centres of n equal parts of the duration.",
    hint="Cut 10 seconds into 4 parts on paper. How long is a part, and where is the middle of the first?",
    more="A part lasts duration / n; the middle of part i (0, 1, …) is at i + ½ parts: use np.arange(n).",
    insight="every part is represented by its middle; no sample is the black opening frame or past the last frame.",
    solution="""
        def bin_centers(duration, n):
            return (np.arange(n) + 0.5) * duration / n
    """)
def bin_centers(answer):
    expect(answer, (10.0, 4), np.array([1.25, 3.75, 6.25, 8.75]), traps=[
        (np.linspace(0, 10, 4), "that includes both edges: the first frame is often black, and at 10 s there is none."),
        (np.arange(4) * 2.5, "these are the left edges of the parts, so the end of the video is never seen."),
        (np.arange(1, 5) * 2.5, "these are the right edges of the parts, and at 10 s there is no frame any more."),
        (np.linspace(0, 10, 6)[1:-1], "these are the inner edges of five parts; look at the middles of four."),
    ])
    expect(answer, (3.0, 1), np.array([1.5]), otherwise="a single sample belongs in the middle.")
    expect(answer, (1.0, 16), (np.arange(16) + 0.5) / 16)


@exercise(stars=3,
    task="Write `seek_or_read(keyframes, wanted)`: \"seek\" if jumping to each wanted frame decodes fewer frames than "
         "reading once from frame 0 to the last wanted one, otherwise \"read\".",
    hint="Compare two sums: what each wanted frame costs from its own keyframe, and one pass from frame 0.",
    more="Reading decodes max(wanted) + 1 frames; seeking the sum of frames_to_decode(keyframes, w) over all w.",
    insight="no strategy is the fastest for every file; media.sample(n) looks at the keyframes before it chooses.",
    solution="""
        def seek_or_read(keyframes, wanted):
            seeking = sum(w - max(k for k in keyframes if k <= w) + 1 for w in wanted)
            return "seek" if seeking < max(wanted) + 1 else "read"
    """)
def seek_or_read(answer):
    spread = [int(w) for w in (np.arange(16) + 0.5) * 300 / 16]
    dense = list(range(0, 300, 12))
    expect(answer, ([0, 250], spread), "read", otherwise="with keyframes every 250 frames, most jumps begin at 0.")
    expect(answer, (dense, spread), "seek", otherwise="with keyframes every 12 frames, 16 jumps decode only 104.")
    expect(answer, (dense, [4, 5, 6, 7]), "read", otherwise="neighbouring frames decode the same ones at each jump.")
    expect(answer, (dense, [290]), "seek", otherwise="for one frame near the end, compare 3 decoded frames with 291.")
