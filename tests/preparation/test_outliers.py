"""Outliers: found where they are, treated as asked, and never touched unasked."""

from __future__ import annotations

import numpy as np
import pytest
from prepare_tables import hourly

from tsforecast.config import PrepareConfig
from tsforecast.errors import DataError, UsageError
from tsforecast.preparation import prepare

SPIKES = (50, 171, 300)


def daily(noise=0.3):
    rng = np.random.default_rng(0)
    x = 20 + 5 * np.sin(2 * np.pi * np.arange(480) / 24) + noise * rng.normal(size=480)
    x[list(SPIKES)] += [30, -25, 40]
    return x


def treated(rule, x=None):
    return prepare(hourly(daily() if x is None else x), PrepareConfig(outliers=rule))


def test_nothing_is_touched_by_default():
    x = daily()
    prepared = prepare(hourly(x))
    assert len(prepared.ledger) == 0
    np.testing.assert_array_equal(prepared.filled.values[:, 0], x)


@pytest.mark.parametrize("method", ["hampel", "seasonal", "iforest"])
def test_spikes_are_found_and_only_flagged(method):
    prepared = treated(method)
    lines = prepared.ledger.frame.query(f"rule == 'outlier {method} flag'")["line"]
    assert {spike + 2 for spike in SPIKES} <= set(lines)
    assert len(lines) <= 20
    assert prepared.report.outliers == len(lines)
    assert prepared.report.repaired == 0
    np.testing.assert_array_equal(prepared.filled.values[:, 0], daily())


@pytest.mark.parametrize("method", ["hampel", "seasonal", "iforest"])
def test_missing_spikes_are_filled(method):
    x = treated(f"{method}:missing").filled.values[list(SPIKES), 0]
    clean = 20 + 5 * np.sin(2 * np.pi * np.array(SPIKES) / 24)
    assert np.abs(x - clean).max() < 2


@pytest.mark.parametrize("method", ["hampel", "seasonal", "iforest"])
def test_clipped_spikes_come_closer(method):
    prepared = treated(f"{method}:clip")
    before, after = daily()[list(SPIKES)], prepared.filled.values[list(SPIKES), 0]
    clean = 20 + 5 * np.sin(2 * np.pi * np.array(SPIKES) / 24)
    assert (np.abs(after - clean) < 0.7 * np.abs(before - clean)).all()
    assert (np.sign(after - clean) == np.sign(before - clean)).all()


def test_a_lower_threshold_finds_more():
    assert treated("hampel:flag:2").report.outliers > treated("hampel:flag:6").report.outliers == len(SPIKES)


def test_a_spike_on_a_flat_line_is_found_and_the_line_is_not():
    x = np.full(200, 3.0)
    assert treated("hampel", x).report.outliers == 0
    x[::7] += np.random.default_rng(0).normal(0, 0.01, len(x[::7]))
    x[100] = 50
    assert treated("hampel", x).ledger.frame.query("rule == 'outlier hampel flag'")["line"].tolist().count(102) == 1


def test_no_season_no_seasonal_outliers():
    with pytest.raises(DataError, match="no season"):
        treated("seasonal", np.random.default_rng(0).normal(size=200).cumsum()).summary_lines()


@pytest.mark.parametrize("rule", ["sigma", "hampel:delete", "hampel:clip:x", "hampel:clip:-1", ""])
def test_an_unknown_rule_is_refused(rule):
    with pytest.raises(UsageError):
        treated(rule)
