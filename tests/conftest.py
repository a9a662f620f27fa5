"""What every test shares: the project's own directory, the real data where it is at hand, quiet libraries, examples.

Property tests draw the same examples each time, so that a change is judged and not its luck. To look for new ones:
`scripts/explore.sh`.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Before TensorFlow, matplotlib or numpy is imported by any test; the program does the same in its own processes.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("MPLBACKEND", "agg")
# Two test processes whose linear algebra has a thread for each core wait for one another more than they compute.
for library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

# A loaded machine is slow, not wrong: examples are bounded by their number, not by time.
_BOUNDED = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow], "print_blob": True}
settings.register_profile("gate", derandomize=True, **_BOUNDED)
# Fresh examples, ten times as many where a test does not say how many; failures are kept in .hypothesis.
settings.register_profile("explore", derandomize=False, max_examples=1000, **_BOUNDED)
settings.load_profile(os.environ.get("TSFORECAST_HYPOTHESIS", "gate"))

ROOT = Path(__file__).parents[1]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--exhaustive", action="store_true", help="run what takes every combination, too (half an hour)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes every combination is left out, and said to be, unless `--exhaustive` asks for it."""
    if config.getoption("exhaustive"):
        return
    left_out = [item for item in items if item.get_closest_marker("exhaustive")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if not item.get_closest_marker("exhaustive")]


@pytest.fixture(scope="session")
def project() -> Path:
    """The root of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def sample_data() -> Path:
    """The real files that come with the project."""
    return ROOT / "sample_data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real data that may not be copied into the project; the test is skipped where it is absent."""
    path = Path(os.environ.get("TSFORECAST_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not path.is_dir():
        pytest.skip(f"needs the benchmark data in {path} (set TSFORECAST_SHARED_DATA)")
    return path
