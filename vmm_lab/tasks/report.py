"""A board goes in, HTML comes out: one page that needs nothing from outside, and a short table for notebooks."""
import re
from html import escape
from importlib.resources import files

import numpy as np

from ..features import segments
from ..plots import MODALITY_COLORS
from .pictures import show

MISTAKES = 6
MANY = 12  # classes, from which the confusion matrix is drawn small
MOST = 60  # classes, beyond which it shows only those that go wrong most
NUMBERS = (("balanced_accuracy", "Balanced accuracy"), ("macro_f1", "Macro-F1"),
           ("seconds_extract", "Extract, s"), ("seconds_fit", "Fit, s"), ("ms_per_item", "Predict, ms per item"))


def page(board):
    """The whole page as text. Everything that comes from the table (names, captions, paths) is escaped."""
    honest = board.best_without_words
    sections = [_headline(board), _warnings(board), _table(board), _confusion(board, honest), _by_group(board, honest),
                _mistakes(board, honest), _protocol(board), _skipped(board)]
    css = files(__package__).joinpath("report.css").read_text(encoding="utf-8")
    # The policy makes sure of it: no script, nothing loaded from anywhere.
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src data:"
    text = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(_title(board))}</title><style>{css}</style></head>\n<body><main>\n"
        + "\n".join(filter(None, sections)) + "\n</main></body></html>\n"
    )
    return text.encode("utf-8", "replace").decode("utf-8")  # a file name need not be valid text


def fragment(board):
    """The rows as a small HTML table, warnings below: what a notebook shows."""
    cell = 'style="padding:.25em .7em;text-align:{}"'
    head = "".join(f"<th {cell.format('left' if k < 3 else 'right')}>{escape(title)}</th>" for k, title in
                   enumerate(("Method", "Modality", "Accuracy (95 % interval)", "Balanced", "Macro-F1", "ms per item")))
    rows = []
    for row in board.rows:
        color = MODALITY_COLORS[row["modality"]]
        bar = (f'<span style="display:inline-block;width:8em;height:.7em;margin-right:.6em;background:#8883;border-radius:2px" aria-hidden="true">'
               f'<span style="display:block;width:{100 * row["accuracy"]:.1f}%;height:100%;background:{color};border-radius:2px"></span></span>')
        texts = [f"{escape(row['name'])}{' ★' if row['name'] == board.best_without_words else ''}", row["modality"],
                 f"{bar}{_percent(row['accuracy'])} ({_range(row)})", _percent(row["balanced_accuracy"]), _percent(row["macro_f1"]), number("ms_per_item", row)]
        rows.append("<tr>" + "".join(f"<td {cell.format('left' if k < 3 else 'right')}>{text}</td>" for k, text in enumerate(texts)) + "</tr>")
    notes = "".join(f"<li>{_prose(note)}</li>" for note in board.warnings)
    text = f"{board.protocol['n_tested']} items, {len(board.classes)} classes. {board.protocol['words'][0]}"
    return (f"<div><table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table><p>{escape(text)}</p>"
            + (f"<ul>{notes}</ul>" if notes else "") + "</div>").encode("utf-8", "replace").decode("utf-8")


def _title(board):
    return f"{len(board.classes)} classes, {board.protocol['n_tested']} items: which method tells them apart?"


def _headline(board):
    rows = {row["name"]: row for row in board.rows}
    best = rows[board.best_without_words]
    n = board.protocol["n_tested"]
    base = max((row for row in board.rows if row["modality"] == "none"), key=lambda row: row["accuracy"])
    right = round(best["accuracy"] * n)
    text = (f"<b>{escape(best['name'])}</b> is right on <b>{right} of {n} items ({_percent(best['accuracy'])})</b>. On new items like "
            f"these, expect {_range(best)}. The best baseline, {escape(base['name'].lower())}, reaches {_percent(base['accuracy'])}")
    if best["modality"] == "none":
        text = f"No method applies to this table; the best baseline, {escape(base['name'].lower())}, reaches {_percent(base['accuracy'])}."
    elif best["accuracy_low"] > base["accuracy"]:
        text += ", below that range."
    else:
        text += ", which that range does not rule out: the table is too small, or the method too weak, to show that the classes were learnt."
    if board.best != board.best_without_words:
        text += (f" With words, {escape(board.best)} reaches {_percent(rows[board.best]['accuracy'])}, but the captions name the label.")
    return f'<header><h1>{escape(_title(board))}</h1><p class="lead">{text}</p></header>'


def _warnings(board):
    if not board.warnings:
        return ""
    items = "".join(f"<li>{_prose(text)}</li>" for text in board.warnings)
    return f'<section class="note" aria-labelledby="care"><h2 id="care">Read with care</h2><ul>{items}</ul></section>'


