"""The record goes in, a table of what is done comes out: for the learner's eyes, or as a file for a teacher."""
import csv
import html
import io
import json
from pathlib import Path

from . import record
from .exercise import catalogue, titles


def progress(notebook=None, *, to=None):
    """Show which exercises are done, notebook by notebook; `to` also writes it to a file for a teacher.

    Parameters
    ----------
    notebook : str, optional
        The number of one notebook, such as "09"; the whole course by default.
    to : path, optional
        A .csv or .json file, such as "ada.csv": one row per exercise with its tries, the hints and the solution seen,
        and when it was done (UTC).

    Returns
    -------
    Progress
        A table in a notebook, text elsewhere; its `rows` are a list of dicts.

    Raises
    ------
    ValueError
        There is no such notebook with exercises; the file is of another kind, or cannot be written.

    Examples
    --------
    >>> progress("00").rows[0]["exercise"]
    '00.raw_megabytes'
    >>> progress(to="ada.csv")                                                      # doctest: +SKIP
    """
    kept = record.load()
    shown = Progress([{"notebook": titles()[e.notebook], "exercise": e.name, **kept.get(e.name, record.BLANK)}
                      for e in catalogue().values() if notebook in (None, e.notebook)])
    if not shown.rows:
        raise ValueError(f"There are no exercises of a notebook {notebook!r}; its number is two digits, such as "
                         f"{min(titles())!r}, and progress() lists all.")
    if to is not None:
        shown.save(to)
    return shown


class Progress:
    """What is done; made by `progress`. `rows`: a dict per exercise: notebook, exercise, tries, hints, solution, done."""

    def __init__(self, rows):
        self.rows = rows

    def save(self, to):
        """Write the rows to a .csv or .json file (ValueError for another kind, or where it cannot be written)."""
        to = Path(to).expanduser()
        if to.suffix.lower() == ".json":
            text = json.dumps(self.rows, indent=1) + "\n"
        elif to.suffix.lower() == ".csv":
            table = io.StringIO(newline="")
            writer = csv.DictWriter(table, fieldnames=["notebook", "exercise", *record.BLANK])
            writer.writeheader()
            writer.writerows(self.rows)
            text = table.getvalue()
        else:
            raise ValueError(f"progress writes .csv or .json files, and {to.name!r} is neither; "
                             f"name it {to.stem or 'me'}.csv.")
        try:
            record.write(to, text)
        except OSError as error:
            raise ValueError(f"{to} cannot be written ({error.strerror}); "
                             "choose a folder that is there and may be written.") from None

    def _notebooks(self):
        for title in dict.fromkeys(row["notebook"] for row in self.rows):
            marks = [(row["exercise"], bool(row["done"])) for row in self.rows if row["notebook"] == title]
            yield title, marks, sum(done for _, done in marks)

    def __repr__(self):
        lines = [f"{sum(bool(row['done']) for row in self.rows)} of {len(self.rows)} exercises done"]
        for title, marks, done in self._notebooks():
            filled = round(10 * done / len(marks))
            words = "  ".join(f"{'✓' if well else '·'} {name.partition('.')[2]}" for name, well in marks)
            lines.append(f"{title:<28}{'█' * filled}{'░' * (10 - filled)}  {done} of {len(marks)}  {words}")
        return "\n".join(lines)

    def _repr_html_(self):
        lines = []
        for title, marks, done in self._notebooks():
            words = " &ensp;".join(
                f'<span title="{html.escape(catalogue()[name].task)}" style="white-space: nowrap; '
                f"opacity: {1 if well else 0.65}\">{'✓' if well else '○'}&nbsp;{name}</span>" for name, well in marks)
            bar = f'<progress style="width: 6em" value="{done}" max="{len(marks)}" aria-label="{done} of {len(marks)} done"></progress>'
            lines.append(f'<tr><th scope="row" style="text-align: left; white-space: nowrap">{html.escape(title)}</th><td>{bar}</td>'
                         f'<td style="white-space: nowrap">{done} of {len(marks)}</td><td style="text-align: left">{words}</td></tr>')
        caption = html.escape(repr(self).splitlines()[0])
        return f'<table><caption style="text-align: left">{caption}</caption><tbody>{"".join(lines)}</tbody></table>'
