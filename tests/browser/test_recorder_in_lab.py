"""The camera in a real JupyterLab: a fake camera is recorded into a labelled file; refused or missing, it says what to do."""
import re

import pytest

pytest.importorskip("playwright", reason="playwright is not installed (it comes with vmm-lab[test])")
from playwright.sync_api import expect

import vmm_lab as vl
from conftest import Notebook, chromium
from vmm_lab.widgets.base import HERE

CELL = "from vmm_lab import widgets\nrecorder = widgets.CameraRecorder('mine', ['clap', 'wave'])\nrecorder"
FAKE = ["--use-fake-device-for-media-stream"]


@pytest.fixture
def opened(lab, browser, request):
    """A notebook with the recorder, in another Chromium of the driver that runs; its parameter: (flags, may it use the camera)."""
    flags, allowed = request.param
    other = browser.browser_type.launch(executable_path=chromium(), args=["--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server", *flags])
    notebook = Notebook(other, lab)
    if allowed:
        notebook.context.grant_permissions(["camera", "microphone"], origin=notebook.address)
    assert notebook.run(f"recorder_{len(flags)}{allowed}", [CELL]) == []
    yield notebook
    notebook.close()
    other.close()


@pytest.mark.parametrize("opened", [(FAKE, True)], indirect=True)
def test_a_recording_lands_with_its_label_and_the_table_reads_it(opened):
    output = opened.page.locator(".jp-Notebook .jp-CodeCell .jp-OutputArea-output").last
    screen, record = output.locator("video"), output.get_by_role("button", name=re.compile("Record|Stop"))
    expect(record).to_be_disabled()
    expect(screen).to_be_hidden()
    output.get_by_label("Label", exact=True).select_option("wave")
    output.get_by_role("button", name="Turn the camera on").press("Enter")
    expect(output.locator(".vmm-clock")).to_have_text("Nothing is recorded until you press Record.")
    expect(screen).to_be_visible()
    record.press("Enter")
    expect(record).to_have_text("Stop")
    expect(output.locator(".vmm-clock")).to_contain_text(re.compile(r"● [1-9]\.\d s of at most 10"))
    assert output.locator(".vmm-clock").get_attribute("role") == "timer", "a screen reader does not read out every tenth second"
    record.press("Enter")
    expect(output.locator(".vmm-clock")).to_have_text("Stopped.")
    expect(output.locator(".vmm-clock")).to_have_attribute("role", "status")
    expect(output.locator(".vmm-status")).to_contain_text(re.compile(r"wave.me.01\.\w+: \d+ frames in \d\.\d s\. 1 recorded\."))
    output.get_by_role("button", name="Turn the camera off").press("Enter")
    assert screen.evaluate("video => video.srcObject === null")
    table = vl.load_table(opened.folder / "mine")
    assert table[["label", "group"]].to_numpy().tolist() == [["wave", "me"]]
    with vl.open_media(table["path"][0]) as media:
        frames, times = media.frames()
    assert frames.shape[1:] == (480, 640, 3) and len(frames) > 3 and frames.std() > 10 and times[-1] > 0.5
    assert opened.outside == []


@pytest.mark.parametrize(("opened", "said"), [((FAKE, False), "The camera was refused. To allow it"), (([], True), "There is no camera here.")],
                         indirect=["opened"])
def test_a_camera_that_is_refused_or_missing_is_said_with_the_way_out(opened, said):
    output = opened.page.locator(".jp-Notebook .jp-CodeCell .jp-OutputArea-output").last
    output.get_by_role("button", name="Turn the camera on").press("Enter")
    expect(output.locator(".vmm-clock")).to_contain_text(said)
    expect(output.get_by_role("button", name="Turn the camera on")).to_be_enabled()
    expect(output.locator("video")).to_be_hidden()


def test_no_camera_stays_on_behind_a_widget_that_was_closed_while_the_browser_asked(browser):
    page = browser.new_page()
    code = (HERE / "camera.js").read_text(encoding="utf-8")
    stopped = page.evaluate("""async code => {
        let allow, stopped = 0;
        const stream = document.createElement("canvas").captureStream();
        HTMLMediaElement.prototype.play = async () => {};
        for (const track of stream.getTracks()) track.stop = () => { stopped += 1; };
        Object.defineProperty(navigator, "mediaDevices", { value: { getUserMedia: () => new Promise((done) => { allow = done; }) } });
        const widget = (await import(`data:text/javascript,${encodeURIComponent(code)}`)).default;
        const el = document.createElement("div"), close = widget.render({ model: {}, el });
        el.querySelector("button").click();
        close();
        allow(stream);
        await new Promise((done) => setTimeout(done, 50));
        return stopped;
    }""", code)
    page.close()
    assert stopped == 1
