"""Write the course as HTML pages that need nothing from outside: no server, no font, and no script but that of the search.

    python notebooks/src/pages.py               write every notebook and an index into site/
    python notebooks/src/pages.py FOLDER        write them there
"""
import argparse
import html
import json
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

from vmm_lab.files import atomic_path

NOTEBOOKS = Path(__file__).resolve().parents[1]
# A widget is shown as its picture.
PRIORITY = ["text/html", "image/svg+xml", "image/png", "image/jpeg", "text/markdown", "text/plain"]
WIDGET = "Widget: "  # begins the alternative text of a widget's picture
STYLE = Path(__file__).with_name("pages.css").read_text(encoding="utf-8")
SEARCH = Path(__file__).with_name("search.js").read_text(encoding="utf-8")


class MathRenderer(IPythonRenderer):
    """Render Markdown with its formulas as MathML, which browsers draw by themselves."""

    def inline_math(self, body):
        return latex2mathml.converter.convert(body)

    def block_math(self, body):
        return latex2mathml.converter.convert(body, display="block")

    def latex_environment(self, name, body):
        return self.block_math(f"\\begin{{{name}}}{body}\\end{{{name}}}")


class PageExporter(HTMLExporter):
    """Export the cells as nbconvert's plain HTML, without the scripts and styles that it would fetch."""

    template_name = "basic"

    @pass_context
    def markdown2html(self, context, source):
        attachments = context["cell"].get("attachments", {})
        renderer = MathRenderer(escape=False, exclude_anchor_links=True, attachments=attachments)
        return MarkdownWithMath(renderer=renderer).render(source)


def title_of(notebook):
    """Return (title, question): the first heading of a notebook, and the first paragraph below it, as plain text."""
    title, _, text = notebook.cells[0].source.strip().partition("\n")
    return title.lstrip("# "), plain(text.strip().split("\n\n")[0])


