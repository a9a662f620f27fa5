#!/usr/bin/env bash
# Checks an environment with the base package alone: $VENV/bin/tsforecast predicts MODEL.tsf, and says in one line
# how to install what training a network needs.    VENV=.venv-base scripts/check_base_install.sh MODEL.tsf FILE.csv
set -euo pipefail
model=$1 file=$2
bin=${VENV:-.venv-base}/bin
fail() { echo "base install: $1" >&2; exit 1; }

for package in tensorflow keras onnx; do
    ! "$bin/python" -c "import $package" 2>/dev/null || fail "$package is installed, this proves nothing"
done

rows=$("$bin/tsforecast" predict "$model" --horizon 24 | tail -n +2 | wc -l)
[[ $rows -eq 24 ]] || fail "predict wrote $rows rows, not 24"
rows=$("$bin/tsforecast" predict "$model" - --horizon 24 <"$file" | tail -n +2 | wc -l)
[[ $rows -eq 24 ]] || fail "predict from stdin wrote $rows rows, not 24"
for name in ridge pretrained; do
    "$bin/tsforecast" forecast "$file" --horizon 24 --model $name >/dev/null 2>&1 || fail "forecast --model $name failed"
done

code=0
message=$("$bin/tsforecast" forecast "$file" --horizon 24 --model lstm --quiet 2>&1 >/dev/null) || code=$?
[[ $code -eq 3 ]] || fail "forecast --model lstm ended with exit $code, not 3: $message"
[[ $(wc -l <<<"$message") -eq 1 ]] || fail "forecast --model lstm wrote more than one line: $message"
[[ $message == *"pip install"* ]] || fail "forecast --model lstm did not say what to install: $message"
echo "predict works without TensorFlow; forecast --model lstm says: $message"
