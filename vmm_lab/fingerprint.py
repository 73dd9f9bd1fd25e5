"""Compute a fingerprint of code and values, so that a changed helper or setting is never answered from the cache.

Functions and classes of your own count by their bytecode and by all that it reaches: closures, defaults, other
functions, and the values of global variables. What is installed counts by its name and version.
"""
import builtins
import dis
import enum
import functools
import hashlib
import importlib.metadata
import importlib.util
import pathlib
import platform
import re
import sys
import types
from typing import Any

import numpy as np

SIMPLE = (int, float, complex, str, bytes, type(...), range, slice, np.generic, np.dtype, pathlib.PurePath, enum.Enum)


def fingerprint(*values: Any) -> str | None:
    """Compute the SHA-256 of values and of the code that they reach; None where one cannot be told, as an open file.

    >>> fingerprint({"size": (64, 64)}) == fingerprint({"size": (64, 64)}), fingerprint(object())
    (True, None)
    """
    walk = _Walk()
    try:
        for value in values:
            walk.value(value)
    except _UnknownError:
        return None
    return walk.digest.hexdigest()


def is_ours(kind: type) -> bool:
    """Tell whether a class is of this package, whose authors raise `version` when a helper changes."""
    return kind.__module__.partition(".")[0] == "vmm_lab"


class _UnknownError(Exception):
    """Something whose content cannot be told: an open file, a network."""


class _Walk:
    """Visit values and the code they reach, each once, and note them in a digest."""

    def __init__(self):
        self.digest = hashlib.sha256()
        self.visited = {}  # {key: (number, object)}: an object that is held keeps its id to itself

    def note(self, *parts):
        self.digest.update(repr(parts).encode("utf-8", "surrogatepass"))

    def value(self, value, names=frozenset()):
        """Note one value; of a module of one's own, what it holds under `names`."""
        if value is None or isinstance(value, SIMPLE):
            return self.note(type(value).__qualname__, value)
        if isinstance(value, (tuple, set, frozenset)):
            parts = value if isinstance(value, tuple) else sorted(value, key=repr)
            self.note(type(value).__qualname__, len(parts))
            return self.each(parts, names)
        key = (id(value), names if isinstance(value, types.ModuleType) else None)
        if key in self.visited:
            return self.note("again", self.visited[key][0])
        self.visited[key] = len(self.visited), value
        if isinstance(value, (list, dict)):
            self.note(type(value).__qualname__, len(value))
            return self.each(value.items() if isinstance(value, dict) else value, names)
        if type(value) in (np.ndarray, np.memmap):
            self.note("array", value.dtype, value.shape)
            return self.value(value.tolist()) if value.dtype.hasobject else self.digest.update(value.tobytes())
        if isinstance(value, re.Pattern):
            return self.note("pattern", value.pattern, value.flags)
        return self.code_of(value, names)

    def each(self, values, names=frozenset()):
        for value in values:
            self.value(value, names)

    def code_of(self, value, names):
        """Note a module, a class, a function, or what wraps one."""
        if isinstance(value, types.ModuleType):
            if not self.installed(value.__name__):
                if not names:  # nobody knows what is taken from it
                    raise _UnknownError
                self.each(((name, vars(value)[name]) for name in sorted(names & vars(value).keys())), names)
        elif isinstance(value, type):
            self.note("class", value.__module__, value.__qualname__)
            if not self.installed(value.__module__):
                self.each((*value.__bases__, *_own(value)), names)
        elif isinstance(value, types.FunctionType):
            self.note("function", value.__qualname__)
            # A decorator copies `__module__`; the globals are those of the module that the code stands in.
            if self.installed(value.__globals__.get("__name__", "")):
                self.value(getattr(value, "__wrapped__", None), names)
            else:
                self.function(value)
        elif isinstance(value, types.MethodType):
            self.each((value.__func__, value.__self__))
        elif isinstance(value, functools.partial):
            self.each((value.func, value.args, value.keywords))
        elif isinstance(value, property):
            self.each((value.fget, value.fset))
        elif isinstance(value, functools.cached_property):
            self.value(value.func)
        elif hasattr(value, "__wrapped__"):  # staticmethod, classmethod, lru_cache
            self.note(type(value).__qualname__)
            self.value(value.__wrapped__)
        else:
            self.named(value)

    def function(self, function):
        names = _names(function.__code__)
        self.code(function.__code__, function.__globals__, names)
        self.each((function.__defaults__, function.__kwdefaults__, vars(function)))
        for cell in function.__closure__ or ():
            try:
                content = cell.cell_contents
            except ValueError:  # not filled yet
                content = None
            self.value(content, names)

    def code(self, code, variables, names):
        self.note(code.co_code, code.co_names, code.co_freevars, code.co_flags)
        self.note(code.co_argcount, code.co_kwonlyargcount)
        for constant in code.co_consts:
            if isinstance(constant, types.CodeType):
                self.code(constant, variables, names)
            else:
                self.value(constant)
        steps = list(dis.get_instructions(code))
        for k, step in enumerate(steps):
            if step.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
                self.note("global", step.argval)
                if step.argval in variables:
                    self.value(variables[step.argval], names)
                elif not hasattr(builtins, step.argval):
                    self.note("unbound")
            elif step.opname == "IMPORT_NAME":
                name = "." * steps[k - 2].argval + step.argval
                try:
                    name = importlib.util.resolve_name(name, variables.get("__package__"))
                    if not self.installed(name):
                        self.value(importlib.import_module(name), names)
                except ImportError:
                    self.note("no module", name)

    def named(self, value):
        """Note what an installed module holds under a name, such as a function in C; anything else cannot be told."""
        name = getattr(value, "__qualname__", None) or getattr(value, "__name__", "")
        owner = getattr(value, "__self__", None)
        home = getattr(value, "__objclass__", value)  # the class of an unbound method in C
        if isinstance(value, types.BuiltinMethodType) and not isinstance(owner, (types.ModuleType, types.NoneType)):
            self.value(owner)  # "abc".join
        elif not callable(value) or not (isinstance(value, np.ufunc) or self.installed(home.__module__ or "")):
            raise _UnknownError
        if not re.fullmatch(r"[\w.]+", name):  # a ufunc made of a Python function is called "f (vectorized)"
            raise _UnknownError
        self.note(name)

    def installed(self, name):
        """Note a module that is installed with its version, and tell whether it is."""
        version = _version(name.partition(".")[0])
        if version:
            self.note(name, version)
        return bool(version)


