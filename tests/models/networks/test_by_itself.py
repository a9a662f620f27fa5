"""A network without the ridge regression beneath it: `--no-skip`, and `--plain` as the textbooks have it."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest
from series_of import quiet, several
from untrained import contexts, learnt, ridge, seasonal, sizes

from tsforecast.bundle import members
from tsforecast.errors import UsageError
from tsforecast.models.networks.alone import Alone
from tsforecast.models.networks.gru import Gru
from tsforecast.models.networks.net import KerasNet
from tsforecast.models.networks.network import check_embedding
from tsforecast.models.networks.patches import patched, textbook
from tsforecast.models.shape import Shape
from tsforecast.models.task import Task

if find_spec("tensorflow") is None:
    pytest.skip("needs TensorFlow", allow_module_level=True)

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:In the future `np.object`:FutureWarning")]
SHAPE = Shape(26, 12, 12)


@pytest.fixture(scope="module")
def plain() -> Gru:
    settings = sizes(plain=True, skip=False, context_length=10, segment_length=None)
    return Gru.fit(learnt("gru", 90), settings, seed=0, tell=quiet)


def test_an_untrained_one_without_the_skip_repeats_the_last_value():
    core = Alone(KerasNet(patched(Gru, 1, SHAPE, sizes(), 1)), relative=True)
    np.testing.assert_array_equal(core.segment(contexts()), np.repeat(contexts()[:, -1:], 12, axis=1))


def test_without_the_skip_it_moves_with_the_level_and_as_the_textbooks_have_it_it_does_not():
    for build, relative in ((patched, True), (textbook, False)):
        model = build(Gru, 1, SHAPE, sizes(), 1)
        model.get_layer("head").set_weights([np.full((4, 12), 0.3), np.zeros(12)])
        core = Alone(KerasNet(model), relative)
        moved = core.segment(contexts() + 5.0) - core.segment(contexts())
        assert np.allclose(moved, 5.0, atol=1e-5) == relative


def test_it_takes_in_each_row_and_emits_one_step(plain: Gru):
    assert (plain.context_length, plain.segment_length) == (10, 1)
    assert [layer.name for layer in plain.core.net.model.layers] == ["context", "gru_1", "dropout_1", "head", "segment"]
    assert not plain.scaler.log
    assert plain.notes == ("gru: alone, on scaled values, as the textbooks have it (--plain)",)
    given = Gru._as_asked(sizes(plain=True, strategy="direct", segment_length=None))
    assert learnt("gru").shape(given).segment_length == 24


def test_without_the_skip_it_is_chosen_against_the_others_as_they_are():
    settings = sizes(skip=False)
    model = Gru.fit(learnt("gru").with_fitted({"ridge": ridge()}, {"ridge": 1.0}), settings, seed=0, tell=quiet)
    assert model.scaler.names == ("y0",)
    assert model.core.relative
    assert "--no-skip" in model.notes[0]


def test_saved_it_predicts_the_same_and_learns_further(plain: Gru):
    given = several([seasonal(90, seed=3)], 12)
    expected = plain.predict(given, 15).point
    state = members.from_state("model", members.to_state("model", plain.state()))
    served = Gru.restored(state)
    np.testing.assert_allclose(served.predict(given, 15).point, expected, atol=1e-5)
    assert served.refit(Task.whole(given, 4)).core is served.core
    after = served.update(Task.whole(given, 4), sizes(), seed=1, tell=quiet)
    assert np.abs(after.predict(given, 15).point - expected).max() > 1e-4
    np.testing.assert_array_equal(plain.predict(given, 15).point, expected)
    for wrong in (1, "yes", None):
        with pytest.raises(TypeError):
            Gru.restored(replace(state, settings={**state.settings, "relative": wrong}))


@pytest.mark.parametrize("given", [{"plain": True}, {"skip": False}], ids=str)
def test_delay_vectors_are_fed_to_neither(given: dict):
    with pytest.raises(UsageError, match="corrects nothing"):
        check_embedding(sizes(embed="auto", context_length=None, segment_length=None, **given))
