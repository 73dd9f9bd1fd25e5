"""Load a saved method: nothing is unpickled, and only types of this package are built unless others are named."""
import os
from collections.abc import Iterator, Sequence
from typing import Any

from sklearn.base import BaseEstimator

from .. import pretrained
from ..files import DAMAGED
from . import methods, network_method  # noqa: F401  (what is saved may be of any of these types)
from .method import Method

WAY_OUT = "`pipeline.save` writes one."


def load_pipeline(path: str | os.PathLike, *, trusted: Sequence[str] = ()) -> Method:
    """Load a method that `Method.save` wrote, ready to predict.

    trusted: names of further types that may be built, such as a feature of your own ("my_module.MyFeature"); name only
    what you wrote. Raises ValueError where there is no such file, it is no saved method, or it wants a type that is not
    known: it is refused.
    """
    from skops import io

    for name in pretrained.COMPARED:
        getattr(pretrained, name)  # imported now, so that it is one of the subclasses
    known = {f"{kind.__module__}.{kind.__qualname__}" for kind in _subclasses(BaseEstimator)
             if kind.__module__.startswith("vmm_lab.")}

    def read(how: Any, **options: Any) -> Any:
        try:
            return how(file=path, **options)
        except FileNotFoundError:
            raise ValueError(f"There is no file {path}; {WAY_OUT}") from None
        except DAMAGED as error:
            raise ValueError(f"{path} is not a saved pipeline or damaged ({type(error).__name__}); {WAY_OUT}") from None

    wanted = read(io.get_untrusted_types)
    strangers = sorted(set(wanted) - known - set(trusted))
    if strangers:
        raise ValueError(f"{path} wants to build {', '.join(strangers[:3])}, which no saved pipeline holds, and "
                         "was not loaded; if it is your own feature, allow it by name with trusted=.")
    model = read(io.load, trusted=wanted)
    if isinstance(model, Method):
        return model
    raise ValueError(f"{path} holds a {type(model).__name__} and not a pipeline of a board; {WAY_OUT}")


def _subclasses(kind: type) -> Iterator[type]:
    yield kind
    for child in kind.__subclasses__():
        yield from _subclasses(child)
