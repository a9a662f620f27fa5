"""What the pretrained network learns from: seeded, finite, scaled by the prefix alone."""

from __future__ import annotations

import numpy as np
import pytest

from tsforecast.models.zero_shot.patched import PATCH

generator = pytest.importorskip("training.generator", reason="needs the source tree")


def test_the_same_seed_and_chunk_are_the_same_series_and_others_are_others() -> None:
    first = generator.draw(3, 7, 64)
    np.testing.assert_array_equal(first, generator.draw(3, 7, 64))
    assert (first != generator.draw(3, 8, 64)).any()


@pytest.mark.parametrize("family", [family for family, _ in generator.FAMILIES], ids=lambda f: f.__name__)
def test_a_family_is_finite_and_its_series_differ(family) -> None:
    drawn = family(np.random.default_rng(0), 40)
    assert drawn.shape == (40, generator.LENGTH)
    assert np.isfinite(drawn).all()
    assert len(np.unique(drawn[:, -1])) > 1


def test_counts_are_whole_and_not_negative() -> None:
    drawn = generator.counts(np.random.default_rng(0), 40)
    assert (drawn >= 0).all()
    np.testing.assert_array_equal(drawn, np.round(drawn))


def test_a_season_repeats() -> None:
    rng = np.random.default_rng(5)
    drawn = generator.standardised(generator.seasonal(rng, 200, np.full((200, 1), 24, np.float32)))
    alike = (drawn[:, 24:] * drawn[:, :-24]).mean(axis=1)
    assert np.median(alike) > 0.95


def test_what_follows_the_prefix_changes_neither_its_scale_nor_its_periods(monkeypatch) -> None:
    from training import windows

    before = windows.chunk(1, 0, 64)
    end = (before["places"][:, 0] + 1) * PATCH
    later = np.arange(generator.LENGTH) >= end[:, None]
    monkeypatch.setattr(windows, "draw", lambda *given: np.where(later, 9.0, generator.draw(*given)))
    after = windows.chunk(1, 0, 64)
    np.testing.assert_array_equal(before["periods"], after["periods"])
    np.testing.assert_array_equal(np.where(later, 0, before["targets"]), np.where(later, 0, after["targets"]))