def plain(markdown):
    """Return a line of Markdown without its marks."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", markdown)
    return " ".join(re.sub(r"\*\*|`|\$|(?<!\w)[*_]|[*_](?!\w)", "", text).split())


def describe_pictures(notebook):
    """Give each picture its alternative text: its own description, or else the paragraph before it."""
    leading = ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            paragraphs = [p for p in re.split(r"\n\s*\n", cell.source) if p.strip()]
            paragraphs = [p for p in paragraphs if not p.lstrip().startswith(("#", "$$", "|"))]
            leading = plain(paragraphs[-1]) if paragraphs else leading
            continue
        for output in cell.get("outputs", []):
            for kind in ("image/png", "image/jpeg"):
                if kind in output.get("data", {}):
                    alt = "".join(output.data.get("text/plain", ""))
                    is_widget = bool(alt) and not alt.startswith("<")
                    alt = re.sub(r"^<Picture: (.*)>$", r"\1", alt, flags=re.DOTALL)
                    text = f"Figure. {leading}" if alt.startswith("<") or not alt else WIDGET * is_widget + alt
                    output.metadata[kind] = {**output.metadata.get(kind, {}), "alt": text[:400]}


def page(title, body, *, before=None, after=None):
    """Return a whole page: the body between links to the pages before and after it."""
    neighbours = (before or (None, ""), ("index.html", "All notebooks"), after or (None, ""), ("search.html", "Search"))
    around = [f'<a href="{html.escape(name)}">{html.escape(text)}</a>' if name else "<span></span>"
              for name, text in neighbours]
    links = f"<nav>{''.join(around)}</nav>" if before or after else ""
    code = HtmlFormatter(style="xcode").get_style_defs(".highlight")  # its colours have contrast enough
    night = HtmlFormatter(style="github-dark").get_style_defs(".highlight")
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">'
        f"<title>{html.escape(title)}</title>"
        f"<style>{code}\n@media screen and (prefers-color-scheme: dark) {{{night}}}\n{STYLE}</style></head>\n"
        f"<body>{links}<main>{body}</main>{links}</body></html>\n"
    )


def tidy(body, names):
    """Turn links to notebooks into links to their pages, and let each table scroll."""
    soup = BeautifulSoup(body, "html.parser")
    for script in soup(["script", "iframe", "link"]):
        script.decompose()
    for link in soup("a", href=True):
        found = re.fullmatch(r"(?:\./)?([\w-]+)\.ipynb(#.*)?", link["href"])
        if found and found[1] in names:
            link["href"] = f"{found[1]}.html{found[2] or ''}"
    for block in soup.select('.input_area, .output_subarea, math[display="block"]'):
        block["tabindex"] = "0"  # what scrolls sideways must do so by keyboard too
    for cell in soup.select(".code_cell > .input"):
        cell["aria-label"], cell["role"] = "code", "region"
    for picture in soup("img", alt=re.compile(f"^{WIDGET}")):
        picture.insert_after(note := soup.new_tag("p", attrs={"class": "widget"}))
        note.string = "▸ A widget: open the notebook in JupyterLab to move it."
    add_contents(soup)
    return str(soup)


def add_contents(soup):
    """Give each section an address and a link to it, and list the sections below the title."""
    sections, entries, taken = soup("h2"), [], set()
    for section in sections:
        text = section.get_text().strip()
        place = re.sub(r"\W+", "-", text.lower()).strip("-") or "section"
        section["id"] = place = f"{place}-{len(taken)}" if place in taken else place
        taken.add(place)
        entries.append(f'<li><a href="#{place}">{html.escape(text)}</a></li>')
        link = soup.new_tag("a", href=f"#{place}", attrs={"class": "anchor", "aria-label": f"link to “{text}”"})
        link.string = "#"
        section.append(link)
    if len(sections) > 1 and soup.h1:
        listed = f'<details class="contents"><summary>On this page</summary><ol>{"".join(entries)}</ol></details>'
        soup.h1.insert_after(BeautifulSoup(listed, "html.parser"))


def sections_of(name, title, body):
    """Return what the search looks through: a dict of title, section, href and text for each section of a page."""
    soup = BeautifulSoup(body, "html.parser")
    for part in soup(["nav", "details", "math"]) + soup.select(".anchor, .output_area table"):
        part.decompose()
    found = [{"title": title, "section": "", "href": f"{name}.html", "text": ""}]
    for part in soup.find_all(["h2", "h3", "p", "li", "td", "pre"]):
        if part.name == "h2":
            entry = {"title": title, "section": part.get_text().strip(), "href": f"{name}.html#{part['id']}", "text": ""}
            found.append(entry)
        else:
            found[-1]["text"] += " " + " ".join(part.get_text().split())
    return found


def search_page(sections):
    """Return the body of the page that searches the course; its data and its script are in it, so it works offline."""
    data = json.dumps(sections, ensure_ascii=False).replace("</", "<\\/")
    return (
        '<h1>Search the course</h1><p><label for="words">All of these words:</label> '
        '<input id="words" type="search" autocomplete="off" autofocus></p>'
        '<p id="count" role="status">Type a word, such as HOG or fusion.</p><ol id="found" class="course"></ol>'
        '<noscript><p>The search needs JavaScript; <a href="index.html">the list of all notebooks</a> does not.</p></noscript>'
        f'<script type="application/json" id="sections">{data}</script><script>{SEARCH}</script>'
    )


def write_site(target, notebooks=None):
    """Write a page for each notebook (default: the course), an index and a search into the folder; return the paths."""
    notebooks = sorted(NOTEBOOKS.glob("[0-9]*.ipynb")) if notebooks is None else [Path(n) for n in notebooks]
    if not notebooks:
        raise ValueError(f"There are no notebooks in {NOTEBOOKS}; make notebooks builds them.")
    read = {path.stem: nbformat.read(path, as_version=4) for path in notebooks}
    titles = {name: title_of(notebook) for name, notebook in read.items()}
    links = {name: (f"{name}.html", title) for name, (title, _) in titles.items()}
    exporter = PageExporter()
    exporter.display_data_priority = PRIORITY
    pages, sections = {}, {}
    for k, (name, notebook) in enumerate(read.items()):
        describe_pictures(notebook)
        body, _ = exporter.from_notebook_node(notebook)
        before, after = list(links.values())[:k][-1:], list(links.values())[k + 1:][:1]
        body = tidy(body, read)
        sections[name] = sections_of(name, titles[name][0], body)
        pages[f"{name}.html"] = page(
            titles[name][0], body,
            before=(before[0][0], f"← {before[0][1]}") if before else None,
            after=(after[0][0], f"{after[0][1]} →") if after else ("index.html", "The end"),
        )
    pages["index.html"] = page("vmm_lab: the course", index(titles, sections))
    pages["search.html"] = page("Search the course", search_page([part for parts in sections.values() for part in parts]),
                                before=("", ""))  # links, and no page before
    target = Path(target)
    for name, text in pages.items():
        with atomic_path(target / name) as part:
            part.write_text(text, encoding="utf-8", newline="\n")
    return [target / name for name in pages]


def index(titles, sections):
    """Return the body of the table of contents; titles: {name: (title, question)}, sections: {name: sections_of(…)}."""
    rows = ""
    for name, (title, question) in titles.items():
        parts = "".join(f'<li><a href="{part["href"]}">{html.escape(part["section"])}</a></li>' for part in sections[name][1:])
        inside = f'<details class="contents"><summary>Sections of {html.escape(title)}</summary><ul>{parts}</ul></details>'
        rows += (f'<li><a href="{name}.html">{html.escape(title)}</a><p>{html.escape(question)}</p>'
                 f'{inside if parts else ""}</li>')
    about = ("The notebooks with everything that they show: pictures, tables and numbers. Widgets stand still here; "
             'open the notebook in JupyterLab to move them. <a href="search.html">Search the course</a>')
    return f'<h1>vmm_lab: the course</h1><p>{about}</p><ol class="course">{rows}</ol>'


def main():
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", default=NOTEBOOKS.parent / "site", type=Path)
    folder = parser.parse_args().folder
    try:
        written = write_site(folder)
    except (ValueError, OSError) as error:
        sys.exit(str(error))
    print(f"{len(written) - 2} notebooks, their contents and a search are in {folder}: open {folder / 'index.html'} in a browser.")


if __name__ == "__main__":
    main()
