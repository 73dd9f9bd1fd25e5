"""The pages of `make html` need nothing from outside, show every picture, and lead to one another."""
import functools
import importlib.util
import re
import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from bs4 import BeautifulSoup

pytestmark = pytest.mark.slow  # it writes every page, and opens it in a browser

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
NAMES = [notebook.stem for notebook in NOTEBOOKS]
each_name = pytest.mark.parametrize("name", NAMES)


PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII="


@pytest.fixture(scope="module")
def pages():
    spec = importlib.util.spec_from_file_location("pages", ROOT / "notebooks" / "src" / "pages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def site(pages, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site") / "the course ü"
    pages.write_site(folder)
    return folder


def soup_of(page):
    # Of a picture's bytes the beginning is enough: a page has megabytes of them, and the parser is slow.
    text = re.sub(r"(data:[^\"')\s]{400})[^\"')\s]*", r"\1", page.read_text(encoding="utf-8"))
    return BeautifulSoup(text, "html.parser")


@functools.cache
def places_in(page):
    """The ids that a link into the page may name."""
    return {tag["id"] for tag in soup_of(page)(id=True)}


def shown(notebook):
    """The outputs of a notebook that have a picture and nothing that comes before it."""
    outputs = [o for c in notebook.cells if c.cell_type == "code" for o in c.outputs]
    return [o for o in outputs if {"image/png", "image/jpeg", "image/svg+xml"} & set(o.get("data", {})) and "text/html" not in o.data]


