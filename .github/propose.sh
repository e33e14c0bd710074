#!/usr/bin/env bash
# Puts what a night has changed below reports/ on a branch of its own, and asks for it to be merged: one request, which
# the next night brings up to date. GH_TOKEN is needed, BASE is the branch to merge into, NIGHT says which night it was.
set -euo pipefail

branch=nightly/pages

if [ -z "$(git status --porcelain -- reports)" ]; then
  echo 'nothing has changed below reports/'
  exit 0
fi

git config user.name 'github-actions[bot]'
git config user.email '41898282+github-actions[bot]@users.noreply.github.com'
git switch --quiet --force-create "$branch"
git add -- reports
git commit --quiet --message "Pages: what the night of $NIGHT saw"
gh auth setup-git
git push --quiet --force origin "$branch"

open=$(gh pr list --head "$branch" --base "$BASE" --state open --json number --jq length)
if [ "$open" = 0 ]; then
  gh pr create --head "$branch" --base "$BASE" --title 'Pages: what Kimi answers now' --body-file .github/propose.md
fi