def _own(kind):
    """Return (name, attribute) of a class without what Python and scikit-learn add to it."""
    added = re.compile(
        r"__(module|doc|dict|weakref|annotat\w*|qualname|firstlineno|static_attributes|dataclass_\w+|match_args|"
        r"parameters|orig_bases|abstractmethods|slots)__|_abc_impl|_sklearn_\w+|set_\w+_request"
    )
    return [(name, value) for name, value in vars(kind).items() if not added.fullmatch(name)]


def _names(code):
    """Return all names and strings in a code object and those inside it: what it may take from a module."""
    texts = {constant for constant in code.co_consts if isinstance(constant, str)}
    inner = [_names(constant) for constant in code.co_consts if isinstance(constant, types.CodeType)]
    return frozenset(code.co_names).union(texts, *inner)


@functools.cache
def _version(top):
    """Return the version of an installed package, or "" for a module of one's own."""
    if top in sys.stdlib_module_names:
        return platform.python_version()
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):  # __main__ has none
        spec = None
    places = [spec.origin or "", *(spec.submodule_search_locations or ())] if spec else []
    if top != "vmm_lab" and not any(re.search(r"[\\/](site|dist)-packages[\\/]", place) for place in places):
        return ""
    try:
        return importlib.metadata.version(top)
    except importlib.metadata.PackageNotFoundError:  # its distribution has another name
        return getattr(sys.modules.get(top), "__version__", "unknown")
