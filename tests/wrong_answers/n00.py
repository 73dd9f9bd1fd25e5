"""Wrong answers to the exercises of 00 welcome, each with words that its refusal says."""

PAIRS = {
    ("walk", "march"): "image",
    ("sit_down", "stand_up"): "video",
    ("knock", "punch"): "sound",
    ("greet", "say_goodbye"): "words",
}

WRONG = {
    "raw_megabytes": [
        (lambda duration, fps, size: duration * fps * size[0] * size[1] / 1e6, "red, green and blue"),
        (lambda duration, fps, size: 8 * duration * fps * size[0] * size[1] * 3 / 1e6, "bits"),
        (lambda duration, fps, size: duration * fps * size[0] * size[1] * 3 / 2**20, "1024"),
        (lambda duration, fps, size: duration * fps * size[0] * size[1] * 3, "still in bytes"),
        (lambda duration, fps, size: size[0] * size[1] * 3 / 1e6, "one single frame"),
    ],
    "who_can_tell": [
        ({**PAIRS, ("sit_down", "stand_up"): "image"}, "each single frame"),
        ({**PAIRS, ("knock", "punch"): "video"}, "move in the same way"),
        ({**PAIRS, ("greet", "say_goodbye"): "sound"}, "nothing of the kind is heard"),
        ({**PAIRS, ("walk", "march"): "words"}, "something earlier in the list"),
        ({**PAIRS, ("walk", "march"): "eyes"}, "one of image, video, sound, words"),
        ({("walk", "march"): "image"}, "is missing"),
    ],
    "clear_winners": [
        (
            """
                def clear_winners(rows):
                    bar = max(row["accuracy"] for row in rows if row["modality"] == "none")
                    return [row["name"] for row in rows if row["accuracy"] > bar]
            """,
            "low end",
        ),
        (
            lambda rows: [row["name"] for row in rows if row["modality"] != "none" and row["accuracy_low"] > 0.25],
            "best of the baselines",
        ),
        (lambda rows: [row["name"] for row in rows if row["accuracy_low"] >= 0.25], "is itself a baseline"),
        (lambda rows: 2, "names"),
    ],
}
