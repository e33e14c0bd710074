"""Models: the list of them, and the other endpoints that only tell: balance, tokens, files, batches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kimi_conformance.api.call import Case, case, each
from kimi_conformance.sentences import cases_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kimi_conformance.api.material import Material

LISTS = ("hosts/models-ai", "hosts/models-cn")


@cases_of("api.models.shape", "api.models.ids-unique")
def shape(m: Material) -> Iterator[Case]:
    """The list of either host, and one of 2024."""
    yield from each(m.named(*LISTS, "hosts/models-cn-2024"))


@cases_of("api.models.live-listed", "api.models.dead-not-listed", "api.models.attributes-as-catalogued")
def as_catalogued(m: Material) -> Iterator[Case]:
    """The list of either host beside the catalogue."""
    yield from each(m.named(*LISTS))


@cases_of("api.models.answers-without-funds")
def answers_without_funds(m: Material) -> Iterator[Case]:
    """The list for an account whose chat is refused for want of funds."""
    yield case(m["limits/models-drained"], twins=m.named("hosts/models-ai"))


@cases_of("api.balance.shape", "api.balance.sum")
def balance(m: Material) -> Iterator[Case]:
    """The balance on either host."""
    yield from each(m.named("balance/ai", "balance/cn", "limits/balance-drained"))


@cases_of("api.tokens.shape")
def tokens(m: Material) -> Iterator[Case]:
    """An estimate."""
    yield from each(m.named("tokens/estimate"))


@cases_of("api.tokens.error-family")
def tokens_refused(m: Material) -> Iterator[Case]:
    """Estimates that are refused."""
    yield from each(m.named("tokens/no-messages", "tokens/unanswered-call"), m["tokens/estimate"])


@cases_of("api.files.list-shape")
def files(m: Material) -> Iterator[Case]:
    """The list of files, which may be empty; that of models is not."""
    yield from each(m.named("files/list"), m["hosts/models-ai"])


@cases_of("api.files.upload-shape", "api.files.id-prefix")
def upload(m: Material) -> Iterator[Case]:
    """A small file."""
    yield from each(m.named("files/upload"))


@cases_of("api.files.object-shape")
def file(m: Material) -> Iterator[Case]:
    """That file again."""
    yield from each(m.named("files/get"))


@cases_of("api.files.content")
def content(m: Material) -> Iterator[Case]:
    """What is read out of it."""
    yield from each(m.named("files/content"), m["files/upload"])


@cases_of("api.files.deleted-shape")
def deleted(m: Material) -> Iterator[Case]:
    """Its end."""
    yield from each(m.named("files/delete"), m["files/upload"])


@cases_of("api.files.bad-purpose-refused")
def bad_purpose_refused(m: Material) -> Iterator[Case]:
    """The same file for a purpose that nobody knows."""
    yield case(m["files/bad-purpose"], twins=m.named("files/upload"))


@cases_of("api.batches.list-shape")
def batches(m: Material) -> Iterator[Case]:
    """The list of batches, which may be empty; that of models is not."""
    yield from each(m.named("batches/list"), m["hosts/models-ai"])


@cases_of("api.batches.shape")
def batch(m: Material) -> Iterator[Case]:
    """A batch that is done."""
    yield from each(m.named("batches/get"))
