"""Make a project folder of one's own that runs as it is: a notebook, a table, a feature, a test and example videos."""
import json
import os
import re
import shutil
from pathlib import Path

from ..files import part_of

TEMPLATE = Path(__file__).with_name("template")


def new_project(folder: str | os.PathLike) -> list[Path]:
    """Make the project folder and return the files in it; its last name is the project's.

    The example videos are the small theatre, which is rendered if need be (seconds). ValueError, and nothing made, if
    there is such a folder or file already, or it cannot be made.
    """
    folder = Path(folder).expanduser().absolute()
    if os.path.lexists(folder):
        raise ValueError(f"{folder} exists already, and nothing in it was touched; choose another name.")
    if not folder.parent.is_dir():
        raise ValueError(f"there is no folder {folder.parent}; make it first, or choose another place.")
    part = part_of(folder)
    try:
        part.mkdir()
        _fill(part, folder.name)
        part.rename(folder)  # the whole project, or none of it
    except OSError as error:
        raise ValueError(f"{folder} cannot be made ({error.strerror or error}); choose another place.") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _fill(folder: Path, name: str) -> None:
    from vmm_lab.tables import load_table

    for file in ("feature.py", "test_project.py"):
        shutil.copyfile(TEMPLATE / file, folder / file)
    text = (TEMPLATE / "README.md").read_text(encoding="utf-8").replace("NAME", name)
    (folder / "README.md").write_text(text, encoding="utf-8")
    cells = [_cell(source.replace("NAME", name), k) for k, source in enumerate(
        re.split(r"^# %%", (TEMPLATE / "notebook.py").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:])]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    (folder / f"{name}.ipynb").write_text(json.dumps(notebook, indent=1, ensure_ascii=False), encoding="utf-8")
    table = load_table("theatre")[["path", "label", "group", "caption"]]
    for row, path in enumerate(map(Path, table["path"])):
        place = Path("videos") / table["label"].iloc[row] / f"{table['group'].iloc[row]}{path.suffix}"
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, folder / place)
        table.loc[table.index[row], "path"] = place.as_posix()
    table.to_csv(folder / "videos.csv", index=False)


def _cell(source: str, number: int) -> dict:
    """Return the cell of a notebook from its text behind `# %%`."""
    kind, _, text = source.partition("\n")
    if "[markdown]" in kind:
        text = re.sub(r"^# ?", "", text, flags=re.MULTILINE)
        return {"cell_type": "markdown", "id": f"cell-{number}", "metadata": {}, "source": text.strip()}
    return {"cell_type": "code", "id": f"cell-{number}", "metadata": {}, "source": text.strip(), "outputs": [],
            "execution_count": None}
