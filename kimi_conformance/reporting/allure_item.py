"""An item of a plain pytest run with `--alluredir`, which allure-pytest reports: what that cannot know by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import allure

from kimi_conformance.reporting.allure_result import attached, description, labels, links

if TYPE_CHECKING:
    from kimi_conformance.contract.requirement import Requirement
    from kimi_conformance.contract.result import CaseResult


def label(requirement: Requirement, case: CaseResult, *, again: str) -> None:
    """Name, file, describe and link the running item as `allure_result.told` has it; attach what does not hold.

    To be called while the test itself runs: after the set-up allure-pytest writes a title and a description of its
    own, and what a fixture attaches it files with the fixture. `again` is the command that plays the run again.
    """
    dynamic: Any = allure.dynamic  # its functions are not typed
    dynamic.title(case.id)
    dynamic.description(description(case, requirement.level, requirement, again))
    for name, value in labels(case, requirement.level):
        dynamic.label(name, value)
    for link in links(requirement, ""):
        dynamic.link(link["url"], name=link["name"])
    for name, text in attached(case):
        allure.attach(text, name, allure.attachment_type.TEXT)
