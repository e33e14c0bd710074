"""Imports users' code: the `package.module:attribute` of a folder, each time with a state of its own."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
import sys
import traceback
from contextlib import contextmanager, suppress
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from types import ModuleType

    from kimi_conformance.router.asgi import App

ERROR_CHARS: Final = 300

_loaded: Final[dict[str, ModuleType]] = {}
"""Top-level modules that `load` brought in, so that the next `load` can replace them."""


class LoadError(Exception):
    """An application or function that could not be imported, and why."""


def load_app(spec: str, folder: Path, *, factory: bool = False) -> App:
    """The application `package.module:attribute`, or with `factory` what that returns. Raises `LoadError`."""
    app: App = load(spec, folder, factory=factory)
    return app


def load(spec: str, folder: Path, *, factory: bool = False) -> Any:
    """Imports `package.module:attribute`, with `folder` first on the path as long as that takes, and returns it.

    What an earlier `load` imported is imported anew where `folder` has a module of that name, so each caller gets a
    state of its own. Nothing is written into `folder`. With `factory` the attribute is called, and its result returned.
    Raises `LoadError` where there is no such module or attribute, where the code raises, or if it is not callable.
    """
    name, _, attribute = spec.partition(":")
    if not name or not attribute:
        raise LoadError(f"{spec!r} is not of the form package.module:attribute")
    with _first_on_path(folder):
        _make_way(name.partition(".")[0], folder)
        module = _import(name, folder)
        if not hasattr(module, attribute):
            raise LoadError(
                f"module {name} in {folder} has no attribute {attribute!r}{_nearest(attribute, vars(module))}"
            )
        value = getattr(module, attribute)
        if factory and callable(value):
            try:
                value = value()
            except (Exception, SystemExit) as error:
                raise LoadError(f"{spec}() raised {raised(error)}{_where(error)}") from error
    if not callable(value):
        raise LoadError(f"{spec}{'()' if factory else ''} is not callable: {value!r:.{ERROR_CHARS}}")
    return value


@contextmanager
def _first_on_path(folder: Path) -> Iterator[None]:
    """Imports look into `folder` first and leave no bytecode behind."""
    entry = str(folder.absolute())
    writes = sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    sys.path.insert(0, entry)
    importlib.invalidate_caches()
    try:
        yield
    finally:
        with suppress(ValueError):  # the code took it out itself
            sys.path.remove(entry)
        sys.dont_write_bytecode = writes


def _make_way(top: str, folder: Path) -> None:
    """Forgets earlier loads that `folder` has modules for. Raises `LoadError` where `top` is somebody else's module."""
    for name in [name for name, module in _loaded.items() if _origin(name, folder)]:
        if sys.modules.get(name) is _loaded.pop(name):
            for loaded in [loaded for loaded in sys.modules if loaded.partition(".")[0] == name]:
                del sys.modules[loaded]
    wanted = _origin(top, folder)
    taken = sys.modules.get(top)
    if wanted and taken and wanted != getattr(taken, "__file__", None):
        where = getattr(taken, "__file__", None) or "this Python"
        raise LoadError(f"{wanted} cannot be imported: {where} has the name {top!r} already")


def _import(name: str, folder: Path) -> ModuleType:
    """Imports module `name`, remembering what `folder` contributed. Raises `LoadError`."""
    before = set(sys.modules)
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        if isinstance(error, ModuleNotFoundError) and error.name and f"{name}.".startswith(f"{error.name}."):
            near = _nearest(error.name, (module.name for module in pkgutil.iter_modules([str(folder)])))
            raise LoadError(f"there is no module {error.name} in {folder}{near}") from error
        raise LoadError(f"importing {name} raised {raised(error)}{_where(error)}") from error
    finally:
        new = {loaded.partition(".")[0] for loaded in sys.modules.keys() - before}
        _loaded.update({top: sys.modules[top] for top in new if top in sys.modules and _origin(top, folder)})


def _origin(name: str, folder: Path) -> str | None:
    """The file of the top-level module `name` in `folder`."""
    spec = PathFinder.find_spec(name, [str(folder.absolute())])
    return spec.origin if spec else None


def _nearest(name: str, known: Iterable[str]) -> str:
    """The known name nearest to `name`, as the end of a message."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f" (the nearest is {near[0]!r})" if near else ""


def _where(error: BaseException) -> str:
    """The line where `error` was raised, as the end of a message."""
    frames = traceback.extract_tb(error.__traceback__)
    return f" ({frames[-1].filename}:{frames[-1].lineno})" if frames else ""


def raised(error: BaseException) -> str:
    """An exception in one line of bounded length; a group of one is that one."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}"[:ERROR_CHARS] if text else type(error).__name__
