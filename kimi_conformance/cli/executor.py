"""Who ran it: the CI whose variables are in the environment, as Allure's executor.json says it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

LOCAL: Final = {"name": "local", "type": "local"}


def executor(environ: Mapping[str, str]) -> dict[str, str]:
    """Name and type, and where the CI says so the address of the job and its number."""
    if environ.get("GITHUB_ACTIONS"):
        url = f"{environ.get('GITHUB_SERVER_URL', '')}/{environ.get('GITHUB_REPOSITORY', '')}"
        job = f"{url}/actions/runs/{environ.get('GITHUB_RUN_ID', '')}"
        found = {"name": "GitHub Actions", "type": "github", "url": url, "buildUrl": job}
        return found | {"buildOrder": environ.get("GITHUB_RUN_NUMBER", "")}
    if environ.get("GITLAB_CI"):
        found = {"name": "GitLab CI", "type": "gitlab", "url": environ.get("CI_PROJECT_URL", "")}
        return found | {"buildUrl": environ.get("CI_JOB_URL", ""), "buildOrder": environ.get("CI_PIPELINE_IID", "")}
    if environ.get("JENKINS_URL"):
        found = {"name": "Jenkins", "type": "jenkins", "url": environ["JENKINS_URL"]}
        return found | {"buildUrl": environ.get("BUILD_URL", ""), "buildOrder": environ.get("BUILD_NUMBER", "")}
    return LOCAL