def written(pages, folder, *cells, name="00_one", pictures=()):
    """The page of a notebook made of these Markdown cells, and of one code cell with these outputs."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(cell) for cell in cells])
    if pictures:
        notebook.cells.append(nbformat.v4.new_code_cell("look()", execution_count=1, outputs=[
            nbformat.v4.new_output("display_data", data=data) for data in pictures]))
    nbformat.write(notebook, folder / f"{name}.ipynb")
    pages.write_site(folder / "site", [folder / f"{name}.ipynb"])
    return soup_of(folder / "site" / f"{name}.html")


def test_every_notebook_has_a_page_and_the_index_names_them_in_order(site):
    assert sorted(p.name for p in site.iterdir()) == sorted([*(f"{name}.html" for name in NAMES), "index.html", "search.html"])
    assert [link["href"] for link in soup_of(site / "index.html").select(".course > li > a")] == [f"{name}.html" for name in NAMES]


@pytest.mark.parametrize("name", [*NAMES, "index", "search"])
def test_nothing_is_loaded_from_outside_and_nothing_runs_but_the_search(site, name):
    page = soup_of(site / f"{name}.html")
    assert not page(["iframe", "object", "embed"])
    assert all(name == "search" and not script.has_attr("src") for script in page("script"))
    loads = [tag[attribute] for tag in page(True) for attribute in ("src", "srcset", "poster", "data") if tag.has_attr(attribute)]
    loads += [link["href"] for link in page("link")]
    assert [load[:80] for load in loads if not load.startswith("data:")] == []
    styles = " ".join([*(style.get_text() for style in page("style")), *(tag["style"] for tag in page(style=True))])
    assert not re.search(r"@import|url\((?!['\"]?data:)", styles)


@each_name
def test_every_picture_of_the_notebook_is_on_its_page_and_says_what_it_is(site, name):
    outputs = shown(nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4))
    pictures = soup_of(site / f"{name}.html").select(".output_area img")
    assert len(pictures) >= len(outputs) > 0
    assert [img["src"][:40] for img in pictures if not img.get("alt") or "No description" in img["alt"]] == []


@pytest.mark.parametrize("name", [*NAMES, "index", "search"])
def test_links_between_the_pages_lead_somewhere(site, name):
    page = soup_of(site / f"{name}.html")
    for link in page("a", href=True):
        place = urlsplit(link["href"])
        if place.scheme in ("http", "https", "mailto"):
            continue  # a reader may follow these; the page does not
        target = site / unquote(place.path) if place.path else site / f"{name}.html"
        assert target.is_file(), link["href"]
        if place.fragment:
            assert unquote(place.fragment) in places_in(target), link["href"]


@pytest.mark.parametrize("name", [*NAMES, "index", "search"])
def test_a_page_is_smaller_than_3_mb(site, name):
    assert (site / f"{name}.html").stat().st_size < 3_000_000


@each_name
def test_no_formula_is_left_as_latex(site, name):
    page = soup_of(site / f"{name}.html")
    for code in page(["pre", "code", "math", "annotation"]):
        code.decompose()
    left = re.search(r"\$[^$\n]+\$|\\(frac|sum|begin|text|mathbf|sqrt)\b", page.main.get_text())
    assert not left, left[0]


def test_a_formula_becomes_mathml_beside_plain_text(pages, tmp_path):
    page = written(pages, tmp_path, "# One\n\nThe sum $\\sum_i x_i^2$ and\n\n$$\\frac{a}{b} \\le 1$$")
    inline, block = page("math")
    assert inline["display"] == "inline" and inline.find("msubsup")
    assert block["display"] == "block" and block.find("mfrac")


def test_a_link_to_a_notebook_leads_to_its_page(pages, tmp_path):
    page = written(pages, tmp_path, "# One\n\n[here](00_one.ipynb#the-end) and [out](https://example.org/00_one.ipynb)", name="00_one")
    assert [link["href"] for link in page.main("a")] == ["00_one.html#the-end", "https://example.org/00_one.ipynb"]


def test_a_widget_is_its_picture_and_scripts_are_left_out(pages, tmp_path):
    widget = {"application/vnd.jupyter.widget-view+json": {"model_id": "7"}, "image/png": PIXEL, "text/plain": "Player(<b> & co)"}
    hostile = {"text/html": "<p>kept</p><script src='https://example.org/x.js'></script>"}
    page = written(pages, tmp_path, "# One", pictures=[widget, hostile])
    assert page.img["alt"] == "Widget: Player(<b> & co)" and page.img["src"].endswith(PIXEL)
    assert page.find("p", string="kept") and not page("script")


def test_a_figure_without_words_is_described_by_the_words_before_it(pages, tmp_path):
    page = written(pages, tmp_path, "# One\n\nHere is **the street** in `ten` seconds.", pictures=[{"image/png": "AAAA", "text/plain": "<Figure size 9x9>"}])
    assert page.img["alt"] == "Figure. Here is the street in ten seconds."


def test_a_picture_that_describes_itself_is_described_so(pages, tmp_path):
    page = written(pages, tmp_path, "# One\n\nLook.", pictures=[{"image/png": "AAAA", "text/plain": "<Picture: a street > a lane>"}])
    assert page.img["alt"] == "a street > a lane"


def test_without_notebooks_the_command_says_what_to_do(pages, tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "NOTEBOOKS", tmp_path)
    with pytest.raises(ValueError, match="make notebooks"):
        pages.write_site(tmp_path / "site")
    assert not (tmp_path / "site").exists()


@pytest.fixture(scope="module")
def browser():
    pytest.importorskip("playwright", reason="playwright is not installed (it comes with vmm-lab[test])")
    from playwright.sync_api import sync_playwright

    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"))), None)
    if found is None:
        pytest.skip("there is no Chromium or Chrome here")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=["--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server"])
        yield opened
        opened.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", [*NAMES, "index", "search"])
def test_a_browser_without_a_network_shows_the_whole_page(site, browser, name, scheme):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=scheme, offline=True)
    page, complaints, asked = context.new_page(), [], []
    page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.append(request.url[:80]) if request.url.startswith(("http", "ws")) else None)
    page.goto((site / f"{name}.html").as_uri(), wait_until="load")
    empty = page.evaluate("() => [...document.images].filter(i => !(i.complete && i.naturalWidth > 0)).map(i => i.alt)")
    assert (empty, complaints, asked) == ([], [], [])
    assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth"), "the page itself never scrolls sideways"
    ink, paper = page.evaluate("() => { const s = getComputedStyle(document.body); return [s.color, s.backgroundColor]; }")
    bright = [sum(map(int, re.findall(r"\d+", color)[:3])) / 765 for color in (ink, paper)]
    assert bright[0] < 0.3 < 0.8 < bright[1] if scheme == "light" else bright[1] < 0.3 < 0.8 < bright[0]
    context.close()


def test_a_page_lists_its_sections_and_each_has_an_address(pages, tmp_path):
    page = written(pages, tmp_path, "# One\n\nWhy?", "## What is seen & heard", "## What you learned", "## What you learned")
    listed = [(link["href"], link.get_text()) for link in page.select("details.contents a")]
    assert listed == [("#what-is-seen-heard", "What is seen & heard"), ("#what-you-learned", "What you learned"), ("#what-you-learned-2", "What you learned")]
    assert [page.select_one(href).name for href, _ in listed] == ["h2"] * 3
    assert [section.a["href"] for section in page("h2")] == [href for href, _ in listed]


def test_a_page_says_which_pictures_are_widgets(pages, tmp_path):
    widget = {"image/png": PIXEL, "text/plain": "Player(bikes.mp4)"}
    figure = {"image/png": PIXEL, "text/plain": "<Picture: a street>"}
    page = written(pages, tmp_path, "# One", pictures=[widget, figure])
    assert [picture["alt"] for picture in page("img")] == ["Widget: Player(bikes.mp4)", "a street"]
    assert len(page.select("p.widget")) == 1 and page.img.find_next_sibling("p")["class"] == ["widget"]


@pytest.mark.parametrize("words, page", [("HOG", "03_handcrafted_features"), ("fusion", "14_fusion"), ("late fusion", "14_fusion")])
def test_the_search_finds_words_without_a_network(site, browser, words, page):
    context = browser.new_context(viewport={"width": 390, "height": 844}, offline=True)
    tab, complaints = context.new_page(), []
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.goto((site / "search.html").as_uri())
    tab.get_by_label("All of these words:").fill(words)
    found = tab.evaluate("() => [...document.querySelectorAll('#found a')].map(a => a.getAttribute('href'))")
    assert any(href.startswith(page) for href in found[:10]) and not complaints
    assert tab.get_by_role("status").inner_text().endswith("sections")
    tab.locator("#found a").first.click()
    assert tab.url.partition("#")[0].rpartition("/")[2] == found[0].partition("#")[0]
    context.close()


def test_the_search_says_when_there_is_nothing(site, browser):
    context = browser.new_context(offline=True)
    tab = context.new_page()
    tab.goto((site / "search.html").as_uri() + "#qwertyuiop")
    assert tab.get_by_role("status").inner_text() == "0 sections"
    context.close()


@pytest.mark.parametrize("name", [*NAMES, "index", "search"])
def test_axe_finds_nothing_serious_by_day_on_a_desktop_nor_by_night_on_a_phone(site, browser, seriously_wrong, name):
    for scheme, width in (("light", 1280), ("dark", 390)):
        context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme, offline=True)
        tab = context.new_page()
        tab.goto((site / f"{name}.html").as_uri() + "#hog" * (name == "search"))
        tab.evaluate("() => { for (const part of document.querySelectorAll('details')) part.open = true; }")
        assert seriously_wrong(tab, "body") == []
        context.close()


def test_axe_would_find_a_picture_without_words_and_pale_ink(browser, seriously_wrong):
    context = browser.new_context(offline=True)
    tab = context.new_page()
    tab.set_content(f'<html lang="en"><title>x</title><img src="data:image/png;base64,{PIXEL}"><p style="color: #ccc">pale</p>')
    assert {found.partition(":")[0] for found in seriously_wrong(tab, "body")} == {"image-alt", "color-contrast"}
    context.close()


@pytest.mark.parametrize("name", ["03_handcrafted_features", "index", "search"])
def test_a_page_fits_a_phone_and_prints_in_dark_ink(site, browser, name):
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark", offline=True)
    tab = context.new_page()
    tab.goto((site / f"{name}.html").as_uri())
    assert tab.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    tab.emulate_media(media="print")
    ink, paper = tab.evaluate("() => { const s = getComputedStyle(document.body); return [s.color, s.backgroundColor]; }")
    assert (ink, paper) == ("rgb(0, 0, 0)", "rgb(255, 255, 255)")
    context.close()