def _table(board):
    base = {row["name"]: row["accuracy"] for row in board.rows if row["modality"] == "none"}
    marks = "".join(f'<i class="line" style="left:{100 * share:.2f}%"></i>' for share in base.values())
    body = []
    for row in board.rows:
        color = MODALITY_COLORS[row["modality"]]
        kind = "baseline" if row["modality"] == "none" else row["modality"]
        deviation = "" if row["accuracy_std"] is None or row["modality"] == "none" else f" ± {100 * row['accuracy_std']:.1f}"
        style = ' class="base"' if row["modality"] == "none" else ""
        star = ' <span class="star" title="best row">★</span>' if row["name"] == board.best_without_words else ""
        low, high = 100 * row["accuracy_low"], 100 * row["accuracy_high"]
        numbers = "".join(f'<td role="cell" class="number" data-name="{escape(title)}">{number(name, row)}</td>' for name, title in NUMBERS)
        body.append(
            f'<tr role="row"{style}><th role="rowheader" scope="row">{escape(row["name"])}{star}<span class="kind"><i style="background:{color}"></i>{kind}</span></th>'
            f'<td role="cell" class="score"><b>{_percent(row["accuracy"])}</b> <span class="soft">{deviation} ({_range(row)})</span>'
            f'<span class="bar" style="display:block" aria-hidden="true"><i class="fill" style="width:{100 * row["accuracy"]:.2f}%;background:{color}"></i>'
            f'{marks}<i class="range" style="left:{low:.2f}%;width:{max(high - low, 0.6):.2f}%"></i></span></td>{numbers}</tr>'
        )
    head = "".join(f'<th role="columnheader" scope="col" class="number">{escape(title)}</th>' for _, title in NUMBERS)
    legend = (f'<p class="legend"><span><i class="range"></i>95 % interval</span><span><i class="line"></i>'
              f'{" and ".join(f"{escape(name.lower())} {_percent(share)}" for name, share in base.items())}</span>'
              "<span>★ best row" + (" without words" if board.protocol["captions_name_label"] else "") + "</span></p>")
    return (f'<section aria-labelledby="scores"><h2 id="scores">The scores, best first</h2>{legend}'
            '<table class="board" role="table"><caption class="soft">Accuracy with its deviation between folds (±) and its 95 % interval. '
            f'The best of several methods is a little lucky; differences inside the intervals mean little.</caption><thead role="rowgroup"><tr role="row">'
            f'<th role="columnheader" scope="col">Method</th><th role="columnheader" scope="col">Accuracy</th>{head}</tr></thead>'
            f'<tbody role="rowgroup">{"".join(body)}</tbody></table></section>')


