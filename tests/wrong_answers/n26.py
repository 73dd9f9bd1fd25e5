"""Wrong answers to the exercises of 26 many machines, each with words that its refusal says."""

WRONG = {
    "speedup": [
        (lambda alone, workers: workers * (1 - alone), "a ratio of times"),
        (lambda alone, workers: alone + (1 - alone) / workers, "the time that is left"),
        (lambda alone, workers: workers, "not 5"),
    ],
    "makespan": [
        (lambda seconds, workers: sum(seconds) / workers, "cut further"),
        (lambda seconds, workers: max([sum(seconds[k::workers]) for k in range(workers)]), "dealt out in turn"),
        (lambda seconds, workers: sum(seconds), "two pieces run at a time"),
        (
            """
                def makespan(seconds, workers):
                    free = [0.0] * workers
                    for piece in sorted(seconds, reverse=True):
                        free[free.index(min(free))] += piece
                    return max(free)
            """,
            "do not sort",
        ),
        (
            """
                def makespan(seconds, workers):
                    free = [0.0] * workers
                    for piece in seconds:
                        free[free.index(min(free))] += piece
                    return min(free)
            """,
            "the first is free",
        ),
    ],
    "owner": [
        (lambda name, workers: hash(name) % workers, "hashlib.sha256 does not"),
        (
            """
                import hashlib

                def owner(name, workers):
                    return int.from_bytes(hashlib.sha256(name.encode()).digest(), "little") % workers
            """,
            "big-endian",
        ),
        (
            """
                import hashlib

                def owner(name, workers):
                    return int.from_bytes(hashlib.md5(name.encode()).digest(), "big") % workers
            """,
            "MD5",
        ),
        (
            """
                import hashlib

                def owner(name, workers):
                    return hashlib.sha256(name.encode()).digest()[0] % workers
            """,
            "all 32 bytes",
        ),
    ],
    "merge": [
        (lambda parts, n_rows: [value for _, value in parts], "order of arrival"),
        (lambda parts, n_rows: list(dict(parts).values()), "order of the rows"),
        (lambda parts, n_rows: [value for _, value in sorted(parts)], "kept once"),
        (lambda parts, n_rows: [dict(parts).get(row) for row in range(n_rows)], "row 1 never arrived"),
        (lambda parts, n_rows: [dict(parts)[row] for row in range(n_rows)], "not KeyError"),
        (
            """
                def merge(parts, n_rows):
                    kept = dict(parts)
                    if len(kept) < n_rows:
                        raise ValueError("a row is missing")
                    return [kept[row] for row in range(n_rows)]
            """,
            "row 0 arrived as 1 and as 3",
        ),
        (
            """
                def merge(parts, n_rows):
                    kept = {}
                    for row, value in parts:
                        if kept.get(row) and kept[row] != value:
                            raise ValueError("two values")
                        kept[row] = value
                    if len(kept) < n_rows:
                        raise ValueError("a row is missing")
                    return [kept[row] for row in range(n_rows)]
            """,
            "a value like any other",
        ),
    ],
}
