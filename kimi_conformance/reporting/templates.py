"""The library for templates, which only pages need: an extra of its own."""

from __future__ import annotations

from importlib.util import find_spec


class NoTemplates(Exception):
    """A page was asked for, and jinja2 is not installed. Says how to mend it."""


def need_templates() -> None:
    """To be called before `jinja2` is imported, and before work begins that ends in a page. Raises `NoTemplates`."""
    if find_spec("jinja2") is None:
        raise NoTemplates("pages need jinja2: pip install 'kimi-conformance[pages]'")
