#!/usr/bin/env bash
# Sets up one thing for the Makefile and says in one line what to do when it can not.
set -euo pipefail

remedy() { echo "set-up: $1" >&2; exit 1; }

python_versions=">=3.11,<3.15"

set_up_python() { # PYTHON VENV
  command -v "$1" >/dev/null || remedy "$1 is missing; install Python $python_versions"
  "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' ||
    remedy "$("$1" --version) is not supported; call make PYTHON=<a Python $python_versions>"
  "$1" -m venv "$2" || remedy "python venv failed; on Debian: apt-get install python3-venv"
  touch "$2/.python"
}

# A lock is complete, so pip has nothing to resolve. Left to resolve, it looks at releases newer than
# the locked ones (`pydantic[email]>=2` of a package) and fails on the first that has no hash here.
install_lock() { # VENV LOCKFILE
  "$1/bin/pip" install -q --no-deps --require-hashes -r "$2" 2>"$1/pip.log" &&
    "$1/bin/pip" check >>"$1/pip.log" 2>&1
}

set_up_packages() { # VENV LOCKFILE STAMP
  local started=$SECONDS
  echo "set-up: installing $2 into $1"
  install_lock "$1" "$2" ||
    { tail -3 "$1/pip.log" >&2; remedy "pip could not install $2; is the network there?"; }
  "$1/bin/pip" install -q --no-deps --no-build-isolation -e . 2>"$1/pip.log" ||
    { tail -3 "$1/pip.log" >&2; remedy "carbonbank itself did not install"; }
  [ "$3" = run ] || touch "$1/.run"
  touch "$1/.$3"
  echo "set-up: ready in $((SECONDS - started)) s"
}

set_up_provers() { # PYTHON: slither asks for an older web3 than the bank, so they live apart
  [ -x .prove/bin/python ] || set_up_python "$1" .prove
  echo "set-up: installing requirements/prove.lock into .prove"
  install_lock .prove requirements/prove.lock ||
    { tail -3 .prove/pip.log >&2; remedy "pip could not install the provers; is the network there?"; }
  touch .prove/.done
}

set_up_node() {
  command -v node >/dev/null && command -v npm >/dev/null ||
    remedy "node or npm is missing; install Node 20 or newer"
  [ "$(node -p 'parseInt(process.versions.node)')" -ge 20 ] ||
    remedy "node $(node --version) is too old; install Node 20 or newer"
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error ||
    remedy "npm ci failed; is the network there?"
  touch node_modules/.done
}

set_up_browser() {
  command -v chromium >/dev/null && return
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null ||
    remedy "chromium is missing; on Debian: apt-get install chromium"
  echo "set-up: installing chromium"
  { apt-get update -qq && apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends chromium; } >/dev/null ||
    remedy "apt-get could not install chromium; is the network there?"
}

"set_up_$1" "${@:2}"
