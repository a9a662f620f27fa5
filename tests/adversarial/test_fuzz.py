"""Three hundred damaged real files through the verbs; `scripts/fuzz.py N` runs as many as there is time for."""

from __future__ import annotations

from pathlib import Path

import pytest
from fuzzing import broken_contract, fuzzed, originals

N_INPUTS, BLOCK = 300, 30
# what found something once: seed, and place of the verb
FOUND = [(115, 0), (115, 5), (100_007, 6), (100_062, 6), (100_205, 6)]

# The verbs themselves are silent about what libraries warn of: what is judged is what reaches stderr.
pytestmark = pytest.mark.filterwarnings("default")


@pytest.mark.parametrize("block", range(N_INPUTS // BLOCK))
def test_no_damage_breaks_the_contract(tmp_path: Path, block: int):
    files = originals()
    done = [fuzzed(seed, files, tmp_path) for seed in range(block * BLOCK, (block + 1) * BLOCK)]
    assert not [outcome for outcome in done if outcome.faults]
    assert {outcome.code for outcome in done} >= {0}, "some damage is survived, or nothing is tested"


@pytest.mark.parametrize(("seed", "turn"), FOUND)
def test_what_was_found_once_is_mended(tmp_path: Path, seed: int, turn: int):
    assert not fuzzed(seed, originals(), tmp_path, turn).faults


@pytest.mark.parametrize(
    ("code", "stderr"),
    [
        (1, "tsforecast: error: internal error: KeyError: 'x'"),
        (5, ""),
        (0, "tsforecast: error: no"),
        (5, "tsforecast: error: a\ntsforecast: error: b"),
        (5, "tsforecast: error: " + 500 * "x"),
        (0, "x.py:3: RuntimeWarning: overflow"),
        (0, "Traceback (most recent call last):"),
        (139, ""),
    ],
)
def test_a_fault_would_be_found(code: int, stderr: str):
    assert broken_contract(code, stderr)


def test_what_is_right_is_no_fault():
    assert not broken_contract(0, "filled: nothing was missing")
    assert not broken_contract(5, "tsforecast: error: x.csv holds no rows; is this the right file?")
    assert not broken_contract(4, '{"code": 4, "message": "x", "hint": ""}')
