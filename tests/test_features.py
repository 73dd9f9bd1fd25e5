"""What every feature promises as a scikit-learn transformer, whatever it measures."""
import doctest
import importlib
import itertools
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import estimator_checks, get_tags

from vmm_lab import features

FEATURES = [
    features.ColorHistogram(n_frames=3),
    features.HOG(n_frames=3),
    features.SIFTBag(n_words=5),
    features.MotionHistogram(),
    features.MotionEnergy(),
    features.PoseStatistics(),
    features.PoseSequence(n_frames=8),
    features.LogMel(),
    features.MFCC(),
    features.MFCCDeltas(),
    features.SoundStatistics(),
    features.SpeechFunctionals(),
    features.SpeechStatistics(),
    features.HOGLBP(),
    features.WordBag(),
]
NAMES = [type(feature).__name__ for feature in FEATURES]
every_feature = pytest.mark.parametrize("feature", FEATURES, ids=NAMES)

# scikit-learn's other checks feed a matrix of numbers, which no feature here takes, and says so by its tags; what
# they ask (subset invariance, idempotent fit, set_output …) is asked below of clips, waves and captions.
CHECKS = [
    "check_estimator_cloneable", "check_estimator_tags_renamed", "check_valid_tag_types", "check_estimator_repr",
    "check_no_attributes_set_in_init", "check_do_not_raise_errors_in_init_or_set_params",
    "check_mixin_order", "check_parameters_default_constructible", "check_get_params_invariance", "check_set_params",
    "check_estimators_unfitted",
]


def items_for(feature, *, n=4, seed=0):
    rng = np.random.default_rng(seed)
    if feature.modality == "words":
        return ["a man falls", "a woman waves", "a man waves slowly", "nobody is there"][:n]
    if feature.modality == "sound":
        return [rng.normal(0, 0.1, 4000 + 1000 * k).astype(np.float32) for k in range(n)]
    if feature.modality == "pose":
        return [rng.normal(0, 1, (3 + k, 17, 2)) for k in range(n)]
    return [rng.integers(0, 256, (3 + k, 64, 64, 3), dtype=np.uint8) for k in range(n)]


@pytest.mark.filterwarnings("ignore::FutureWarning")
@every_feature
@pytest.mark.parametrize("check", CHECKS)
def test_scikit_learns_own_check_passes(check, feature):
    if check == "check_estimators_unfitted" and not get_tags(feature).requires_fit:
        pytest.skip("nothing to fit")
    getattr(estimator_checks, check)(type(feature).__name__, clone(feature))


@every_feature
def test_tags_tell_what_a_feature_takes_and_whether_it_learns(feature):
    tags = get_tags(feature)
    assert not tags.input_tags.two_d_array
    assert tags.input_tags.string == (feature.modality == "words")
    assert tags.requires_fit == (type(feature).__name__ in ("SIFTBag", "WordBag"))


@every_feature
def test_a_row_depends_on_its_own_item_only_and_not_on_the_order(feature):
    items = items_for(feature)
    fitted = clone(feature).fit(items)
    rows = fitted.transform(items)
    assert rows.dtype == np.float32 and rows.shape == (4, fitted.dimensions) and np.isfinite(rows).all()
    np.testing.assert_array_equal(rows[2:3], fitted.transform(items[2:3]))
    np.testing.assert_array_equal(rows[::-1], fitted.transform(items[::-1]))


@every_feature
def test_items_are_left_as_they_were_and_fitting_twice_is_fitting_once(feature):
    items, copies = items_for(feature), items_for(feature)
    once = clone(feature).fit(items)
    twice = clone(feature).fit(items).fit(items)
    np.testing.assert_array_equal(once.transform(items), twice.transform(items))
    assert all(np.array_equal(a, b) for a, b in zip(items, copies))


@every_feature
def test_a_fitted_feature_survives_pickling_and_a_clone_forgets(feature):
    items = items_for(feature)
    fitted = clone(feature).fit(items)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(fitted)).transform(items), fitted.transform(items))
    if feature.learns:
        with pytest.raises(NotFittedError):
            clone(fitted).transform(items)


@every_feature
def test_set_output_gives_a_frame_with_named_columns(feature):
    items = items_for(feature)
    frame = clone(feature).set_output(transform="pandas").fit_transform(items)
    own = {"SpeechFunctionals": "pcm_zcr_sma_min"}
    assert frame.columns[1] == own.get(type(feature).__name__, f"{type(feature).__name__.lower()}1") and len(frame) == 4


