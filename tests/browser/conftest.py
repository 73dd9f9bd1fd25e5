"""One JupyterLab of this environment and one Chromium for all; each test file opens its notebook in them."""
import contextlib
import importlib.util
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCAL = "127.0.0.1"
SETTINGS = {
    # Every cell is in the page, seen or not, and nothing asks, tells or saves by itself.
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True,
    },
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
}
PATIENCE = 60_000  # milliseconds: a crowded machine is slow, not wrong


def chromium():
    """The path of a Chromium or Chrome on this computer, or None; VMM_LAB_CHROMIUM names another."""
    named = os.environ.get("VMM_LAB_CHROMIUM")
    if named:
        return shutil.which(named)
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next(filter(None, map(shutil.which, names)), None)


def missing():
    """Why browser tests cannot run here, or None."""
    for module in ("jupyterlab", "playwright", "anywidget"):
        if importlib.util.find_spec(module) is None:
            return f"{module} is not installed (it comes with vmm-lab[test])"
    if chromium() is None:
        return "there is no Chromium or Chrome here; install one, or set VMM_LAB_CHROMIUM to it"
    return None


@contextlib.contextmanager
def running_lab(home, *, theme="JupyterLab Light"):
    """A JupyterLab with its own settings, on this computer only; gives (address, token, folder of notebooks)."""
    notebooks = home / "notebooks ü"
    for folder in (notebooks, home / "config" / "labconfig"):
        folder.mkdir(parents=True)
    settings = {**SETTINGS, "@jupyterlab/apputils-extension:themes": {"theme": theme}}
    (home / "config" / "labconfig" / "default_setting_overrides.json").write_text(json.dumps(settings))
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "IPYTHON"))}
    own = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime",
           "IPYTHONDIR": "ipython", "JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces"}
    environment = {**kept, **{name: str(home / folder) for name, folder in own.items()}, "JUPYTER_PLATFORM_DIRS": "1"}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    with socket.socket() as probe:
        probe.bind((LOCAL, 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--ServerApp.ip={LOCAL}",
        f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={notebooks}", f"--IdentityProvider.token={token}",
        "--LabApp.expose_app_in_browser=True", "--LabApp.extension_manager=readonly", "--LabApp.news_url=",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    with open(home / "lab.log", "wb") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        wait_for_server(f"http://{LOCAL}:{port}/api?token={token}", server, home / "lab.log")
        yield f"http://{LOCAL}:{port}", token, notebooks
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def wait_for_server(address, server, log):
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a proxy knows nothing of this computer
    deadline = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"JupyterLab ended before it began:\n{log.read_text(errors='replace')[-2000:]}")
        try:
            with direct.open(address, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not answer:\n{log.read_text(errors='replace')[-2000:]}")


@contextlib.contextmanager
def running_browser():
    """A headless Chromium that finds no address but this computer's."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)

    arguments = ["--no-proxy-server", f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {LOCAL}", "--disable-gpu",
                 "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
                 "--autoplay-policy=document-user-activation-required"]
    with sync_playwright() as playwright:
        # Playwright leaves the sandbox out by default, which root and many containers need; the pages are our own.
        browser = playwright.chromium.launch(executable_path=chromium(), headless=True, args=arguments)
        yield browser
        browser.close()


class Notebook:
    """A page with one notebook in it, and what went wrong in the page."""

    def __init__(self, browser, lab, *, height=1400):
        self.address, self.token, self.folder = lab
        self.context = browser.new_context(viewport={"width": 1280, "height": height})
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.complaints, self.outside = [], []
        self.page.on("console", lambda m: self.complaints.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        inside = (self.address, "data:", "blob:")
        self.page.on("request", lambda r: None if r.url.startswith(inside) else self.outside.append(r.url))

    def run(self, name, cells):
        """Write a notebook of these code cells, open it, run all; the errors of its cells, as text."""
        empty = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
        self.open(name, [{**empty, "id": f"c{k}", "source": source} for k, source in enumerate(cells)])
        self.page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
        return self.page.evaluate(
            """() => window.jupyterapp.shell.currentWidget.content.widgets.filter(c => c.model.type === 'code')
                 .flatMap(c => c.model.outputs.toJSON()).filter(o => o.output_type === 'error')
                 .map(o => `${o.ename}: ${o.evalue}`)"""
        )

    def open(self, name, code):
        """Write a notebook of these code cells, and open it."""
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        content = {"cells": code, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
        (self.folder / f"{name}.ipynb").write_text(json.dumps(content), encoding="utf-8")
        self.show(name)

    def show(self, name):
        """Open a notebook that is there, and wait until it has a kernel."""
        workspace = f"{self.address}/lab/workspaces/auto-{secrets.token_hex(4)}"
        self.page.goto(f"{workspace}/tree/{name}.ipynb?token={self.token}")
        self.page.wait_for_function(
            """() => { const panel = window.jupyterapp?.shell?.currentWidget;
                       return panel?.context?.isReady && panel.sessionContext?.session?.kernel?.status === 'idle'; }"""
        )

    def kernel(self, expression):
        """The repr of an expression in the notebook's kernel."""
        return self.page.evaluate(
            """async code => {
                 const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
                 const run = kernel.requestExecute({code, store_history: false});
                 let out = '';
                 run.onIOPub = m => { if (m.header.msg_type === 'stream') out += m.content.text;
                                      if (m.header.msg_type !== 'error') return;
                                      out += `${m.content.ename}: ${m.content.evalue}`; };
                 await run.done;
                 return out.trim(); }""",
            f"print(repr(({expression})))",
        )

    def close(self):
        with contextlib.suppress(Exception):  # the server ends the kernel anyway
            self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
        self.context.close()


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    if missing():
        pytest.skip(missing())
    with running_lab(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture(scope="session")
def browser():
    if missing():
        pytest.skip(missing())
    with running_browser() as running:
        yield running


@pytest.fixture(scope="module")
def open_notebook(lab, browser):
    """open_notebook(): a page for one notebook, closed after the last test of the file."""
    opened = []
    yield lambda **options: opened.append(Notebook(browser, lab, **options)) or opened[-1]
    for notebook in opened:
        notebook.close()
