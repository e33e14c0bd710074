"""Where the project's data lies: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


def data_root() -> Path:
    """The folder that holds contracts/, cassettes/ and suites/."""
    packed = PACKAGE / "data"
    return packed if packed.is_dir() else PACKAGE.parent


def contracts() -> Path:
    """contracts/, with requirements/, routers/ and schemas/ below it."""
    return data_root() / "contracts"


def routing_suites() -> Path:
    """suites/routing, whose modules make the routing cases."""
    return data_root() / "suites" / "routing"


def api_suites() -> Path:
    """suites/api, whose modules make the cases of the API."""
    return data_root() / "suites" / "api"


def cassettes() -> Path:
    """cassettes/, with a folder for each area below it."""
    return data_root() / "cassettes"
