"""Check exercises of 26 many machines: Amdahl's law, a queue of work, who keeps what, results that arrive twice."""
import hashlib

from .answers import expect, require
from .exercise import exercise


@exercise(stars=1,
    task="Write `speedup(alone, workers)`: how many times as fast the workers are, if the share `alone` has one only.",
    hint="Say that one worker needs 1 hour. How long does the part last that is shared out?",
    more="The time is alone + (1 - alone) / workers; the speed-up is 1 divided by it.",
    insight="what cannot be shared out sets the limit 1 / alone, whatever is spent on workers.",
    solution="""
        def speedup(alone, workers):
            return 1 / (alone + (1 - alone) / workers)
    """)
def speedup(answer):
    expect(answer, (0.1, 9), 5.0, traps=[
        (8.1, "a speed-up is a ratio of times, not a share of the workers."),
        (0.2, "that is the time that is left; the speed-up is 1 divided by it."),
        (90 / 10.9, "only the part that is not done alone is divided by the workers."),
    ])
    expect(answer, (0.0, 7), 7.0, otherwise="with nothing done alone, seven workers are seven times as fast.")
    expect(answer, (1.0, 7), 1.0, otherwise="where all is done alone, workers do not help.")


@exercise(stars=2,
    task="Write `makespan(seconds, workers)`: when all is done, if each piece goes to the worker that is free first.",
    hint="Keep, for each worker, the time at which it is free. Who gets the next piece?",
    more="Add each piece to the smallest of these times; at the end, the largest of them is asked for.",
    insight="one long piece at the end keeps everybody waiting; hand out long pieces first.",
    solution="""
        def makespan(seconds, workers):
            free = [0.0] * workers
            for piece in seconds:
                first = free.index(min(free))
                free[first] += piece
            return max(free)
    """)
def makespan(answer):
    expect(answer, ([4.0, 1.0, 1.0, 1.0, 6.0], 2), 9.0, traps=[
        (6.5, "the sum divided by the workers is reached only if pieces can be cut further."),
        (11.0, "the pieces are not dealt out in turn: the next one goes to the worker that is free first."),
        (13.0, "with two workers, two pieces run at a time."),
        (4.0, "when the first is free is not when all is done."),
        (7.0, "keep the order in which they are handed out: do not sort them."),
    ])
    expect(answer, ([2.0], 3), 2.0, otherwise="a piece alone takes as long as it takes, with any number of workers.")
    expect(answer, ([], 2), 0.0, otherwise="without work, all is done at once, after 0 seconds.")


@exercise(stars=2,
    task="Write `owner(name, workers)`: SHA-256 of the name's UTF-8 bytes, as a big-endian integer, modulo `workers`.",
    hint="`hashlib.sha256(…).digest()` gives 32 bytes. What makes an integer of bytes?",
    more="`int.from_bytes(digest, \"big\") % workers`; Python's own `hash` differs from process to process.",
    insight="every machine finds the owner by itself; but with one worker more, nearly every clip changes its owner.",
    solution="""
        import hashlib

        def owner(name, workers):
            digest = hashlib.sha256(name.encode("utf-8")).digest()
            return int.from_bytes(digest, "big") % workers
    """)
def owner(answer):
    for name in ("a.mp4", "b/ü.mp4", "你好.mp4"):
        digest = hashlib.sha256(name.encode()).digest()
        big, little = (int.from_bytes(digest, order) for order in ("big", "little"))
        expect(answer, (name, 1009), big % 1009, traps=[
            (little % 1009, "big-endian: the first byte counts most."),
            (int.from_bytes(hashlib.md5(name.encode(), usedforsecurity=False).digest(), "big") % 1009, "that is MD5."),
            (digest[0] % 1009, "take all 32 bytes, and not the first alone."),
        ], otherwise="`hash` of a text differs from process to process; hashlib.sha256 does not.")


@exercise(stars=3,
    task="Write `merge(parts, n_rows)`: the values by row; ValueError if a row is missing or has two different values.",
    hint="A dictionary from row to value keeps them in any order. What tells you that a row was there before?",
    more="Compare with what is kept before you keep it; at the end, count the rows that are kept.",
    insight="a repeated result is harmless if it is equal, and a reason to stop if it is not.",
    solution="""
        def merge(parts, n_rows):
            kept = {}
            for row, value in parts:
                if kept.setdefault(row, value) != value:
                    raise ValueError(f"row {row} arrived with {kept[row]} and with {value}")
            if len(kept) < n_rows:
                raise ValueError(f"only {len(kept)} of {n_rows} rows arrived")
            return [kept[row] for row in range(n_rows)]
    """)
def merge(answer):
    expect(answer, ([(2, 0.5), (0, 0.1), (1, 0.0), (0, 0.1)], 3), [0.1, 0.0, 0.5], traps=[
        ([0.5, 0.1, 0.0, 0.1], "these are in the order of arrival; row 0 comes first, and once."),
        ([0.5, 0.1, 0.0], "these are in the order of arrival; put them in the order of the rows."),
        ([0.1, 0.1, 0.0, 0.5], "row 0 arrived twice and is kept once."),
    ])
    for parts, said in (([(0, 1.0)], "row 1 never arrived"),
                        ([(0, 1.0), (1, 2.0), (0, 3.0)], "row 0 arrived as 1 and as 3"),
                        ([(0, 0.0), (1, 2.0), (0, 3.0)], "row 0 arrived as 0, a value like any other, and as 3")):
        try:
            value = answer(parts, 2)
        except Exception as error:
            require(isinstance(error, ValueError), f"{said}: raise ValueError, not {type(error).__name__}.")
        else:
            require(False, f"{said}: raise ValueError instead of returning {value}.")
