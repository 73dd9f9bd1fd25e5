"""Wrong answers to the exercises of 27 your own idea, each with words that its refusal says."""

WRONG = {
    "leaks": [
        (lambda train, test: [name for name in train if name in test], "named once, and in order"),
        (lambda train, test: sorted(name for name in train if name in test), "named once."),
        (lambda train, test: sorted(set(train) - set(test)), "in training only"),
        (lambda train, test: sorted(set(train) | set(test)), "one or the other"),
        (lambda train, test: sorted(set(train) & set(test), reverse=True), "sort them"),
    ],
    "baseline": [
        (lambda train, test: max(test.count(c) for c in set(test)) / len(test), "looking at the test"),
        (lambda train, test: max(train.count(c) for c in set(train)) / len(train), "on the training labels"),
        (lambda train, test: test.count(max(set(train), key=train.count)), "a number of rows"),
        (lambda train, test: test.count(max(set(train), key=train.count)) / len(train), "not of the training"),
    ],
    "kappa": [
        (lambda a, b: sum(x == y for x, y in zip(a, b)) / len(a), "still in it"),
        (
            """
                def kappa(a, b):
                    n = len(a)
                    e = sum(a.count(c) * b.count(c) for c in set(a)) / n ** 2
                    return sum(x == y for x, y in zip(a, b)) / n - e
            """,
            "1 - e",
        ),
        (lambda a, b: sum(a.count(c) * b.count(c) for c in set(a)) / len(a) ** 2, "by chance alone"),
        (
            """
                def kappa(a, b):
                    e = 1 / len(set(a))
                    return (sum(x == y for x, y in zip(a, b)) / len(a) - e) / (1 - e)
            """,
            "own shares",
        ),
    ],
}