@every_feature
def test_a_feature_stands_in_a_scikit_learn_pipeline(feature):
    items = items_for(feature)
    scaled = make_pipeline(clone(feature), StandardScaler()).fit_transform(items)
    np.testing.assert_allclose(scaled.mean(0), 0, atol=1e-4)


@every_feature
@pytest.mark.parametrize(
    "wrong",
    [
        [], "one string", 3, None, [None], [np.zeros((3, 64, 64, 3))], [np.zeros((64, 64, 3), np.uint8)],
        [np.zeros((0,), np.float32)],
    ],
    ids=["no items", "a string", "a number", "nothing", "a missing item", "float frames", "one picture", "empty wave"],
)
def test_items_of_another_kind_are_refused_in_one_sentence(feature, wrong):
    if isinstance(feature, features.WordBag) and wrong == "one string":
        wrong = "a caption, not a list of them"
    with pytest.raises(ValueError, match=type(feature).__name__) as error:
        clone(feature).fit(wrong)
    assert "\n" not in str(error.value)


BAD_OPTIONS = [
    (features.ColorHistogram, {"bins": (8, 4)}, "hue"),
    (features.ColorHistogram, {"pooling": "max"}, "'mean'"),
    (features.ColorHistogram, {"n_frames": 0}, "n_frames"),
    (features.HOG, {"size": 64}, r"\(height, width\)"),
    (features.HOG, {"size": (8, 8)}, "one block"),
    (features.HOG, {"orientations": 2.5}, "orientations"),
    (features.HOG, {"pixels_per_cell": (0, 8)}, "pixels_per_cell"),
    (features.HOG, {"pooling": "sum"}, "pooling"),
    (features.SIFTBag, {"n_words": -1}, "n_words"),
    (features.SIFTBag, {"longest_side": 4}, "at least 16"),
    (features.MotionHistogram, {"preset": "slow"}, "'fast', 'medium'"),
    (features.MotionHistogram, {"fps": 0}, "fps"),
    (features.MotionHistogram, {"size": (16, 300)}, "at least 32"),
    (features.MotionHistogram, {"segments": True}, "segments"),
    (features.MotionEnergy, {"threshold": float("nan")}, "threshold"),
    (features.MotionEnergy, {"grid": (100, 100)}, "more cells"),
    (features.LogMel, {"sample_rate": "16k"}, "sample_rate"),
    (features.LogMel, {"fmax": 9000.0}, "half the sample rate"),
    (features.LogMel, {"top_db": -1}, "top_db"),
    (features.MFCC, {"n_mfcc": 30}, "mel bands"),
    (features.MFCC, {"normalise": "yes"}, "normalise"),
    (features.MFCCDeltas, {"n_mfcc": 30}, "mel bands"),
    (features.SoundStatistics, {"n_mfcc": 41}, "mel bands"),
    (features.HOGLBP, {"grid": (95, 7)}, "grid"),
    (features.HOGLBP, {"size": (8, 8)}, "at least 16"),
    (features.WordBag, {"n_words": 0}, "n_words"),
]


@pytest.mark.parametrize(
    "kind, options, says", BAD_OPTIONS, ids=[f"{kind.__name__}-{next(iter(bad))}" for kind, bad, _ in BAD_OPTIONS]
)
def test_an_option_out_of_range_is_named_when_the_feature_is_used(kind, options, says):
    feature = kind(**options)
    with pytest.raises(ValueError, match=says) as error:
        feature.fit(items_for(feature))
    assert "\n" not in str(error.value)


EXTREMES = {
    "size": [(1, 1), (32, 32), (32, 200), (200, 32)], "n_frames": [1, 60], "pooling": [None, "mean+std"], "bins": [(1, 1, 1), (180, 1, 256)],
    "orientations": [1, 2, 3, 60], "pixels_per_cell": [(1, 1), (1, 32), (32, 1), (200, 200)], "cells_per_block": [(1, 1), (1, 3), (3, 1), (9, 9)],
    "n_words": [1, 300], "longest_side": [16, 5000], "n_keypoints": [1, 300], "random_state": [1], "fps": [1e-3, 1e3],
    "preset": ["fast"], "grid": [(1, 1), (32, 1), (1, 32), (32, 32)], "still": [1e-9, 1e9], "segments": [1, 100], "threshold": [1e-9, 1e9],
    "sample_rate": [1, 200, 192_000], "n_fft": [1, 2, 3000], "hop_length": [3, 20_000], "n_mels": [1, 200], "fmin": [-1.0, 3999.0, 8000.0],
    "fmax": [None, 1e-3, 8000.0], "top_db": [None, 1e-9, 500.0], "n_mfcc": [1, 26], "normalise": [True], "trim": [1e-9, 500.0],
    "parts": [1, 100],
}


