#!/bin/sh
# Runs the property tests with fresh examples; arguments go to pytest (scripts/explore.sh tests/plots).
# A failure prints the line that repeats it (@reproduce_failure).
set -eu
cd "$(dirname "$0")/.."
scripts/environment.sh train dev
TSFORECAST_HYPOTHESIS=explore exec .venv/bin/python -m pytest -m hypothesis "$@"
