"""Check exercises of 00 welcome: the size of a video, which modality tells, how to read a leaderboard."""
from .answers import Complaint, call, expect, require, short
from .exercise import exercise

_PAIRS = (("walk", "march"), ("sit_down", "stand_up"), ("knock", "punch"), ("greet", "say_goodbye"))
_ORDER = ("image", "video", "sound", "words")
_TOO_EARLY = {
    "image": "each single frame of one could also be from the other; look for what a still picture cannot hold.",
    "video": "the two move in the same way; what else comes with the pictures?",
    "sound": "nothing of the kind is heard in either.",
}


@exercise(stars=1,
    task="Write `raw_megabytes(duration, fps, size)`: the megabytes (10⁶ bytes) of a video's pixels, uncompressed.",
    hint="Count the frames, then the pixels of a frame, then the bytes of a pixel.",
    more="There are duration · fps frames of height · width pixels, each with three bytes; divide by 10⁶ at the end.",
    insight="the ten seconds of bikes.mp4 are 130 MB of pixels in a file of half a megabyte. A codec stores what "
            "changes, an array stores everything: that is why we use clips, small sizes and streaming.",
    solution="""
        def raw_megabytes(duration, fps, size):
            height, width = size
            return duration * fps * height * width * 3 / 1e6
    """)
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


@exercise(stars=2,
    task="Say for each pair of actions which of image, video, sound and words, taken in this order, is the first that "
         "can tell them apart.",
    hint="Act out both actions of a pair. Would one photograph of you be enough? A silent film? What if somebody "
         "listens? The paragraph under the ceilings is about three of the pairs.",
    more="Sitting down is standing up played backwards; a knock and a punch are the same movement; a greeting and a "
         "goodbye look and sound the same.",
    insight="no single modality recognises every action, and each is needed: the course is multimodal for a reason.",
    solution="""
        who_can_tell = {
            ("walk", "march"): "image",
            ("sit_down", "stand_up"): "video",
            ("knock", "punch"): "sound",
            ("greet", "say_goodbye"): "words",
        }
    """)
def who_can_tell(answer):
    from vmm_lab import theatre

    require(isinstance(answer, dict), f"your answer should be the completed dictionary of pairs; yours is "
                                      f"{short(answer)}.")
    for pair in _PAIRS:
        require(pair in answer, f"the pair {pair} is missing from your dictionary.")
        modality, names = answer[pair], " and ".join(pair)
        require(isinstance(modality, str) and modality in _ORDER,
                f"{names}: the answer should be one of {', '.join(_ORDER)}; yours is {short(modality)}.")
        # Two equally frequent actions are guessed right half of the time by anybody.
        first = next(name for name in _ORDER if theatre.ceiling(name, actions=pair) > 0.5)
        if _ORDER.index(modality) < _ORDER.index(first):
            raise Complaint(f"{names}: {_TOO_EARLY[modality]}")
        require(modality == first, f"{names}: {modality} may work, but something earlier in the list works already.")


@exercise(stars=2,
    task="Write `clear_winners(rows)`: the methods whose whole 95 % interval is above the best baseline's accuracy.",
    hint="Two numbers decide: the best accuracy of a baseline (modality \"none\") and the low end of an interval.",
    more="bar is the largest row[\"accuracy\"] where row[\"modality\"] is \"none\"; keep names with accuracy_low > "
         "bar.",
    insight="with 24 clips, a method may score ten points above the majority class by luck. The interval shows what "
            "the score alone hides.",
    solution="""
        def clear_winners(rows):
            bar = max(row["accuracy"] for row in rows if row["modality"] == "none")
            return [row["name"] for row in rows if row["accuracy_low"] > bar]
    """)
def clear_winners(answer):
    for rows, winners in _BOARDS:
        given = call(answer, rows)
        try:
            names = sorted(map(str, given))
        except TypeError:
            raise Complaint(f"clear_winners should give a list of names; yours gives {short(given)}.") from None
        by_score = sorted(row["name"] for row in rows if row["modality"] != "none" and row["accuracy"] > 0.30)
        what = f"for the rows {', '.join(row['name'] for row in rows)}, yours gives {short(names)}: "
        require(not {"Chance", "Majority class"} & set(names), what + "a row of modality none is itself a baseline.")
        require(names != by_score or names == sorted(winners),
                what + "a score above the bar may be luck; compare the low end of its interval.")
        require("ColorHistogram" not in names,
                what + "ColorHistogram is above chance, but the bar is the best of the baselines.")
        require(names == sorted(winners), what + f"there should be {len(winners)}.")


def _row(name, modality, accuracy, low, high):
    return {"name": name, "modality": modality, "accuracy": accuracy, "accuracy_low": low, "accuracy_high": high}


_BASELINES = [_row("Chance", "none", 0.25, 0.25, 0.25), _row("Majority class", "none", 0.30, 0.26, 0.34)]
_BOARDS: tuple[tuple[list[dict], list[str]], ...] = (
    ([*_BASELINES, _row("HOG", "image", 0.62, 0.45, 0.79), _row("LogMel", "sound", 0.38, 0.20, 0.56),
      _row("ColorHistogram", "image", 0.42, 0.27, 0.57)], ["HOG"]),
    ([_row("MFCC", "sound", 0.90, 0.80, 1.00), _row("WordBag", "words", 0.50, 0.32, 0.68), *_BASELINES],
     ["MFCC", "WordBag"]),
    ([_row("SIFTBag", "image", 0.33, 0.16, 0.50), *_BASELINES], []),
)
