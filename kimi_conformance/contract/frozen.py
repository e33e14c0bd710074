"""The base of every model of a file of ours."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """Immutable, and closed: an unknown key in a file is a mistake, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")
