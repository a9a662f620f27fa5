#!/bin/sh
# Sets everything up and runs the tests; arguments go to pytest (scripts/test.sh -k panel).
set -eu
cd "$(dirname "$0")/.."
scripts/environment.sh train dev
unset PYTHONDONTWRITEBYTECODE
exec .venv/bin/python -m pytest -n auto --dist loadfile "$@"
