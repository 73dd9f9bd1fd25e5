# %% [markdown]
# # 01 · Frames
#
# **What is inside a video file, and what does it cost to take one picture out of it?**
#
# Notebook 00 ended with a question: why does the eighth frame sometimes cost as much as all the frames before it? To
# answer it we open the file itself and look at the pieces that it is made of.
#
# In this notebook you will
#
# * take a file apart into its streams, packets and keyframes, and find out what compresses it,
# * read the timestamps of a video, which are not always evenly spaced,
# * choose frames in four ways, and measure what each way costs on your own machine.
#
# About 25 minutes to read, half a minute to run.

# %%
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pandas as pd

import vmm_lab as vl
from vmm_lab import assets, plots, widgets

# %% [markdown]
# ## A box of packets
#
# A video file is a box, the **container** (mp4, mkv, avi …), with several **streams** inside: here one of pictures
# and one of sound. Each stream was compressed by a **codec** (H.264, AAC …) and then cut into **packets**. PyAV, the
# library behind `open_media`, lets us look at them. What does *Big Buck Bunny* consist of?

# %%
bunny = vl.open_media(assets.fetch("bigbuckbunny"))
with av.open(str(bunny.path)) as container:
    print("container:", container.format.long_name)
    for stream in container.streams:
        codec, seconds = stream.codec_context.name, float(stream.duration * stream.time_base)
        print(f"{stream.type}: {codec}, {stream.frames} packets, {seconds:.2f} s")

# %% [markdown]
# ## Two halves of compression
#
# One packet of the first stream holds one frame. The pixels of all 132, three bytes each, would fill 365 MB; the file
# has 1 MB. Where did the rest go? First half: **inside each picture**. The first packet is a whole picture that depends
# on no other: compare its bytes with its pixels. Second half: **between pictures**; compare the film with 132 such pictures.

# %%
height, width = bunny.size
pixels = 132 * height * width * 3
with av.open(str(bunny.path)) as container:
    sizes = [packet.size for packet in container.demux(video=0) if packet.size]
whole_pictures = 132 * sizes[0]
vl.report("inside each picture: times smaller", pixels / whole_pictures, at_least=20)
vl.report("between pictures: times smaller again", whole_pictures / sum(sizes), at_least=14)
megabytes = {"pixels": pixels, "132 whole pictures": whole_pictures, "as stored": sum(sizes)}
plots.bars({name: count / 1e6 for name, count in megabytes.items()}, xlabel="MB",
           texts=[f"{count / 1e6:.1f} MB" for count in megabytes.values()],
           alt="megabytes of pixels, whole pictures and the stored film")

# %% [markdown]
# Most of the bytes are saved in the first half, and hardly anybody sees the difference. The eye sees brightness more
# sharply than colour, so the codec stores one plane of brightness (Y) in full and two of colour (U, V) at half the
# width and half the height. This is **4:2:0**: half of the numbers are gone before anything else is done. Here are the
# planes of one frame:

# %%
with av.open(str(bunny.path)) as container:
    planes = next(container.decode(video=0)).to_ndarray(format="yuv420p")
