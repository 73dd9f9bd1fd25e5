"""Show which exercises are done, to the learner as a table and to a teacher as a file."""
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from vmm_lab.files import atomic_write

from . import record
from .exercise import catalogue, titles


def progress(notebook: str | None = None, *, to: str | os.PathLike | None = None) -> "Progress":
    """Show which exercises are done, notebook by notebook; `to` also writes it to a file for a teacher.

    `notebook` is the number of one notebook, such as "10"; the whole course by default. `to` is a .csv or .json file:
    a row per exercise with the tries, the hints, whether the solution was shown, and when it was done (UTC).
    ValueError if there are no exercises of that notebook, or the file is of another kind or cannot be written.

    >>> progress("00").rows[0]["exercise"]
    '00.raw_megabytes'
    """
    kept = record.load()
    shown = Progress([{"notebook": titles()[e.notebook], "exercise": e.name, **kept.get(e.name, record.BLANK)}
                      for e in catalogue().values() if notebook in (None, e.notebook)])
    if not shown.rows:
        raise ValueError(f"There are no exercises of a notebook {notebook!r}; its number is two digits, such as "
                         f"{min(titles())!r}, and vl.progress() lists all.")
    if to is not None:
        shown.save(to)
    return shown


class Progress:
    """Represent what is done. `rows` has a dict per exercise: notebook, exercise, tries, hints, solution, done."""

    rows: list[dict]

    def __init__(self, rows: list[dict]):
        self.rows = rows

    def save(self, to: str | os.PathLike) -> None:
        """Write the rows to a .csv or .json file; ValueError for another kind, or if it cannot be written."""
        path = Path(to).expanduser()
        if path.suffix.lower() == ".json":
            text = json.dumps(self.rows, indent=1) + "\n"
        elif path.suffix.lower() == ".csv":
            text = pd.DataFrame(self.rows).to_csv(index=False)
        else:
            raise ValueError(f"progress writes .csv or .json files, and {path.name!r} is neither; "
                             f"name it {path.stem or 'me'}.csv.")
        try:
            path.parent.stat()  # a folder that is missing may be a typing error, and is not made
            atomic_write(path, lambda file: file.write(text.encode()))
        except OSError as error:
            raise ValueError(f"{path} cannot be written ({error.strerror}); "
                             "choose a folder that exists and may be written to.") from None

    def _notebooks(self) -> Iterator[tuple[str, list[tuple[str, bool]], int]]:
        for title in dict.fromkeys(row["notebook"] for row in self.rows):
            marks = [(row["exercise"], bool(row["done"])) for row in self.rows if row["notebook"] == title]
            yield title, marks, sum(done for _, done in marks)

    def __repr__(self) -> str:
        lines = [f"{sum(bool(row['done']) for row in self.rows)} of {len(self.rows)} exercises done"]
        for title, marks, count in self._notebooks():
            filled = round(10 * count / len(marks))
            words = "  ".join(f"{'✓' if done else '·'} {name.partition('.')[2]}{_stars(name)}" for name, done in marks)
            lines.append(f"{title:<28}{'█' * filled}{'░' * (10 - filled)}  {count} of {len(marks)}  {words}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from jinja2 import Environment

        tasks = {name: e.task for name, e in catalogue().items()}
        stars = {name: _stars(name) for name in tasks}
        return Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(_PAGE).render(
            caption=repr(self).splitlines()[0], notebooks=list(self._notebooks()), tasks=tasks, stars=stars)


def _stars(name: str) -> str:
    return " " * bool(stars := catalogue()[name].stars) + "★" * stars


_PAGE = """\
<table><caption style="text-align: left">{{ caption }}</caption><tbody>
{% for title, marks, count in notebooks %}
<tr><th scope="row" style="text-align: left; white-space: nowrap">{{ title }}</th>
<td><progress style="width: 6em" value="{{ count }}" max="{{ marks|length }}" \
aria-label="{{ count }} of {{ marks|length }} done"></progress></td>
<td style="white-space: nowrap">{{ count }} of {{ marks|length }}</td><td style="text-align: left">
{% for name, done in marks %}
<span title="{{ tasks[name] }}" style="white-space: nowrap; opacity: {{ 1 if done else 0.65 }}">\
{{ "✓" if done else "○" }}&nbsp;{{ name }}{{ stars[name] }}</span> &ensp;
{% endfor %}
</td></tr>
{% endfor %}
</tbody></table>"""
