"""What every test shares: the project's own directory, the real data where it is at hand, and quiet libraries."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Before TensorFlow is imported by any test; the program does the same in its own processes.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("MPLBACKEND", "agg")

# A loaded machine is slow, not wrong: examples are bounded by their number, not by time. What gates draws the same
# examples every time; `pytest --hypothesis-profile=fresh` looks for new ones.
settings.register_profile("fresh", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("tsforecast", settings.get_profile("fresh"), derandomize=True)
settings.load_profile("tsforecast")

ROOT = Path(__file__).parents[1]


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