brightness, u, v = np.split(planes.ravel(), [height * width, height * width * 5 // 4])
quarter = height // 2, width // 2
shown = {"Y: 720×1280": brightness.reshape(height, width)[::2, ::2],
         "U: 360×640": u.reshape(quarter), "V: 360×640": v.reshape(quarter)}
plots.gallery(shown)

# %% [markdown]
# Each plane is then cut into small blocks. A *discrete cosine transform* turns a block into waves, from coarse to fine;
# the fine ones are rounded hard (**quantisation**), most become zero, and zeros cost almost nothing. JPEG works in the
# same way.
#
# Second half: **between pictures**. A frame mostly looks like the one before it, so only what changed is stored, with a
# note of where each block has moved. Two neighbours from the middle of the film, and five times their difference:

# %%
frames, _ = bunny.frames(size=(360, 640))
before, after = frames[60].astype(int), frames[61].astype(int)
changed = np.clip(5 * np.abs(after - before), 0, 255).astype(np.uint8)
shown = {"frame 60": frames[60], "frame 61": frames[61], "what changed, 5 × brighter": changed}
plots.gallery({name: picture[::2, ::2] for name, picture in shown.items()}, width=8)

# %% [markdown]
# ## The index: what we know before decoding anything
#
# Reading packets is cheap, because nothing is decoded: each packet says when its frame is shown (`pts`, the
# *presentation timestamp*, counted in units of `time_base` seconds), how many bytes it has, and whether it is a
# **keyframe**. We collect all of this. The film is now *bikes*, the street from notebook 00.

# %%
def packet_index(path):
    """A row per video packet, in the order of the file: when it is shown, size, kind."""
    with av.open(str(path)) as container:
        packets = [p for p in container.demux(video=0) if p.size]
        rows = [(float(p.pts * p.time_base), p.size, p.is_keyframe) for p in packets]
    return pd.DataFrame(rows, columns=["seconds", "bytes", "keyframe"])


bikes = vl.open_media(assets.fetch("bikes"))
index = packet_index(bikes.path)
index.head(6)

# %% [markdown]
# Look at the seconds: they are not in order! The frames of 0.04, 0.08 and 0.12 s depend on the one *before* and the one
# *after* them, so the frame of 0.16 s has to be decoded first. The file is in the order in which the decoder needs the
# packets; the timestamps give the order in which they are shown. A codec knows three kinds of frames:
#
# | kind | depends on | also called |
# |---|---|---|
# | I | nothing: a whole picture | intra, keyframe |
# | P | a frame before it | predicted |
# | B | a frame before and a frame after it | bidirectional |

# %%
with av.open(str(bikes.path)) as container:
    stored_bytes = {packet.pts: packet.size for packet in container.demux(video=0)}
    container.seek(0)
    kinds = [("?IPB"[int(frame.pict_type)], stored_bytes[frame.pts])
             for frame in container.decode(video=0)]
kinds = pd.DataFrame(kinds, columns=["kind", "bytes"])
kinds.groupby("kind")["bytes"].agg(["count", "mean"]).round().astype(int).loc[["I", "P", "B"]]

# %% [markdown]
# From one keyframe to the next is a **group of pictures** (GOP). Now the sizes, over time. Can you guess what happens at
# the orange bars?

# %%
alt = "sizes of the packets of bikes.mp4 over time, the keyframes largest"
title = "Packets of bikes.mp4: keyframes in orange, all others in blue"
figure, axis = plots.axes(alt, height=2.6, xlabel="time (s)", ylabel="packet (kB)", title=title)
colors = np.where(index["keyframe"], "#D55E00", "#56B4E9")
axis.bar(index["seconds"], index["bytes"] / 1000, width=0.035, color=colors)
figure

# %% [markdown]
# A keyframe is a whole picture, stored like a photograph. A blue frame only holds changes: *like that one, but this
# piece has moved there*. So a keyframe is large, and it is the only place where a decoder can begin. The encoder sets
# one when the changes would need more bytes than the picture, for example at a cut, and at the latest after a fixed
# number of frames, so that one can jump into the film. Three of the keyframes, each next to the frame just before it:

# %%
by_hand = np.sort(index.loc[index["keyframe"], "seconds"].to_numpy())
pictures, shown = bikes.frames(size=(136, 320))
places = [int(np.abs(shown - moment).argmin()) for moment in by_hand[1:4]]
pairs = {f"{shown[k]:.2f} s": pictures[k] for place in places for k in (place - 1, place)}
plots.gallery(pairs, columns=6)

# %% [markdown]
# In this film every one of them is a cut: the encoder has written down where the shots begin, although nobody asked it
# to. The library reads the same index, and should find the same keyframes.

# %%
assert np.allclose(by_hand, bikes.keyframes)
bikes.keyframes.tolist()

# %% [markdown]
# Move through the film yourself: drag the slider, step with the arrow keys, press *Home* and *End*. The orange marks
# on the timeline are the keyframes, and each one is a new scene.

# %%
widgets.FramePlayer(bikes)

# %% [markdown]
# ## The clock
#
# *25 frames a second* suggests that frame k is shown at k/25 seconds. A video camera keeps to that; a phone does not. In
# the dark it exposes longer, and when it is busy it skips frames. That is a **variable frame rate**. Let us imitate such
# a phone: nine frames of bikes, with timestamps that we choose.

# %%
workshop = tempfile.TemporaryDirectory()  # it is removed with the kernel
folder = Path(workshop.name)
appear = [0, 100, 200, 300, 900, 1000, 1800, 1900, 2000]  # milliseconds
with av.open(str(folder / "phone.mp4"), "w") as container:
    stream = container.add_stream("libx264", rate=10, width=320, height=136, pix_fmt="yuv420p")
    stream.codec_context.time_base = Fraction(1, 1000)
    for moment, picture in zip(appear, pictures[:90:10]):
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts = moment
        container.mux(stream.encode(frame))
    container.mux(stream.encode())
print("timestamps:", packet_index(folder / "phone.mp4")["seconds"].sort_values().tolist())

# %%
phone = vl.open_media(folder / "phone.mp4")
phone_frames, phone_times = phone.frames()
vl.filmstrip(phone_frames, times=phone_times, n=9)

# %% [markdown]
# A frame stays on screen until the next one comes. So what is on screen at second t is **the last frame whose
# timestamp is not after t**. Multiplying by the average frame rate gives another answer: at 1.7 s it says frame
# 6 (1.7 s × 4 frames/s = 6.8), but frame 5 is still on screen.

# %%
moments = np.linspace(0, 2.1, 500)
alt = "frame on screen over time: steps by the timestamps, a straight line by the average rate"
figure, axis = plots.axes(alt, height=2.8, title="Nine frames of a phone")
blue, orange = plots.PALETTE[:2]
axis.step(phone_times, range(9), blue, where="post", label="on screen, by the timestamps")
axis.plot(moments, moments * phone.fps, "--", color=orange, label="t × average frame rate")
axis.set(xlabel="time t (s)", ylabel="frame number")
figure

# %% [markdown]
# That is why every method of the library that returns frames returns their times as well. `frames(fps=10)` gives the
# frame on screen ten times a second, and during the pauses it repeats the same frame:

# %%
_, sampled_times = phone.frames(fps=10)
print(sampled_times.round(2).tolist())

# %% [markdown]
# At the end there is 2.0 seven times: the last frame stays until the film is over, at 2.7 s. (No frame comes after it,
# so the program that writes the file has to say how long it stays; here it said 0.7 s.)
#
# Streams need not begin together either. We copy the packets of the bunny into another container, mkv, and delay all
# pictures by half a second. Nothing is decoded on the way: the codecs stay the same, only the container is new.
# (`matroska,webm` is *one* name, FFmpeg's, of the family of containers that mkv and webm belong to.)

# %%
with av.open(str(bunny.path)) as source, av.open(str(folder / "late.mkv"), "w") as target:
    copies = {stream: target.add_stream_from_template(stream) for stream in source.streams}
    for packet in source.demux():
        if packet.size:
            delay = 0.5 if packet.stream.type == "video" else 0
            packet.pts += round(delay / packet.time_base)
            packet.dts += round(delay / packet.time_base)
            packet.stream = copies[packet.stream]
            target.mux(packet)
late = vl.open_media(folder / "late.mkv")
late.container, late.video_codec

# %% [markdown]
# Second 0 is where the first stream begins, here the sound. The first frame comes at 0.5 s, and its timestamp says so.
# A reader that counts frames instead would show every picture half a second before its sound.

# %%
_, late_times = late.frames(size=(90, 160), end=1.0)
print("first frame at", late_times[0], "s")
plots.timeline(late, start=0, end=2, width=8)

# %% [markdown]
# ## Four ways to look at a film
#
# Few methods want all frames. These are the four usual ways to choose, here as pictures of 90 rows:
#
# | way | what you get |
# |---|---|
# | all | every frame, with its own time |
# | fps | what is on screen at each k/2 s: two frames for each second of film |
# | spread | n frames, at the middles of n equal parts: the same number for any film |
# | nearest | n keyframes, each the nearest to such a middle: not exactly where you wanted |

# %%
def small(media):
    """(height, width) of a thumbnail, in the proportions of the film."""
    return 90, round(90 * media.size[1] / media.size[0])


ways = {
    "all": lambda media: media.frames(size=small(media)),
    "fps": lambda media: media.frames(size=small(media), fps=2),
    "spread": lambda media: media.sample(8, size=small(media)),
    "nearest": lambda media: media.sample(8, size=small(media), exact=False),
}
small(bunny)

# %% [markdown]
# To see what they cost we need a film that we know well, in two versions that differ in one thing only. We write the
# bunny twice: once with a keyframe every 12 frames (**dense**), once with at most one in 250 (**sparse**); its 132
# frames then have a single one. Keyframes are large, so the sparse version is the smaller file; most videos that you
# download have few of them.

# %%
films = {}
for name, interval in {"dense": 12, "sparse": 250}.items():
    path = vl.write_video(folder / f"{name}.mp4", frames, fps=25, keyframe_interval=interval)
    films[name] = vl.open_media(path)
kilobytes = {name: film.path.stat().st_size / 1000 for name, film in films.items()}
times_larger = kilobytes["dense"] / kilobytes["sparse"]
vl.report("dense file, as a multiple of the sparse one", times_larger, at_least=1.6)
keyframes = {name: len(film.keyframes) for name, film in films.items()}
pd.DataFrame({"keyframes": keyframes, "kB": kilobytes}).round()

# %% [markdown]
# What the four ways see. First in the dense version (of *all* and *fps* only eight are shown):

# %%
def compare_ways(film, names):
    picked = {name: ways[name](film) for name in names}
    pictures, moments = ({name: pick[part] for name, pick in picked.items()} for part in (0, 1))
    return vl.filmstrip(pictures, times=moments, width=5)


compare_ways(films["dense"], ["all", "fps", "spread", "nearest"])

# %% [markdown]
# And the last two in the sparse version. Look at the lower row before you read on.

# %%
compare_ways(films["sparse"], ["spread", "nearest"])

# %% [markdown]
# The nearest keyframe is always frame 0: eight times the same picture. How far from the wanted moment is the frame that
# *nearest* returns?

# %%
def largest_offset(film):
    """Seconds between the keyframe that *nearest* returns and the wanted frame, at most."""
    (_, nearest), (_, spread) = ways["nearest"](film), ways["spread"](film)
    return np.abs(nearest - spread).max()


offsets = {name: largest_offset(film) for name, film in films.items()}
vl.report("dense: largest offset", offsets["dense"], at_most=0.26, unit=" s")
vl.report("sparse: largest offset", offsets["sparse"], at_least=4.9, unit=" s")

# %% [markdown]
# ## What each way costs
#
# We count *processor time*: the milliseconds that this program kept a core busy, no matter what else the computer is
# doing. Each measurement is the smallest of three, because interruptions can only add time.

# %% tags=["nbval-ignore-output"]
def cost(work, tries=3):
    """Milliseconds of processor time, the smallest of several tries."""
    spent = []
    for _ in range(tries):
        start = time.process_time()
        work()
        spent.append(1000 * (time.process_time() - start))
    return min(spent)


costs = {k: {way: cost(lambda: ways[way](film)) for way in ways} for k, film in films.items()}
pd.DataFrame(costs).round(1).rename_axis("milliseconds", axis=1)

# %% tags=["nbval-ignore-output"]
dense, sparse = costs["dense"], costs["sparse"]
ratios = {"dense: all frames / 8 nearest": dense["all"] / dense["nearest"],
          "dense: all frames / 8 spread": dense["all"] / dense["spread"],
          "sparse: 8 spread / all frames": sparse["spread"] / sparse["all"]}
pd.Series(ratios).round(2).to_frame("ratio")

# %% [markdown]
# (Times differ from one computer to the next, and with what else it is doing. So nothing is claimed of them here. What
# explains them, the number of frames decoded, is the same everywhere, and is counted below.)
#
# Keyframes alone are several times cheaper than all frames: they depend on no other frame. Eight exact frames lie in
# between. In the sparse film almost everything has to be decoded to reach the eighth, so eight frames cost a large part
# of what all do: only resizing and converting the frames in between is saved.
#
# ## The cost of the eighth frame
#
# Now one single frame: what does it cost to fetch it, depending on its number? Before you look: draw the two curves in
# your mind.

# %%
def fetch_one(film, number):
    return film.sample(1, start=number / 25, end=(number + 0.5) / 25, size=small(film))


numbers, curves = [0, 11, 12, 23, 24, 40, 60, 80, 100, 123, 131], {}
alt = "cost of one frame by its number: flat with dense keyframes, rising with sparse ones"
figure, axis = plots.axes(alt)
for (name, film), look, color in zip(films.items(), ("o-", "s--"), plots.PALETTE):
    curves[name] = [cost(lambda: fetch_one(film, k)) for k in numbers]
    axis.plot(numbers, curves[name], look, color=color, label=f"{name} keyframes")
axis.set(xlabel="number of the frame", ylabel="processor time (ms)", ylim=0)
figure

# %% [markdown]
# A decoder runs forwards, and it can begin only at a keyframe. In the dense film one is never far, and every frame
# costs about the same. In the sparse one the only keyframe is frame 0: to show frame 123, the last of eight spread
# over the film, almost everything before it has to be decoded and thrown away. So the eighth frame alone costs about
# as much as all eight together:

# %% tags=["nbval-ignore-output"]
eighth = {name: curve[numbers.index(123)] for name, curve in curves.items()}
print(f"sparse: the eighth frame alone / all eight: {eighth['sparse'] / sparse['spread']:.2f}")
print(f"the eighth frame, sparse / dense: {eighth['sparse'] / eighth['dense']:.1f}")

# %% [markdown]
# As a formula: let $k$ be the number of the wanted frame and $K(k)$ that of the last keyframe at or before it. Then
# the work is
#
# $$\text{cost}(k) \;\approx\; \text{opening the file} \;+\; \bigl(k - K(k) + 1\bigr) \cdot \text{decoding one frame} .$$
#
# `sample` therefore looks at the index first, and jumps where a keyframe lies well between two wanted frames;
# elsewhere it reads on.
#
# ## By hand: jump, then read on
#
# Here is the jump in PyAV. `seek` moves to the last keyframe at or before a timestamp; from there we decode until a
# frame comes that is too late. The function also counts the frames that passed through the decoder.

# %%
def frame_at(path, moment):
    """The frame on screen at `moment` seconds, its time, and how many frames were decoded."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        container.seek(int(moment / stream.time_base), stream=stream)
        for decoded, frame in enumerate(container.decode(stream), start=1):
            if frame.time > moment:
                break
            shown = frame
        return shown.to_ndarray(format="rgb24"), shown.time, decoded


_, second, decoded = frame_at(films["sparse"].path, 3.03)
print(f"at 3.03 s: the frame of {second:.2f} s, found by decoding {decoded} frames")

# %%
wanted = films["dense"].duration * np.arange(1, 16, 2) / 16  # the middles of eight equal parts
found = {name: [frame_at(film.path, t) for t in wanted] for name, film in films.items()}
counts = {name: [decoded for _, _, decoded in results] for name, results in found.items()}
pd.DataFrame(counts, index=wanted.round(2)).T.rename_axis("wanted second", axis=1)

# %%
vl.report("sparse: frames decoded for the eighth", counts["sparse"][-1], at_least=124, at_most=125)
vl.report("dense: frames decoded for any of the eight, at most", max(counts["dense"]), at_most=13)

# %% [markdown]
# The number of frames decoded for one frame explains the milliseconds above. (It is one more than in the formula: only
# the frame that comes too late shows that the one before it was right.) Do we get the same as the library? The same
# times exactly, and the same pictures up to the rounding of colours.

# %%
for name, film in films.items():
    pictures, exact_times = film.sample(8)
    assert np.allclose([moment for _, moment, _ in found[name]], exact_times)
    error = np.abs(np.stack([picture for picture, _, _ in found[name]]).astype(int) - pictures)
    vl.report(f"{name}: mean difference, in 255 levels", error.mean(), at_most=1.0)

# %% [markdown]
# ## Exercises
#
# Put your answer in place of each `...` and run the cell. `vl.hint("01.on_screen")` gives a nudge, and a stronger one
# when asked again; `vl.solution("01.on_screen")` shows one way.

# %% [markdown]
# **1. What a jump costs.** ★ You have counted it; now calculate it. `keyframes` is a list of frame numbers that begins
# with 0. How many frames have to be decoded to show frame number `wanted`, itself included?

# %%
def frames_to_decode(keyframes, wanted):
    ...


vl.check("01.frames_to_decode", frames_to_decode)

# %% [markdown]
# **2. What is on screen?** ★★ `times` holds the seconds at which each frame appears, an array as `frames()` returns it,
# evenly spaced or not. Which frame, by its number, is on screen at second `t`?

# %%
def on_screen(times, t):
    ...


vl.check("01.on_screen", on_screen)

# %% [markdown]
# **3. Where to look.** ★★ Above, the moments were calculated for n = 8. Calculate them for any `n`: cut `duration` seconds
# into n equal parts and return the middles as an array.

# %%
def bin_centers(duration, n):
    ...


vl.check("01.bin_centers", bin_centers)

# %% [markdown]
# **4. Jump or read on?** ★★★ There are two ways to get all the `wanted` frames (a sorted list of numbers). Jumping
# decodes each from its own keyframe; reading decodes once from frame 0 to the last one wanted. Return `"seek"` if
# jumping decodes fewer frames, otherwise `"read"`. Your `frames_to_decode` will help.

# %%
def seek_or_read(keyframes, wanted):
    ...


vl.check("01.seek_or_read", seek_or_read)

# %% [markdown]
# **Open question.** A camera at a motorway films day and night and keeps only one keyframe a minute. What becomes cheap,
# what becomes impossible, and which two numbers would you ask its maker for?
#
# ## On your own videos
#
# Write `vl.load_table("path/to/yours")` in place of `vl.my_table()`, or set `VMM_LAB_VIDEOS` (notebook 00). The cells
# take the first file with pictures and show its index: how far apart are *your* keyframes, and which way of choosing
# frames does that make cheap? (A container called `mov,mp4,m4a,…` is of the family that mp4 belongs to.)

# %% tags=["nbval-ignore-output"]
table = vl.my_table()
mine = next(media for media in map(vl.open_media, table["path"]) if media.has_video)
gaps = np.diff([*mine.keyframes, mine.duration])
facts = {"container": mine.container, "codec": mine.video_codec,
         "duration (s)": round(mine.duration, 2), "frames per second": mine.fps,
         "keyframes": len(gaps), "longest time to the next (s)": gaps.max().round(2)}
pd.Series(facts, dtype=object).to_frame("your file")

# %%
compare_ways(mine, ["spread", "nearest"])

# %% tags=["nbval-ignore-output"]
my_costs = {way: cost(lambda: ways[way](mine)) for way in ("spread", "nearest")}
pd.Series(my_costs).round(1).to_frame("milliseconds")

# %% [markdown]
# ## What you learnt
#
# * A container holds streams, a stream packets, and a video packet one frame: a whole picture (I, a keyframe) or only
#   what changed (P, B).
# * Compression has two halves, and the larger one is inside each picture: 4:2:0 colour, transform, quantisation.
# * The index of packets gives times, sizes and keyframes at almost no cost. Use timestamps; frame number ÷ frame rate
#   can be wrong.
# * To show a frame, the decoder has to read from its keyframe on. Dense keyframes make jumping cheap and files large;
#   sparse ones the other way round.
# * Inexact sampling is the fastest where keyframes are dense, and useless where they are not. Look at the index before
#   you choose.
#
# **Next:** now we can take any frame. But networks need inputs of one shape, and films have any length. 02 cuts them into
# clips, sound included, and shows how clips can make a method look better than it is.

# %% [markdown]
# ## Further reading
#
# * T. Wiegand, G. Sullivan, G. Bjøntegaard and A. Luthra, "Overview of the H.264/AVC video coding standard", IEEE
#   Transactions on Circuits and Systems for Video Technology, 2003.
# * I. Richardson, *The H.264 Advanced Video Compression Standard*, Wiley, 2nd edition 2010.
# * G. Wallace, "The JPEG still picture compression standard", Communications of the ACM, 1991.