def try_extremes():
    """Run every feature with each option, and each two options, at their ends; print what was wrong."""
    kinds = [value for value in vars(features).values() if isinstance(value, type) and issubclass(value, features.Feature)]
    for kind in [kind for kind in kinds if kind not in (features.Feature, features.FrameFeature, features.PictureFeature)]:
        names = sorted(kind().get_params())
        ends = [[{name: value} for value in EXTREMES[name]] for name in names]
        for options in [*itertools.chain(*ends), *({**a, **b} for x, y in itertools.combinations(ends, 2) for a in x for b in y)]:
            print(kind.__name__, options, flush=True)
            feature = kind(**({"n_words": 5} if "n_words" in names else {}) | options)  # k-means is slow with more
            try:
                feature.check_options()
                items = [item if isinstance(item, str) else item[:600] for item in items_for(feature, n=2)]
                if hasattr(feature, "size"):
                    items = [np.resize(item[:2], (2, *feature.size, 3)) for item in items]
                rows = feature.fit(items).transform(items)
                assert len(rows) == 2 and np.isfinite(rows).all(), "a row is not finite"
            except ValueError as error:
                assert "\n" not in str(error) and kind.__name__.lower() in str(error).lower() or "mel bands" in str(error), error


@pytest.mark.slow
def test_no_end_of_an_option_ends_the_process():
    """What OpenCV reads past the end of an array kills the process, so a process of its own tries it."""
    code = "import warnings, test_features; warnings.simplefilter('error'); test_features.try_extremes(); print('done')"
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, cwd=Path(__file__).parent,
                          env=os.environ | {"OMP_NUM_THREADS": "1"})
    assert done.stdout.endswith("done\n"), f"{done.stdout.splitlines()[-1:]} {done.stderr[-2000:]}"


def test_every_option_of_a_feature_has_ends_to_try():
    assert {name for feature in FEATURES for name in feature.get_params()} <= set(EXTREMES)


@pytest.mark.parametrize("orientations, cells", [(3, (1, 1)), (1, (3, 1)), (1, (1, 1))])
def test_hog_refuses_blocks_too_small_for_opencv(orientations, cells):
    with pytest.raises(ValueError, match="at least 4 numbers"):
        features.hog(np.zeros((64, 64), np.uint8), orientations=orientations, cells_per_block=cells)
    assert np.isfinite(features.hog(np.eye(64, dtype=np.uint8), orientations=4, cells_per_block=(1, 1))).all()


@every_feature
def test_only_options_that_the_description_depends_on_are_in_the_recipe(feature):
    other = {"pooling": None, "segments": 7, "normalise": True, "n_words": 7, "random_state": 7}
    for name in feature.get_params():
        changed = clone(feature).set_params(**{name: other.get(name, 77)})
        assert (changed.fingerprint() == feature.fingerprint()) == (name in feature.encode_options), name


def test_a_feature_edited_in_a_subclass_has_a_recipe_of_its_own():
    class HOG(features.HOG):
        def describe(self, frames):
            return super().describe(frames[::-1])

    assert HOG().fingerprint() != features.HOG().fingerprint()


@pytest.mark.parametrize(
    "module", "base color described extract gradients keypoints motion segment sound sound_statistics texture words".split()
)
def test_the_examples_in_the_docstrings_run(module):
    found = importlib.import_module(f"vmm_lab.features.{module}")
    result = doctest.testmod(found, verbose=False)
    assert result.failed == 0
    if module != "base":
        assert result.attempted > 0


SHARED = {"COMPARED", "Feature", "FrameFeature", "PictureFeature", "Segment", "content_hash", "describe_table", "descriptions", "is_missing"}


@pytest.mark.parametrize("name", sorted(set(features.__all__) - SHARED))
def test_every_feature_and_every_function_below_it_shows_an_example(name):
    assert ">>>" in getattr(features, name).__doc__