def _confusion(board, name):
    frame = board.confusion(name)
    counts, classes = frame.to_numpy(), list(frame.index)
    totals = counts.sum(axis=1)
    wrong = totals - np.diag(counts)
    pairs = [(counts[i, j], i, j) for i, j in np.argwhere(counts) if i != j]
    pairs.sort(key=lambda pair: (-pair[0], pair[1], pair[2]))
    often = "".join(f"<li>{escape(classes[i])} taken for {escape(classes[j])}: {count} of {totals[i]}</li>" for count, i, j in pairs[:5])
    shown = np.arange(len(classes))
    remark = "Rows are the true classes, columns what the method said. Blue counts are right, orange ones wrong."
    if len(classes) > MOST:
        shown = np.sort(np.argsort(-wrong, kind="stable")[: MOST // 2])
        remark += f" Of {len(classes)} classes, the {len(shown)} that go wrong most often are shown."
    head = "".join(f'<th scope="col"><div class="name">{escape(classes[j])}</div></th>' for j in shown)
    body = []
    for i in shown:
        cells = "".join(_cell(counts[i, j], totals[i], i == j) for j in shown)
        recall = _percent(counts[i, i] / totals[i], 0) if totals[i] else "not tested"
        body.append(f'<tr><th scope="row">{escape(classes[i])}</th>{cells}<td class="recall">{recall}</td></tr>')
    many = " many" if len(shown) > MANY else ""
    confused = f"<h3>Confused most often</h3><ol>{often}</ol>" if often else ""
    return (f'<section aria-labelledby="confusion"><h2 id="confusion">What {escape(name)} takes for what</h2>'
            f'<p class="soft" id="remark">{remark}</p><div class="scroll" tabindex="0" role="region" aria-label="Confusion matrix"><table class="confusion{many}" aria-describedby="remark">'
            f'<thead><tr><td class="corner"><span>true</span> ╲ <span>said</span></td>{head}<th scope="col" class="soft">right</th></tr></thead><tbody>{"".join(body)}</tbody></table></div>{confused}</section>')


def _cell(count, total, right):
    if not count:
        return "<td></td>"
    share = 18 + 62 * count / total
    return f'<td style="background:color-mix(in srgb,var(--{"right" if right else "wrong"}) {share:.0f}%,var(--track))">{count}</td>'


def _by_group(board, name):
    if board.protocol["folds"] != "leave-one-group-out":
        return ""
    rows = board.predictions(name)
    body = []
    for group, part in rows.groupby(rows["group"].fillna("without a group").astype(str)):
        share = part["correct"].mean()
        body.append(f'<tr><th scope="row">{escape(group)}</th><td>{part["correct"].sum()} of {len(part)}</td><td><span class="bar" style="display:block" aria-hidden="true">'
                    f'<i class="fill" style="width:{100 * share:.1f}%;background:var(--right)"></i></span></td></tr>')
    return ('<section aria-labelledby="groups"><h2 id="groups">Group by group</h2><table class="groups"><caption class="soft">Right answers of '
            f'{escape(name)} on each group while the others were learnt from.</caption><tbody>{"".join(body)}</tbody></table></section>')


def _mistakes(board, name):
    if board.frame.set_index("name").loc[name, "modality"] == "none":
        return ""
    rows = board.predictions(name)
    wrong = rows[~rows["correct"]].sort_values("confidence", ascending=False, kind="stable").head(MISTAKES)
    title = f'<section aria-labelledby="mistakes"><h2 id="mistakes">The most confident mistakes of {escape(name)}</h2>'
    if wrong.empty:
        return f"{title}<p>None: every tested item came out right.</p></section>"
    proba = board.probabilities(name)
    hears = board.frame.set_index("name").loc[name, "modality"] in ("sound", "fusion")
    figures = []
    for (row, item), piece in zip(wrong.iterrows(), segments(wrong)):
        place = ["/".join(_text(item["path"]).replace("\\", "/").split("/")[-2:])]
        if piece.start is not None or piece.end is not None:
            place.append(f"from {piece.start or 0:g} s" + (f" to {piece.end:g} s" if piece.end is not None else ""))
        place += [_text(item["group"])] if "group" in item and _text(item["group"]) else []
        words = f"<p><q>{escape(piece.caption)}</q></p>" if isinstance(piece.caption, str) and piece.caption.strip() else ""
        figures.append(
            f'<figure>{show(piece, sound=hears)}<figcaption><p class="verdict">Said <span class="said">{escape(item["predicted"])}</span> '
            f'({_percent(item["confidence"], 0)}), is <span class="true">{escape(item["label"])}</span> ({_percent(proba.loc[row, item["label"]], 0)})</p>'
            f'{words}<p class="soft">{escape(" · ".join(place))}</p></figcaption></figure>'
        )
    wide = " wide" if "video" in set(board.frame["modality"]) else ""
    return (f'{title}<p class="soft">Of {int((~rows["correct"]).sum())} mistakes, those it was surest of; in brackets the probability it gave. '
            f'Look for what they share, and for wrong labels.</p><div class="mistakes{wide}">{"".join(figures)}</div></section>')


def _protocol(board):
    protocol = board.protocol
    counts = protocol["classes"]
    if len(set(counts.values())) == 1:
        classes = f"{len(counts)} classes with {next(iter(counts.values()))} items each"
    else:
        ordered = sorted(counts.items(), key=lambda pair: -pair[1])
        classes = f"{len(counts)} classes: " + ", ".join(f"{name} ({count})" for name, count in ordered[:12])
        classes += f" and {len(counts) - 12} more" if len(counts) > 12 else ""
    sentences = [f"{protocol['n_items']} items, {classes}."] + protocol["words"]
    left = "".join(f"<li>{escape(entry['name'])}: {escape(entry['reason'])}</li>" for entry in protocol["left_out"])
    left = f"<h3>Methods left out</h3><ul>{left}</ul>" if left else ""
    versions = ", ".join(f"{escape(name)} {escape(version)}" for name, version in protocol["versions"].items())
    return (f'<section aria-labelledby="protocol"><h2 id="protocol">How this was measured</h2><ul>{"".join(f"<li>{escape(s)}</li>" for s in sentences)}</ul>'
            f'{left}<p class="soft">Made with {versions}; seed {protocol["seed"]}.</p></section>')


def _skipped(board):
    if not board.skipped:
        return ""
    items = "".join(f"<li><b>{escape(entry['path'])}</b>: {escape(entry['reason'])}</li>" for entry in board.skipped)
    return f'<section aria-labelledby="skipped"><h2 id="skipped">Files left out ({len(board.skipped)})</h2><ul class="paths">{items}</ul></section>'


def _percent(share, digits=1):
    return f"{100 * share:.{digits}f}\u00a0%"


def _range(row):
    return f"{100 * row['accuracy_low']:.0f} to {100 * row['accuracy_high']:.0f}\u00a0%"


def number(name, row):
    """A number of a row as text; a dash where there is none, as for the time of a baseline that looks at nothing."""
    value = row[name]
    if value is None or (row["modality"] == "none" and name not in ("balanced_accuracy", "macro_f1")):
        return "–"
    if name in ("balanced_accuracy", "macro_f1"):
        return _percent(value)
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def _prose(text):
    """Escaped text, with `names` in backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def _text(value):
    return value if isinstance(value, str) else ""
