#!/usr/bin/env bash
# Resolves requirements/*.lock from pyproject.toml: one universal, hashed set for every platform.
set -euo pipefail
build="hatchling editables pip"
options=(--universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet)
printf '%s\n' $build |
  uv pip compile "${options[@]}" pyproject.toml --extra test --extra scale - -o requirements/test.lock
printf '%s\n' $build |
  uv pip compile "${options[@]}" -c requirements/test.lock pyproject.toml - -o requirements/run.lock
uv pip compile "${options[@]}" requirements/prove.in -o requirements/prove.lock
