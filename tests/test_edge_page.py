"""The camera page holds all that it needs; the runtime is the pinned one, and a model without frames is refused."""
import base64
import json
import re
import shutil
import subprocess

import pytest

from vmm_lab import assets, edge
from vmm_lab.edge import page


@pytest.mark.slow
def test_the_page_is_one_folder_and_one_file_without_addresses(tmp_path):
    from vmm_lab.networks import keras, small_cnn

    keras.utils.set_random_seed(0)
    model = small_cnn(2, (32, 32))
    done = edge.export(model, tmp_path / "page", to="page", labels=["</script>", "jump"])
    names = {path.name for path in done.folder.iterdir()}
    assert names == {"index.html", "page.js", "single.html", "model.onnx", "model.json", "README.md", *page.RUNTIME}
    html = (done.folder / "index.html").read_text(encoding="utf-8")
    assert "<h1>small_cnn</h1>" in html and "TITLE" not in html and "SCRIPT" not in html
    single = (done.folder / "single.html").read_text(encoding="utf-8")
    for text in (html, (done.folder / "page.js").read_text(encoding="utf-8")):
        assert set(re.findall(r"https?://[\w.-]+", text)) <= {"http://localhost"}, "a page that goes nowhere"
    assert "connect-src 'self'" in html and single.count("</script>") == 2, "a label cannot end the script"
    inside = json.loads(re.search(r"globalThis.PAGE = (.*);</script>", single)[1])
    assert base64.b64decode(inside["model"]) == (done.folder / "model.onnx").read_bytes()
    assert inside["facts"]["labels"] == ["</script>", "jump"]


@pytest.mark.slow
def test_a_model_that_reads_no_frames_has_no_page(tmp_path):
    from vmm_lab.networks import hog_gru

    with pytest.raises(ValueError, match="does not read frames"):
        edge.export(hog_gru(2, (4, 10), components=3), tmp_path / "page", to="page")
    assert list(tmp_path.iterdir()) == []


def facts_of(name, labels):
    return {"name": name, "labels": labels, "inputs": [{"shape": [4, 4, 3], "dtype": "float32"}],
            "preprocessing": {"kind": "frames", "height": 4, "width": 4, "n_frames": 1, "seconds": 0.0, "range": [0, 1]}}


def test_a_network_may_have_any_name(tmp_path, monkeypatch):
    for name in (*page.RUNTIME, "model.onnx"):
        (tmp_path / name).write_bytes(b"some")
    monkeypatch.setattr(page, "runtime", lambda: tmp_path)
    monkeypatch.setattr(page.shutil, "copyfile", lambda source, target: None)
    page.add_page(tmp_path, facts_of("TRANSCRIPT & <b>", ["a", "b"]))
    for name in ("index.html", "single.html"):
        assert (tmp_path / name).read_text(encoding="utf-8").count("TRANSCRIPT &amp; &lt;b&gt;") == 2


BROWSER = """
const node = () => ({ append() {}, addEventListener() {}, style: {}, getContext: () => ({}) });
globalThis.document = { getElementById: node, createElement: node };
globalThis.location = { href: "http://localhost/index.html" };
globalThis.fetch = async name => ({ json: async () => (FACTS), arrayBuffer: async () => new ArrayBuffer(0) });
await import("./page.mjs");
await page.ready;
console.log(JSON.stringify(Array.from(await page.predict(new Uint8Array(48).fill(51)))));
"""
RUNTIME = """
export const env = { wasm: {} };
export class Tensor { constructor(dtype, data, shape) { this.data = data; } }
const run = async ({ input }) => ({ output: { data: Float32Array.of(input.data[0]) } });
export const InferenceSession = { create: async () => ({ inputNames: ["input"], outputNames: ["output"], run }) };
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="NOT TESTED: the page's script needs node, which is not installed")
def test_the_page_gives_both_classes_of_one_sigmoid(tmp_path):
    (tmp_path / "page.mjs").write_text((page.HERE / "page.js").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "ort.wasm.bundle.min.mjs").write_text(RUNTIME)
    (tmp_path / "browser.mjs").write_text(BROWSER.replace("FACTS", json.dumps(facts_of("one", ["no", "yes"]))))
    done = subprocess.run(["node", "browser.mjs"], check=False, cwd=tmp_path, capture_output=True, text=True)
    assert json.loads(done.stdout) == pytest.approx([0.8, 0.2]), done.stderr


@pytest.fixture
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("VMM_LAB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_the_way_to_npm_is_told_where_there_is_none(empty_cache, monkeypatch):
    monkeypatch.setattr(page.shutil, "which", lambda name: None)
    monkeypatch.setattr(page.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(assets.AssetError, match=r'pip install "vmm-lab\[page\]"'):
        page.runtime()


@pytest.mark.parametrize(("writes", "code", "message"), [
    (b"another archive", 0, "is not the archive that was pinned"), (None, 1, r"by npm \(no connection\)"),
])
def test_another_archive_or_none_is_refused(empty_cache, monkeypatch, writes, code, message):
    def pack(command, **options):
        if writes:
            (page.Path(command[command.index("--pack-destination") + 1]) / "web.tgz").write_bytes(writes)
        return subprocess.CompletedProcess(command, code, "", "npm error\nno connection")

    monkeypatch.setattr(page, "_npm", lambda: ["npm"])
    monkeypatch.setattr(page.subprocess, "run", pack)
    with pytest.raises(assets.AssetError, match=message):
        page.runtime()
    assert not list(empty_cache.rglob("*.wasm"))


def test_a_damaged_runtime_in_the_cache_is_fetched_again(empty_cache, monkeypatch):
    folder = empty_cache / "assets" / f"{page.PACKAGE}-{page.VERSION}"
    folder.mkdir(parents=True)
    for name in page.RUNTIME:
        (folder / name).write_bytes(b"half of it")
    asked = []
    monkeypatch.setattr(page, "_npm", lambda: asked.append(1) or ["false"])
    with pytest.raises(assets.AssetError):
        page.runtime()
    assert asked
