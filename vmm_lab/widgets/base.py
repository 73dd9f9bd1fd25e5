"""What the widgets share: a picture for paper, a status line that speaks, keys that stay inside, an end that frees all.

A widget is a pure function of what its controls say, and a thin view of it: `draw` computes, the browser shows.
"""
import base64
from pathlib import Path

import anywidget
import ipywidgets
import traitlets

from ..plots.picture import png
from .charts import COLUMN, jpeg

HERE = Path(__file__).parent


class Shell(anywidget.AnyWidget):
    """The pictures and drawings of a widget above its status line: one view, so that whatever a key changes comes to
    the page as one message. It also gives the widget's controls what ipywidgets leaves out: names for sliders, and
    keys that the notebook around them does not take for its own shortcuts."""

    _esm = HERE / "shell.js"
    _css = HERE / "lab.css"
    parts = traitlets.List().tag(sync=True)  # in their order: bytes of a JPEG, or SVG or HTML text
    text = traitlets.Unicode("").tag(sync=True)
    failed = traitlets.Bool(False).tag(sync=True)
    alts = traitlets.List(traitlets.Unicode()).tag(sync=True)  # one for each picture, in their order


class Pictured:
    """A widget that also has a picture and a text, for places where nothing is alive: GitHub, paper, exported pages."""

    def describe(self):
        """What is shown, in a few words without addresses: the `text/plain` of the widget."""
        raise NotImplementedError

    def pixels(self):
        """uint8 (H, W, 3) RGB: what is shown, as a picture."""
        raise NotImplementedError

    def __repr__(self):
        return f"{type(self).__name__}({self.describe()})"

    def _repr_mimebundle_(self, **options):
        bundle = super()._repr_mimebundle_(**options)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        if data is not None:
            data["text/plain"] = repr(self)
            data["image/png"] = base64.b64encode(png(self.pixels())).decode()
        return bundle


class Explorer(Pictured, ipywidgets.VBox):
    """Controls above, pictures below, a status line at the end; a subclass says in `draw` what the controls mean."""

    _followed = None  # until it is built; a source that is refused leaves nothing to close
    _parts = ()

    def __init__(self, *rows):
        self.status = Shell()
        self._followed = []
        super().__init__([*rows, self.status])
        self.add_class("vmm-lab")

    def draw(self):
        """`put` what the controls say and return the sentence for the status line; an error becomes that sentence."""
        raise NotImplementedError

    def put(self, *parts):
        """Parts to show from the next sentence on: uint8 (H, W, 3) RGB pictures, and drawings as SVG or HTML text."""
        self._parts = [part if isinstance(part, str) else jpeg(part) for part in parts]

    def forget(self):
        """Let go of frames and caches."""

    @property
    def message(self):
        """The sentence in the status line."""
        return self.status.text

    def follow(self, *controls, by=None):
        """Draw anew, or call `by`, whenever the `value` of one of these changes."""
        for control in controls:
            control.observe(by or self._changed, "value")
            self._followed.append(control)

    def refresh(self):
        """Draw, and say so; whatever goes wrong is told where the reader looks, not in a log."""
        try:
            self.say(self.draw(), self.alts())
        except Exception as error:
            self._parts = self.status.parts  # what was put before the error belongs to no sentence
            self.say(one_sentence(error), failed=True)

    def say(self, text, alts=None, *, failed=False):
        """Tell something in the status line at once, with the parts that were put; alts are what the pictures show."""
        with self.status.hold_sync():
            self.status.parts, self.status.text, self.status.failed = list(self._parts), text, failed
            self.status.alts = self.status.alts if alts is None else alts

    def alts(self):
        """What each picture shows, for readers who do not see it."""
        return []

    def _changed(self, change):
        self.refresh()

    def close(self):
        """Take the widget from the page and free what it holds: observers, frames, caches and every part of it."""
        if self._followed is not None:
            self._parts = ()
            for control in self._followed:
                control.unobserve_all()
            dismiss(*self.children, *self._followed)  # a control that is not on show is no child
            self._followed = None
            self.forget()
            dismiss_own(self)
        super().close()


def html_view():
    """An empty place for an SVG drawing or text that stays, however the controls are turned."""
    return ipywidgets.HTML(layout=ipywidgets.Layout(width="100%", max_width=f"{COLUMN}px", margin="0"))


class Slider(ipywidgets.IntSlider):
    """An IntSlider that does not send back what the page has just told it: one message less before the picture."""

    value = traitlets.CInt(0).tag(sync=True, echo_update=False)


def slider(label, value, low, high, *, step=1, tip=""):
    """A slider over whole numbers whose label is never cut."""
    return Slider(
        value, low, max(low, high), step, description=label, tooltip=tip or label, style={"description_width": "110px"},
        layout=ipywidgets.Layout(width="380px", max_width="100%"),
    )


def choice(label, options, value):
    """A list to choose one option from: names, or {name: value} with no value None."""
    return ipywidgets.Dropdown(
        options=options, value=value, description=label, style={"description_width": "110px"},
        layout=ipywidgets.Layout(width="380px", max_width="100%"),
    )


def row(*parts, **layout):
    """Parts beside one another, going on below where there is no room."""
    return ipywidgets.HBox(parts, layout=ipywidgets.Layout(flex_flow="row wrap", max_width=f"{COLUMN}px", **layout))


def percent(share):
    """A share of 1 as text."""
    return f"{100 * share:.0f} %"


def one_sentence(error):
    """An error as one sentence for a reader: its own words if it was written for people, else also its kind."""
    text = " ".join(str(error).split())
    if isinstance(error, ValueError) and text:
        return text
    return f"This could not be shown ({type(error).__name__}{': ' + text if text else ''})."


def dismiss(*widgets):
    """Close widgets with all that is inside them."""
    for widget in widgets:
        inside = getattr(widget, "children", ())
        if not isinstance(widget, Pictured):  # these see to their own parts
            dismiss(*inside)
            dismiss_own(widget)
        widget.close()


def dismiss_own(widget):
    """Close the layout and the style of a widget: they are widgets of their own, and nobody else closes them."""
    for name in ("layout", "style"):
        part = getattr(widget, name, None)
        if isinstance(part, ipywidgets.Widget):
            part.close()
    widget.unobserve_all()
