from __future__ import annotations

import numpy as np

from tsforecast.models.smoothing.batch import MOST_SERIES, batches


def test_every_series_is_in_one_batch_whole_and_at_its_place():
    generator = np.random.default_rng(1)
    histories = [generator.normal(size=n) for n in generator.integers(1, 40, size=MOST_SERIES + 50)]
    seasons = [1 + i % 2 for i in range(len(histories))]
    seen = []
    for which, batch in batches(histories, seasons):
        seen += which.tolist()
        assert {seasons[i] for i in which} == {batch.season_length}
        assert (np.diff(batch.lengths) <= 0).all()
        for column, i in enumerate(which):
            assert batch.values[: batch.lengths[column], column].tolist() == histories[i].tolist()
            assert not batch.values[batch.lengths[column] :, column].any()
        for t, k in enumerate(batch.active):
            assert k == (batch.lengths > t).sum() == batch.inside[t].sum()
    assert sorted(seen) == list(range(len(histories)))


def test_a_part_of_a_batch_is_as_short_as_its_longest_series():
    (_, batch), *_ = batches([np.ones(9), -np.ones(4), np.ones(2)], [1, 1, 1])
    part = batch.take(np.array([False, True, True]))
    assert part.values.tolist() == [[-1, 1], [-1, 1], [-1, 0], [-1, 0]]
    assert part.positive.tolist() == [False, True]
    assert part.with_values(part.values + 1).values[2:].tolist() == [[0, 0], [0, 0]]
