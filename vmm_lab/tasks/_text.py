"""Write lists, paths and plurals as a sentence has them."""
from collections.abc import Iterable, Sequence


def joined(names: Sequence[str], *, most: int | None = None) -> str:
    """Return "a", "a and b", "a, b and c", or the first `most` of them and how many more there are.

    >>> joined(["a", "b", "c"]), joined(["a", "b", "c", "d"], most=2)
    ('a, b and c', 'a, b and 2 more')
    """
    names = list(map(str, names))
    if most is not None and len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def named(names: Iterable, noun: str, *, most: int = 4) -> str:
    """Return "class a", "classes a and b" or "classes a, b, c, d and 5 more".

    >>> named(["a", "b"], "class"), named(["ada"], "group")
    ('classes a and b', 'group ada')
    """
    names = [str(name) for name in names]
    return f"{noun if len(names) == 1 else plural(noun)} {joined(names, most=most)}"


def plural(noun: str, count: int = 2) -> str:
    """Return a noun in the singular for a count of 1, else in the plural."""
    return noun if count == 1 else noun + ("es" if noun.endswith("s") else "s")


def first_few(items: Iterable[str], noun: str = "pair", *, between: str = "; ", most: int = 3,
              of: int | None = None) -> str:
    """Return the first few items, and how many more there are, of these or of a number that is given.

    >>> first_few(["a", "b", "c", "d"], "row", between=", ")
    'a, b, c, and 1 more row'
    """
    items = list(items)
    rest = (len(items) if of is None else of) - most
    return between.join(items[:most]) + (f"{between}and {rest} more {plural(noun, rest)}" if rest > 0 else "")


def short(path: str) -> str:
    """Return the last folder and the name of a path, whichever way its separators lean."""
    return "/".join(str(path).replace("\\", "/").split("/")[-2:])
