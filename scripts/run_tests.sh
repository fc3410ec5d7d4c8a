#!/usr/bin/env bash
# The whole test suite: random order, loopback only, real backends, then coverage by branch.
set -euo pipefail
mkdir -p build
.venv/bin/pytest -n 2 --dist loadfile --no-loadscope-reorder --cov --cov-report= "$@"
.venv/bin/coverage report --include='carbonbank/domain/*,carbonbank/mrv/*,carbonbank/service/*' \
  --skip-covered --fail-under=90
