#!/bin/sh
# Makes .venv (or $VENV) with the named extras, pinned by constraints.txt: scripts/environment.sh [EXTRA...]
# Needs Python 3.11 to 3.13 and a shell. Does nothing when everything is already in place.
set -eu
cd "$(dirname "$0")/.."
venv=${VENV:-.venv}
# Without byte code TensorFlow takes 11 seconds to import instead of 5.
unset PYTHONDONTWRITEBYTECODE

find_python() {
    for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3 python}; do
        if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    cat >&2 <<'MESSAGE'
No Python 3.11, 3.12 or 3.13 with the venv module was found.
Install one (Debian, Ubuntu: apt install python3 python3-venv; macOS: brew install python@3.13)
or name it: PYTHON=/path/to/python3.12
MESSAGE
    exit 1
}

missing=
for extra in base "$@"; do
    stamp=$venv/.installed-$extra
    if [ ! -e "$stamp" ] || [ -n "$(find pyproject.toml constraints.txt -newer "$stamp")" ]; then
        missing="$missing $extra"
    fi
done
[ -n "$missing" ] || exit 0

if [ ! -x "$venv/bin/python" ]; then
    python=$(find_python)
    echo "Making $venv with $("$python" --version)" >&2
    "$python" -m venv "$venv"
fi
extras=$(echo "$*" | tr ' ' ',' | sed "s/train/train-cpu/")
package=.${extras:+[$extras]}
echo "Installing $package into $venv (a few minutes the first time)" >&2
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable "$package"
for extra in base "$@"; do
    touch "$venv/.installed-$extra"
done
