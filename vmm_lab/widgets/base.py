"""Share what every widget needs: a picture for paper, a status line that speaks, keys that stay inside, a clean end.

A widget is a pure function of its controls, and a thin view of it: `draw` computes, the browser shows.
"""
import base64
from collections.abc import Callable, Iterator, Sequence
from numbers import Integral
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import numpy as np
import traitlets
from numpy.typing import NDArray

from ..plots import jpeg, png
from .charts import COLUMN, Sketch, stack
from .frames import ReadAhead

HERE = Path(__file__).parent


def script(name: str) -> str:
    """Return the script of a view, below the one that all share: modules of anywidget cannot import each other."""
    return "\n".join((HERE / file).read_text(encoding="utf-8") for file in ("lab.js", name))


class WidgetFrame(anywidget.AnyWidget):
    """Represent the pictures and drawings of a widget above its status line: one view, and so one message for each key.

    It also gives the widget's controls what ipywidgets leaves out: names for sliders, and keys that the notebook around
    them does not take for its own shortcuts.
    """

    _esm = script("frame.js")
    _css = HERE / "lab.css"
    parts: traitlets.List = traitlets.List().tag(sync=True)  # in their order: bytes of a JPEG, or SVG or HTML text
    text = traitlets.Unicode("").tag(sync=True)
    failed = traitlets.Bool(False).tag(sync=True)
    alts = traitlets.List(traitlets.Unicode()).tag(sync=True)  # one for each picture, in their order


class Pictured:
    """Give a widget a picture and a text for places where nothing is alive: GitHub, paper, exported pages."""

    def describe(self) -> str:
        """Return what is shown, in a few words without addresses: the `text/plain` of the widget."""
        raise NotImplementedError

    def static(self) -> list[Any]:
        """Return what is shown as drawings, images and sentences, in their order."""
        raise NotImplementedError

    def pixels(self) -> NDArray[np.uint8]:
        """Draw what is shown as one picture, uint8 (H, W, 3) RGB."""
        return stack(self.static(), gap=6).pixels()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.describe()})"

    def _repr_mimebundle_(self, **options):
        bundle = super()._repr_mimebundle_(**options)
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        data |= {"text/plain": repr(self), "image/png": base64.b64encode(png(self.pixels())).decode()}
        return bundle


class Explorer(Pictured, ipywidgets.VBox):
    """Show controls above, pictures below and a status line; a subclass makes controls and writes `draw`.

    rows: widgets, or lists of those that stand side by side; whenever the `value` of one changes, but of a text field,
    `draw` is called, and so it is at the end of this constructor. below: what stands under the status line.
    """

    children: Any
    _followed: Any = None  # until it is built; a source that is refused leaves nothing to close
    _parts: list[bytes | str] = []  # as the page gets them
    _drawn: list[Any] = []  # as they were put
    _alts: list[str] = []  # what the pictures show
    _lasting: tuple[str, ...] = ()  # attributes that outlive the widget

    def __init__(self, *rows: ipywidgets.Widget | Sequence[ipywidgets.Widget],
                 below: Sequence[ipywidgets.Widget] = ()) -> None:
        own = {name for name in vars(self) if not name.startswith(("_trait", "_cross"))}
        self.status, self._followed = WidgetFrame(), []
        shown = [part if isinstance(part, ipywidgets.Widget) else row(*part) for part in rows]
        super().__init__([*shown, self.status, *below])
        self._bare = {*vars(self), "_bare"} - own  # what the subclass did not bring
        self.add_class("vmm-lab")
        self.follow(*(part for part in inside(*shown)
                      if part.has_trait("value") and not isinstance(part, (ipywidgets.HTML, ipywidgets.Text))))
        self.refresh()

    def __repr__(self) -> str:
        return super().__repr__() if self._followed is not None else f"{type(self).__name__}(closed)"

    def draw(self) -> str:
        """Draw what the controls say: `put` it, and return the sentence for the status line; errors become one."""
        raise NotImplementedError

    def put(self, *parts: Any) -> None:
        """Show these parts from the next sentence on.

        parts: images uint8 (H, W, 3) RGB, or pairs (image, what it shows); Sketches; HTML text, which paper leaves out.
        """
        pairs = [part if isinstance(part, tuple) else (part, "") for part in parts]
        self._drawn = [part for part, _ in pairs if not isinstance(part, str)]
        self._alts = [alt for part, alt in pairs if isinstance(part, np.ndarray)]
        self._parts = [
            part.svg() if isinstance(part, Sketch) else part if isinstance(part, str) else jpeg(part, quality=85)
            for part, _ in pairs
        ]

    def forget(self) -> None:
        """Let go of frames, caches, and all else that is no widget and not `_lasting`."""
        for name, value in list(vars(self).items()):
            if isinstance(value, ReadAhead):
                value.forget()
            is_light = isinstance(value, (ipywidgets.Widget, str, int, float))
            if name not in (*self._bare, *self._lasting) and not is_light:
                setattr(self, name, None)

    @property
    def message(self) -> str:
        """The sentence in the status line."""
        return self.status.text

    def follow(self, *controls: ipywidgets.Widget, by: Callable[[Any], None] | None = None) -> None:
        """Draw anew, or call `by` instead, whenever the `value` of one of these changes."""
        for control in controls:
            if control in self._followed:
                control.unobserve(self._changed, "value")
            control.observe(by or self._changed, "value")
            self._followed.append(control)

    def make_button(self, text: str, action: Callable[[], None], tip: str = "", **options: Any) -> ipywidgets.Button:
        """Make a button that calls `action`; an error becomes the sentence in the status line."""
        made = ipywidgets.Button(description=text, tooltip=tip or text, **options)
        made.on_click(lambda _: self.attempt(action))
        return made

    def attempt(self, action: Callable[[], None]) -> None:
        """Call `action`; an error becomes the sentence in the status line."""
        try:
            action()
        except Exception as error:
            self.say(one_sentence(error), failed=True)

    def refresh(self) -> None:
        """Draw and say what is shown; an error is shown where the reader looks, not in a log."""
        try:
            self.say(self.draw())
        except Exception as error:
            self.put()  # an earlier picture, or half of a new one, would not be what the controls say
            self.say(one_sentence(error), failed=True)

    def say(self, text: str, *, failed: bool = False) -> None:
        """Write a sentence into the status line at once, and show the parts that were put."""
        with self.status.hold_sync():
            self.status.parts, self.status.text, self.status.failed = list(self._parts), text, failed
            self.status.alts = self._alts

    def static(self) -> list[Any]:
        above = self.children[: self.children.index(self.status)]
        parts = [part for child in above if hasattr(child, "static") for part in child.static()]
        return [*parts, *self._drawn, self.message]

    def _changed(self, change) -> None:
        self.refresh()

    def close(self) -> None:
        """Take the widget from the page and free what it holds: observers, frames, caches and every part of it."""
        if self._followed is not None:
            for control in self._followed:
                control.unobserve_all()
            dismiss(*self.children, *self._followed)  # a control that is not on show is no child
            self._followed = None
            self.forget()
            self._parts, self._drawn, self._alts = [], [], []
            dismiss_own(self)
        super().close()


