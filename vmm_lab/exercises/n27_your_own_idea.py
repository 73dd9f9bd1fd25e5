"""Check exercises of 27 your own idea: groups that leak, an honest baseline, two people who label."""
from .answers import expect
from .exercise import exercise


@exercise(stars=1,
    task="Write `leaks(train, test)`: the sorted list of groups that are in both lists, each once.",
    hint="Which Python type keeps each thing once, and knows what two of a kind share?",
    more="Make a set of either list, take what both have, and sort it.",
    insight="a score is about new people only if this list is empty.",
    solution="""
        def leaks(train, test):
            return sorted(set(train) & set(test))
    """)
def leaks(answer):
    expect(answer, (["Mei", "Ada", "Mei", "Kofi"], ["Mei", "Ada", "Zoe"]), ["Ada", "Mei"], traps=[
        (["Mei", "Ada"], "sort them."),
        (["Mei", "Ada", "Mei"], "each group is named once, and in order."),
        (["Ada", "Mei", "Mei"], "each group is named once."),
        (["Kofi"], "that group is in training only; wanted are those in both."),
        (["Ada", "Kofi", "Mei", "Zoe"], "those are in one or the other; wanted are those in both."),
    ])
    expect(answer, (["Ada"], ["Zoe"]), [], otherwise="nobody is in both, so the list is empty.")


@exercise(stars=2,
    task="Write `baseline(train, test)`: the accuracy on `test` of always guessing the most frequent label of `train`.",
    hint="The guess may come from one of the two lists only. Which one is known before the test?",
    more="`max(set(train), key=train.count)` is the guess; count it in `test`, and divide by the length of `test`.",
    insight="a baseline learns from training rows only, like every other method.",
    solution="""
        def baseline(train, test):
            guess = max(set(train), key=train.count)
            return test.count(guess) / len(test)
    """)
def baseline(answer):
    expect(answer, (["a", "a", "a", "b"], ["b", "b", "b", "a", "c"]), 0.2, traps=[
        (0.6, "that guess was chosen by looking at the test labels."),
        (0.75, "that is the accuracy on the training labels."),
        (1, "that is a number of rows; divide by the length of the test."),
        (0.25, "divide by the length of the test, not of the training."),
    ])
    expect(answer, (["a", "b", "b"], ["a"]), 0.0, otherwise="the guess is b, which the test does not have.")


@exercise(stars=3,
    task="Write `kappa(a, b)`: Cohen's kappa of two lists: (p - e) / (1 - e), where e is agreement by chance.",
    hint="How often would two people agree who give their labels at random, each as often as before?",
    more="p is the share of equal pairs; e is the sum over the labels of a's share times b's share of that label.",
    insight="90 percent agreement is nothing to be proud of if both say the same label nine times in ten.",
    solution="""
        def kappa(a, b):
            n = len(a)
            p = sum(x == y for x, y in zip(a, b)) / n
            e = sum(a.count(c) * b.count(c) for c in set(a)) / n ** 2
            return (p - e) / (1 - e)
    """)
def kappa(answer):
    a, b = list("xxxxyyyyyz"), list("xxxyyyyyzz")
    chance = (4 * 3 + 5 * 5 + 1 * 2) / 100
    expect(answer, (a, b), (0.8 - chance) / (1 - chance), traps=[
        (0.8, "that is the share of equal labels, with what chance gives still in it."),
        (0.8 - chance, "divide by the most that there is above chance, 1 - e."),
        (chance, "that is the agreement by chance alone."),
        ((0.8 - 1 / 3) / (2 / 3), "the labels are not equally frequent; take each one's own shares."),
    ])
    expect(answer, (list("xyxy"), list("yxyx")), -1.0, otherwise="who never agrees is below chance: negative.")
    expect(answer, (list("xyz"), list("xyz")), 1.0, otherwise="who always agrees has kappa 1.")
