"""Executed notebooks go in, the course comes out as HTML pages that need nothing from outside: no server, no script, no font.

    python notebooks/src/pages.py               write every notebook and an index into site/
    python notebooks/src/pages.py FOLDER        write them there
"""
import argparse
import html
import os
import re
import sys
from pathlib import Path

import latex2mathml.converter
import nbformat
from bs4 import BeautifulSoup
from jinja2 import pass_context
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments.formatters import HtmlFormatter

NOTEBOOKS = Path(__file__).resolve().parents[1]
PRIORITY = ["text/html", "image/svg+xml", "image/png", "image/jpeg", "text/markdown", "text/plain"]  # a widget by its picture
STYLE = Path(__file__).with_name("pages.css").read_text(encoding="utf-8")


class MathRenderer(IPythonRenderer):
    """Markdown with its formulas as MathML, which browsers draw by themselves."""

    def inline_math(self, body):
        return latex2mathml.converter.convert(body)

    def block_math(self, body):
        return latex2mathml.converter.convert(body, display="block")

    def latex_environment(self, name, body):
        return self.block_math(f"\\begin{{{name}}}{body}\\end{{{name}}}")


class PageExporter(HTMLExporter):
    """nbconvert's plain HTML of the cells, without the scripts and styles that it would fetch."""

    template_name = "basic"

    @pass_context
    def markdown2html(self, context, source):
        renderer = MathRenderer(escape=False, exclude_anchor_links=True, attachments=context["cell"].get("attachments", {}))
        return MarkdownWithMath(renderer=renderer).render(source)


def title_of(notebook):
    """(title, question): the first heading of a notebook, and the first paragraph below it, as plain text."""
    lines = notebook.cells[0].source.strip().splitlines()
    paragraph = " ".join(lines[1:]).strip() if len(lines) < 2 else "\n".join(lines[1:]).strip().split("\n\n")[0]
    return lines[0].lstrip("# "), plain(paragraph)


def plain(markdown):
    """A line of Markdown without its marks."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", markdown)
    return " ".join(re.sub(r"\*\*|`|\$|(?<!\w)[*_]|[*_](?!\w)", "", text).split())


def describe_pictures(notebook):
    """Give each picture its alternative text: what it says of itself, or else the words that lead up to it."""
    leading = ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            paragraphs = [p for p in re.split(r"\n\s*\n", cell.source) if p.strip() and not p.lstrip().startswith(("#", "$$", "|"))]
            leading = plain(paragraphs[-1]) if paragraphs else leading
            continue
        for output in cell.get("outputs", []):
            for kind in ("image/png", "image/jpeg"):
                if kind in output.get("data", {}):
                    own = "".join(output.data.get("text/plain", ""))
                    own = re.sub(r"^<Picture: (.*)>$", r"\1", own, flags=re.DOTALL)
                    text = f"Figure. {leading}" if own.startswith("<") or not own else own
                    output.metadata[kind] = {**output.metadata.get(kind, {}), "alt": text[:400]}


def page(title, body, *, before=None, after=None):
    """A whole page: the body between links to the pages around it."""
    around = [f'<a href="{html.escape(name)}">{html.escape(text)}</a>' if name else "<span></span>" for name, text in (
        before or (None, ""), ("index.html", "All notebooks"), after or (None, ""))]
    links = f"<nav>{''.join(around)}</nav>" if before or after else ""
    code = HtmlFormatter(style="default").get_style_defs(".highlight")
    night = HtmlFormatter(style="github-dark").get_style_defs(".highlight")
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="color-scheme" content="light dark"><title>{html.escape(title)}</title><link rel="icon" href="data:,">'
        f"<style>{code}\n@media (prefers-color-scheme: dark) {{{night}}}\n{STYLE}</style></head>\n"
        f"<body>{links}<main>{body}</main>{links}</body></html>\n"
    )


def tidy(body, names):
    """The cells' HTML with links to notebooks turned into links to their pages, and each table free to scroll."""
    soup = BeautifulSoup(body, "html.parser")
    for script in soup(["script", "iframe", "link"]):
        script.decompose()
    for link in soup("a", href=True):
        found = re.fullmatch(r"(?:\./)?([\w-]+)\.ipynb(#.*)?", link["href"])
        if found and found[1] in names:
            link["href"] = f"{found[1]}.html{found[2] or ''}"
    for block in soup.select(".input_area, .output_subarea"):
        block["tabindex"] = "0"  # what can scroll sideways must do so by keyboard too
    for cell in soup.select(".code_cell > .input"):
        cell["aria-label"], cell["role"] = "code", "region"
    return str(soup)


def write_site(target, notebooks=None):
    """Write a page for each notebook (by default, all of the course) and an index into the folder `target`; the pages' paths."""
    notebooks = sorted(NOTEBOOKS.glob("[0-9]*.ipynb")) if notebooks is None else [Path(n) for n in notebooks]
    if not notebooks:
        raise ValueError(f"There are no notebooks in {NOTEBOOKS}; make notebooks builds them.")
    read = {path.stem: nbformat.read(path, as_version=4) for path in notebooks}
    titles = {name: title_of(notebook) for name, notebook in read.items()}
    names = list(read)
    exporter = PageExporter()
    exporter.display_data_priority = PRIORITY
    pages = {}
    for k, (name, notebook) in enumerate(read.items()):
        describe_pictures(notebook)
        body, _ = exporter.from_notebook_node(notebook)
        around = [(f"{names[j]}.html", f"{'←' if j < k else ''} {titles[names[j]][0]} {'→' if j > k else ''}".strip()) if 0 <= j < len(names) else None
                  for j in (k - 1, k + 1)]
        pages[f"{name}.html"] = page(titles[name][0], tidy(body, names), before=around[0], after=around[1] or ("index.html", "The end"))
    rows = "".join(f'<li><a href="{name}.html">{html.escape(title)}</a><p>{html.escape(question)}</p></li>' for name, (title, question) in titles.items())
    about = ("The notebooks with everything that they show: pictures, tables and numbers. Widgets stand still here; open the notebook in "
             "JupyterLab to move them.")
    pages["index.html"] = page("vmm_lab: the course", f'<h1>vmm_lab: the course</h1><p>{about}</p><ol class="course">{rows}</ol>')
    target = Path(target)
    target.mkdir(parents=True, exist_ok=True)
    for name, text in pages.items():
        part = target / f"{name}.part"
        part.write_text(text, encoding="utf-8", newline="\n")
        os.replace(part, target / name)
    return [target / name for name in pages]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", default=NOTEBOOKS.parent / "site", type=Path)
    folder = parser.parse_args().folder
    try:
        written = write_site(folder)
    except (ValueError, OSError) as error:
        sys.exit(str(error))
    print(f"{len(written) - 1} notebooks and their index are in {folder}: open {folder / 'index.html'} in a browser.")


if __name__ == "__main__":
    main()
