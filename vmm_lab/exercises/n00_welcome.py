"""Exercises of 00 welcome: how large a video is, who can tell two actions apart, how to read a leaderboard."""
from .answers import Complaint, call, expect, require, short
from .exercise import exercise

_PAIRS = {
    ("walk", "march"): "image",
    ("sit_down", "stand_up"): "video",
    ("knock", "punch"): "sound",
    ("greet", "say_goodbye"): "words",
}


@exercise(
    task="Write `raw_megabytes(duration, fps, size)`: how many megabytes (10⁶ bytes) a video's pixels fill when "
         "nothing is compressed.",
    hint="Count the frames, then the pixels of a frame, then the bytes of a pixel.",
    second_hint="duration · fps frames of height · width pixels; a pixel is one byte each of red, green and blue; then divide "
                "by 10⁶.",
    solution="""
        def raw_megabytes(duration, fps, size):
            height, width = size
            return duration * fps * height * width * 3 / 1e6
    """,
    insight="the ten seconds of bikes.mp4 are 130 MB of pixels in a file of half a megabyte. A codec keeps what "
            "changes, and an array keeps everything: hence clips, small sizes and streaming.",
)
def raw_megabytes(answer):
    expect(answer, (10, 25, (272, 640)), 130.56, traps=[
        (43.52, "every pixel has three bytes: red, green and blue."),
        (1044.48, "that is megabits; a byte has eight bits, and one byte holds one colour of one pixel."),
        (130.56e6 / 2**20, "a megabyte is 10⁶ bytes here; 1024 · 1024 bytes are a mebibyte."),
        (130.56e6, "that is still in bytes."),
        (0.52224, "that is one single frame; the video has many."),
    ])
    expect(answer, (2, 30, (64, 64)), 0.73728)
    expect(answer, (0.5, 24, (720, 1280)), 33.1776, otherwise="half a second counts half.")


@exercise(
    task="Say for each pair of actions which of image, video, sound and words, taken in this order, is the first that "
         "can tell them apart.",
    hint="Act the two of a pair yourself. Would one photograph of you do? A silent film? What if somebody listens? "
         "The paragraph under the ceilings speaks of three of the pairs.",
    second_hint="Sitting down is standing up played backwards; a knock and a punch move alike; a greeting and a goodbye look "
                "and sound alike.",
    solution="""
        who_can_tell = {
            ("walk", "march"): "image",
            ("sit_down", "stand_up"): "video",
            ("knock", "punch"): "sound",
            ("greet", "say_goodbye"): "words",
        }
    """,
    insight="no single modality can name every action, and each is needed for some. That is why this course is "
            "multimodal.",
)
def who_can_tell(answer):
    from vmm_lab.theatre.actions import observations

    order = ("image", "video", "sound", "words")
    too_early = {
        "image": "each single frame of the one could be from the other, too; look for what a frozen picture cannot "
                 "hold.",
        "video": "the two move in the same way; what else comes with the pictures?",
        "sound": "nothing of the kind is heard in either.",
    }
    require(isinstance(answer, dict), f"your answer should be the dictionary of pairs, filled in; yours is "
                                      f"{short(answer)}.")
    for pair in _PAIRS:
        require(pair in answer, f"the pair {pair} is missing from your dictionary.")
        said, names = answer[pair], " and ".join(pair)
        require(isinstance(said, str) and said in order,
                f"{names}: the answer should be one of {', '.join(order)}; yours is {short(said)}.")
        first = next(sense for sense in order if observations(pair[0], sense) != observations(pair[1], sense))
        if order.index(said) < order.index(first):
            raise Complaint(f"{names}: {too_early[said]}")
        require(said == first, f"{names}: {said} may do, but something earlier in the list tells them apart already.")


@exercise(
    task="Write `clear_winners(rows)`: the names of the methods whose whole 95 % interval lies above the best "
         "baseline's accuracy.",
    hint="Two numbers decide: the best accuracy among the rows of modality \"none\", and the low end of a method's "
         "interval.",
    second_hint="bar = max(row[\"accuracy\"] for the rows whose row[\"modality\"] is \"none\"); keep a name where "
                "row[\"accuracy_low\"] > bar.",
    solution="""
        def clear_winners(rows):
            bar = max(row["accuracy"] for row in rows if row["modality"] == "none")
            return [row["name"] for row in rows if row["accuracy_low"] > bar]
    """,
    insight="with 24 clips, a method may stand ten points above the majority by luck. The interval says what the score "
            "alone hides.",
)
def clear_winners(answer):
    for rows, winners in _BOARDS:
        given = call(answer, rows)
        try:
            names = sorted(map(str, given))
        except TypeError:
            raise Complaint(f"clear_winners should give a list of names; yours gives {short(given)}.") from None
        plain = sorted(row["name"] for row in rows if row["modality"] != "none" and row["accuracy"] > 0.30)
        told = f"for the rows {', '.join(row['name'] for row in rows)}, yours gives {short(names)}: "
        require(not {"chance", "majority"} & set(names), told + "a row of modality \"none\" is itself a baseline.")
        require(names != plain or names == sorted(winners), told +
                "a score above the bar may be luck; compare the low end of its interval.")
        require("ColorHistogram" not in names, told +
                "ColorHistogram is above chance, but the bar is the best of the baselines.")
        require(names == sorted(winners), told + f"there should be {len(winners)}.")


def _row(name, modality, accuracy, low, high):
    return {"name": name, "modality": modality, "accuracy": accuracy, "accuracy_low": low, "accuracy_high": high}


_BASELINES = [_row("chance", "none", 0.25, 0.25, 0.25), _row("majority", "none", 0.30, 0.26, 0.34)]
_BOARDS = (
    ([*_BASELINES, _row("HOG", "image", 0.62, 0.45, 0.79), _row("LogMel", "sound", 0.38, 0.20, 0.56),
      _row("ColorHistogram", "image", 0.42, 0.27, 0.57)], ["HOG"]),
    ([_row("MFCC", "sound", 0.90, 0.80, 1.00), _row("WordBag", "words", 0.55, 0.38, 0.72), *_BASELINES],
     ["MFCC", "WordBag"]),
    ([_row("SIFTBag", "image", 0.33, 0.16, 0.50), *_BASELINES], []),
)
