"""What a reader reads is plain, present-day English: no word of a list that makes a page hard for a learner.

A word in backticks is a name in code and not looked at. `ROOTS` are the folders that are clean already; a folder that
becomes clean is added to it.
"""
import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOTS = ("vmm_lab/exercises", "vmm_lab/features", "vmm_lab/media", "vmm_lab/networks", "vmm_lab/plots", "vmm_lab/explain",
         "vmm_lab/tasks", "notebooks/src")
BANNED = {  # a pattern: what to write instead
    r"commonest": "most frequent, or majority class",
    r"who(?:m|so)?ever": "anyone who, anything that",
    r"lest": "so that … not",
    r"foretells?|foretold": "predicts",
    r"lately": "recently",
    r"by heart": "memorised",
    r"astray": "wrong",
    r"hark|yonder|hither|thither|whence|wherefore|thereof|hereby|alas|nay|ere|oft|nought|twain|behold": "(plain words)",
    r"seldom": "rarely",
    r"shall": "will, must, let",
    r"besides?": "next to, for comparison, also",
    r"no whim": "has a justification",
    r"(?:can|could) be had": "is achievable",
    r"says? nothing of": "does not say",
    r"goes? in\b.{0,90}\b(?:comes? out|out)": "a verb: Compute …, Return …",
    r"(?:comes?|gives?) out of it": "results",
    r"(?:the|both|all|each|of|two|three|other|missing|more|most|which|several|lacks? a|one) senses?": "modalities",
    r"learn(?:t|ed)? from nothing": "trained from scratch",
    r"(?:be|is|are) told (?:from|apart)": "distinguished",
    r"telephones?": "phone, or the name of the variable in backticks",
    r"(?:it|they|there|nothing|nobody) (?:is|are) (?:it|they) that": "usual word order",
}
SENTENCES = {  # patterns with their case
    r"(?:^|[.:;] )Who (?!(?:is|are|was|were|can|could|does|did|wrote|made)\b)\w+ [^?]*?[.;]": "Anyone who …, A model that …",
    r", for (?:it|they|there|nothing|nobody|he|she|this|that) (?:is|are|was|were|has|have|had|would|can|will|does)\b": "because",
}


def prose(path):
    """Yield (line, text): the markdown of a page, or the docstrings and strings of a module."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        yield from enumerate(source.splitlines(), 1)
    elif path.parent.name == "src":
        is_prose = False
        for number, line in enumerate(source.splitlines(), 1):
            is_prose = "[markdown]" in line if line.startswith("# %%") else is_prose
            if is_prose and not line.startswith("# %%"):
                yield number, line.lstrip("# ")
    else:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.lineno, node.value


def archaic(path):
    """Return the places of a file that use a banned word, with what to write instead."""
    found = []
    for number, text in prose(path):
        text = " ".join(re.sub(r"``?[^`]*``?", "`…`", text).split())
        for pattern, better in [*((rf"(?i)\b(?:{p})\b", b) for p, b in BANNED.items()), *SENTENCES.items()]:
            found += [f"{path.relative_to(ROOT)}:{number} “{match.group().strip()}”: {better}"
                      for match in re.finditer(pattern, text)]
    return found


def pages(root):
    """Return the files with prose below a folder of the repository, or the file itself."""
    path = ROOT / root
    return sorted(p for p in path.rglob("*.py") if "__pycache__" not in p.parts) if path.is_dir() else [path]


@pytest.mark.parametrize("root", ROOTS)
def test_a_page_is_plain_english(root):
    found = [place for path in pages(root) for place in archaic(path)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("sentence", [
    "Always say the commonest class.", "Whoever fuses must first align.", "A clip goes in, a label comes out.",
    "The kitchen is learnt by heart.", "Who says 0 forbids a class.", "Reading is cheap, for nothing is decoded."])
def test_an_old_fashioned_sentence_is_found(sentence, tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    (tmp_path / "page.py").write_text(f'"""{sentence}"""\n')
    assert len(archaic(tmp_path / "page.py")) == 1


def test_a_name_in_code_and_a_plain_sentence_are_left_alone(tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    (tmp_path / "page.md").write_text("Open `telephone.mp4`. Who is it for? The best score makes sense, for each fold.\n")
    assert archaic(tmp_path / "page.md") == []


if __name__ == "__main__":  # python tests/test_english.py: what is still to be cleaned, file by file
    for top in ("README.md", "vmm_lab", "notebooks/src"):
        for page in pages(top):
            for place in archaic(page):
                print(place)