class Slider(ipywidgets.IntSlider):
    """Represent an IntSlider that does not send back what the page just sent: one message less before the picture."""

    value = traitlets.CInt(0).tag(sync=True, echo_update=False)


def look(*, width: str = "380px") -> dict[str, Any]:
    """Return the style of a control whose label is never cut."""
    return {"style": {"description_width": "110px"}, "layout": ipywidgets.Layout(width=width, max_width="100%")}


def slider(label: str, value: int, low: int, high: int, *, step: int = 1, tip: str = "") -> Slider:
    """Make a slider over whole numbers; ValueError where its value is none from `low` to `high`."""
    high = max(low, high)
    if isinstance(value, bool) or not isinstance(value, Integral) or not low <= value <= high:
        raise ValueError(f"{label} must be a whole number from {low} to {high}, got {value!r}.")
    return Slider(int(value), low, high, step, description=label, tooltip=tip or label, **look())


class Level(ipywidgets.FloatSlider):
    """Represent a FloatSlider that does not send back what the page just sent."""

    value = traitlets.CFloat(0.0).tag(sync=True, echo_update=False)


def level(label: str, low: float, high: float, *, written: str, tip: str = "") -> Level:
    """Make a slider from `low` to `high` in steps of 0.1 that begins at 0; written: the format of its number."""
    return Level(min=low, max=high, step=0.1, readout_format=written, description=label, tooltip=tip or label, **look())


def choice(label: str, options: Any, value: Any) -> ipywidgets.Dropdown:
    """Make a list to choose one option from: names, or {name: value} with no value None."""
    return ipywidgets.Dropdown(options=options, value=value, description=label, **look())


def row(*parts: ipywidgets.Widget, **layout) -> ipywidgets.HBox:
    """Put parts next to one another, going on below where there is no room."""
    return ipywidgets.HBox(parts, layout=ipywidgets.Layout(flex_flow="row wrap", max_width=f"{COLUMN}px", **layout))


def one_sentence(error: Exception) -> str:
    """Write an error as one sentence for a reader: its own words if it was written for people, else also its kind."""
    text = " ".join(str(error).split())
    if isinstance(error, ValueError) and text:
        return text
    return f"This could not be shown ({type(error).__name__}{': ' + text if text else ''})."


def inside(*widgets: ipywidgets.Widget) -> Iterator[ipywidgets.Widget]:
    """Yield these widgets, and those inside them."""
    for widget in widgets:
        yield widget
        yield from inside(*getattr(widget, "children", ()))


def dismiss(*widgets: ipywidgets.Widget) -> None:
    """Close widgets with all that is inside them."""
    for widget in widgets:
        if not isinstance(widget, Pictured):  # these close their own parts
            dismiss(*getattr(widget, "children", ()))
            dismiss_own(widget)
        widget.close()


def dismiss_own(widget: ipywidgets.Widget) -> None:
    """Close the layout and the style of a widget: they are widgets of their own, which nothing else closes."""
    for name in ("layout", "style"):
        part = getattr(widget, name, None)
        if isinstance(part, ipywidgets.Widget):
            part.close()
    widget.unobserve_all()
