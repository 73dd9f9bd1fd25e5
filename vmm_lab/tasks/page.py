"""Write a board as one offline page, as a small table for notebooks, and as plain text."""
import re
from importlib.resources import files

import jinja2
import markupsafe

from ..modalities import color_of
from ._text import joined, plural

COSTS = (("seconds_extract", "Extract, s"), ("seconds_fit", "Fit, s"), ("ms_per_item", "Predict, ms per item"))
MARGIN = "\u00a0%"


def page(board) -> str:
    """Return the whole page; all that comes from the table (names, captions, paths) is escaped."""
    css = files(__package__).joinpath("page.css").read_text(encoding="utf-8")
    sections = [section(board) for section in board.sections]
    shown = list(filter(None, sections))
    return _encodable(render("page", board=board, css=markupsafe.Markup(css), sections=shown, **_facts(board)))


def fragment(board) -> str:
    """Return the rows as a small HTML table, warnings below: what a notebook shows."""
    return _encodable(render("fragment", board=board, **_facts(board)))


def as_text(board) -> str:
    """Return the rows as plain text, warnings below: what a terminal shows."""
    head = [f"{'Method':<28}{'Modality':<10}"]
    for measure in board.measures:
        head.append(f"{measure.title:>18}" + (f"{'95 % interval':>16}" if measure.interval else ""))
    lines = ["".join(head) + f"{'ms/item':>9}"]
    for row in board.rows:
        cells = [f"{row['name']:<28}{row['modality']:<10}"]
        for measure in board.measures:
            cells.append(f"{written(row[measure.name], measure):>18}")
            cells.append(f"{_range(row, measure):>16}" if measure.interval else "")
        lines.append("".join(cells) + f"{number('ms_per_item', row):>9}")
    folds = board.protocol["folds"] + (f", {board.protocol['n_folds']} folds" if board.protocol["n_folds"] > 1 else "")
    classes = f", {len(board.classes)} {plural(board.noun, len(board.classes))}" if len(board.classes) else ""
    lines += ["", f"{board.protocol['n_tested']} items tested{classes}; {folds}"]
    lines += [f"! {warning}" for warning in board.warnings]
    lines += [f"* {note}" for note in board.protocol["notes"]]
    lines += [f"- without a score: {left_out}" for left_out in filter(None, [_left_out(board)])]
    lines += [f"- left out: {entry['path']}: {entry['reason']}" for entry in board.skipped[:5]]
    if len(board.skipped) > 5:
        lines.append(f"- and {len(board.skipped) - 5} more files left out, listed in board.skipped")
    return "\n".join(lines)


def render(macro: str, /, **values) -> markupsafe.Markup:
    """Render one macro of page.html, such as "confusion"; all values are escaped."""
    text = files(__package__).joinpath("page.html").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined)
    environment.filters["prose"] = lambda text: markupsafe.Markup(  # `names` in backticks are code
        re.sub(r"`([^`]+)`", r"<code>\1</code>", str(markupsafe.escape(text))))
    return getattr(environment.from_string(text).module, macro)(**values)


def percent(share: float, digits: int = 1) -> str:
    """Write a share of 1 as a percentage, the space before the sign unbreakable."""
    return f"{100 * share:.{digits}f}{MARGIN}"


def number(name: str, row: dict) -> str:
    """Write a cost of a row; a dash where there is none, as for the time of a baseline that looks at nothing."""
    value = row[name]
    if value is None or row["modality"] == "none":
        return "–"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def _facts(board) -> dict:
    """Return what the template shows of each row and of the whole."""
    first = board.measures[0]
    values = [row.get(name) or 0.0 for row in board.rows for name in (first.name, f"{first.name}_high")]
    most = 1.0 if first.share else max([*values, 1e-9])

    def place(value: float | None) -> float | None:
        return None if value is None else round(100 * min(max(value / most, 0.0), 1.0), 2)

    rows = []
    for row in board.rows:
        baseline = row["modality"] == "none"
        low, high, std = (row.get(f"{first.name}_{end}") for end in ("low", "high", "std"))
        rows.append({
            "name": row["name"], "modality": row["modality"], "color": color_of(row["modality"]), "baseline": baseline,
            "star": row["name"] == board.best_without_words and board.beats_baselines(row["name"]),
            "score": written(row[first.name], first), "range": _range(row, first),
            "deviation": "" if std is None or baseline else f" ± {100 * std:.1f}" if first.share else f" ± {std:.3g}",
            "width": place(row[first.name]), "low": place(low),
            "length": max(place(high) - place(low), 0.6) if low is not None else None,
            "others": [written(row[measure.name], measure) for measure in board.measures[1:]],
            "costs": [number(name, row) for name, _ in COSTS],
        })
    marks = [row for row in rows if row["baseline"]]
    titles = [measure.title for measure in board.measures[1:]] + [title for _, title in COSTS]
    return {"rows": rows, "first": first, "marks": marks, "titles": titles, "headline": _headline(board),
            "classes": plural(board.noun, len(board.classes)), "left_out": _left_out(board)}


def _left_out(board) -> str:
    """Write which methods have no row, and why: those of one reason together, and without paths."""
    why: dict[str, list[str]] = {}
    for entry in board.protocol["left_out"]:
        why.setdefault(entry["reason"].partition("; the first:")[0], []).append(entry["name"])
    return "; ".join(f"{joined(names)} ({reason})" for reason, names in why.items())


def _headline(board) -> markupsafe.Markup:
    """Write what the best row reaches, and whether that is more than the best baseline."""
    first, rows = board.measures[0], {row["name"]: row for row in board.rows}
    best, baselines = rows[board.best_without_words], [row for row in board.rows if row["modality"] == "none"]
    base, items = next(iter(baselines), None), board.protocol["n_tested"]
    end = ""
    if base is not None:
        end = f"The best baseline, {base['name'].lower()}, reaches {written(base[first.name], first)}"
    if best["modality"] == "none":
        return markupsafe.escape(f"No method applies to this table. {end}.")
    text = markupsafe.Markup("<b>{}</b> reaches <b>{}</b> ({}) on {} items. ").format(
        best["name"], written(best[first.name], first), first.title.lower(), items)
    low = best.get(f"{first.name}_low")
    if low is not None:
        text += f"On new items like these, expect {_range(best, first)}. "
    if base is None or low is None:
        text += f"{end}." if end else ""
    elif board.beats_baselines(best["name"]):
        text += f"{end}, which is outside that range."
    else:
        text += (f"{end}, which that range does not rule out: the table is too small, or the method too weak, to show "
                 "that anything was learnt.")
    if board.best != board.best_without_words:
        reached = written(rows[board.best][first.name], first)
        text += f" With words, {board.best} reaches {reached}, but the captions name the label."
    return text


def written(value: float | None, measure) -> str:
    """Write the value of a measure: a share as a percentage, a dash where there is none."""
    return "–" if value is None else percent(value) if measure.share else f"{value:.3g}"


def _range(row: dict, measure) -> str:
    """Write the interval of a measure, "" where it has none."""
    low, high = row.get(f"{measure.name}_low"), row.get(f"{measure.name}_high")
    if low is None or high is None:
        return ""
    return f"{100 * low:.0f} to {100 * high:.0f}{MARGIN}" if measure.share else f"{low:.3g} to {high:.3g}"


def _encodable(text: str) -> str:
    """Replace what is no valid text, such as the bytes of an odd file name."""
    return str(text).encode("utf-8", "replace").decode("utf-8")
