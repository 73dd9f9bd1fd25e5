"""Few labels: curves on held-out groups, what a method may see, prototypes, pseudo-labels and choices as by hand."""
import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.metrics import pairwise_distances

import vmm_lab as vl
from vmm_lab import features, tasks
from vmm_lab.tables import TableError
from vmm_lab.tasks import (
    ActiveLearning,
    FeatureMethod,
    LinearSVM,
    Prototypes,
    SelfTraining,
    choose_next,
    learning_curve,
)


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("VMM_LAB_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def table(tmp_path):
    """Pictures of three colours by six people, whose light differs; eight for each colour and person."""
    rng, rows = np.random.default_rng(0), []
    for g, group in enumerate("abcdef"):
        for k in range(24):
            color = np.array([(200, 60, 60), (60, 200, 60), (60, 60, 200)][k % 3])
            image = np.clip(color + 12 * g + rng.normal(0, 40, 3) + rng.normal(0, 20, (16, 16, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(image).save(tmp_path / f"{group}{k}.png")
            rows.append((str(tmp_path / f"{group}{k}.png"), ("red", "green", "blue")[k % 3], group))
    return pd.DataFrame(rows, columns=["path", "label", "group"])


COLORS = features.ColorHistogram(size=(16, 16))


class Spy(FeatureMethod):
    """Notes what it was given."""

    seen: list = []

    def fit_unlabelled(self, items):
        Spy.seen.append(("unlabelled", set(items.groups), len(items)))
        return self

    def fit_items(self, items, y, groups=None):
        Spy.seen.append(("labelled", set(items.groups), sorted(y)))
        return super().fit_items(items, y, groups)

    def predict_items(self, items):
        Spy.seen.append(("tested", set(items.groups), len(items)))
        return super().predict_items(items)


# ---- the curve ----

def test_a_method_sees_so_many_labels_of_each_class_and_never_a_held_out_group(table):
    Spy.seen = []
    curve = learning_curve(table, {"spy": Spy(COLORS)}, labels_per_class=(1, 3), draws=2, test=1 / 3, progress=False)
    assert list(curve.frame.columns) == [1, 3] and len(curve.runs) == 4
    for draw in (Spy.seen[:5], Spy.seen[5:]):
        (_, pool, n), (_, _, one), (_, tested, _), (_, learnt, three), _ = draw
        assert n == 96 and len(pool) == 4 and len(tested) == 2 and not pool & tested and learnt <= pool
        assert one == ["blue", "green", "red"] and three == ["blue"] * 3 + ["green"] * 3 + ["red"] * 3
    assert Spy.seen[2][1] != Spy.seen[7][1]  # another draw holds out others


@pytest.mark.slow
def test_all_methods_get_the_same_labels_and_the_curve_is_the_same_again(table):
    methods = {"one": COLORS, "same": FeatureMethod(COLORS)}
    first, again = (learning_curve(table, methods, labels_per_class=(1, 4), draws=3, progress=False) for _ in range(2))
    pd.testing.assert_frame_equal(first.runs, again.runs)
    np.testing.assert_array_equal(first.frame.loc["one"], first.frame.loc["same"])
    assert first.frame.loc["one", 4] > 1 / 3 and (first.gain("one").loc["same"] == 0).all()
    np.testing.assert_allclose(first.deviation.loc["one", 1], first.runs[first.runs.labels == 1].accuracy[first.runs.method == "one"].std())


def test_the_plot_has_a_line_with_bars_for_each_method(table):
    curve = learning_curve(table, {"colours": COLORS, "near": FeatureMethod(COLORS, Prototypes())}, labels_per_class=(1, 2), draws=2, progress=False)
    axis = curve.plot().axes[0]
    assert [entry.get_label() for entry in axis.containers] == ["colours", "near"] and "learning curves of 2" in curve.plot().alt


def test_without_groups_a_warning_says_so(table):
    curve = learning_curve(table.drop(columns="group"), {"colours": COLORS}, labels_per_class=(2,), draws=1, progress=False)
    assert any("no groups to hold out" in warning for warning in curve.warnings) and curve.deviation.isna().all(axis=None)


@pytest.mark.parametrize(("options", "words"), [
    ({"labels_per_class": (5, 2)}, "numbers of at least 1 that grow"), ({"labels_per_class": ()}, "that grow"),
    ({"labels_per_class": (0, 2)}, "at least 1"), ({"draws": 0}, "draws"), ({"labels_per_class": (200,)}, "ask for at most")])
def test_options_that_cannot_be_met_are_refused_in_one_sentence(table, options, words):
    with pytest.raises(ValueError, match=words):
        learning_curve(table, {"colours": COLORS}, progress=False, **options)


@pytest.mark.slow
def test_no_methods_a_method_that_reads_nothing_and_a_strange_baseline_are_refused(table):
    with pytest.raises(ValueError, match="no method to compare"):
        learning_curve(table, {}, progress=False)
    with pytest.raises(TableError, match="leave it out"):
        learning_curve(table, {"sound": features.MFCC(), "colours": COLORS}, progress=False)
    with pytest.raises(ValueError, match="There is no method 'x'"):
        learning_curve(table, {"colours": COLORS}, labels_per_class=(1,), draws=1, progress=False).gain("x")


# ---- prototypes, pseudo-labels ----

def test_prototypes_are_the_means_of_rows_of_length_one():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(30, 5)) + 2 * np.eye(5)[np.arange(30) % 3], np.array(list("abc"))[np.arange(30) % 3]
    model = Prototypes().fit(X, y)
    Z = (X - X.mean(0)) / X.std(0)
    Z /= np.linalg.norm(Z, axis=1, keepdims=True)
    means = np.stack([Z[y == name].mean(0) for name in "abc"])
    np.testing.assert_array_equal(model.predict(X), np.array(list("abc"))[pairwise_distances(Z, means).argmin(1)])
    np.testing.assert_allclose(model.predict_proba(X).sum(1), 1)


def test_pseudo_labels_move_a_boundary_to_where_no_rows_are():
    # Two long clouds, a label each near the wrong ends: alone, those two put the boundary across the clouds.
    rng = np.random.default_rng(0)
    X = np.concatenate([np.c_[np.linspace(0, 6, 60), rng.normal(0, 0.1, 60)], np.c_[np.linspace(0, 6, 60), rng.normal(2, 0.1, 60)]])
    y = np.repeat(["low", "high"], 60)
    items = tasks.Items(120, [features.Described(X)])
    few = [10, 100]
    alone, taught = FeatureMethod(COLORS, Prototypes()), SelfTraining(COLORS, Prototypes()).fit_unlabelled(items)
    scores = [np.mean(m.fit_items(items.take(few), y[few]).predict_items(items).argmax(1) == (y == "low")) for m in (alone, taught)]
    assert scores[1] > scores[0] and list(taught.classes_) == ["high", "low"]


@pytest.mark.slow
def test_pseudo_labels_without_unlabelled_rows_are_the_classifier_itself(table):
    curve = learning_curve(table, {"a": FeatureMethod(COLORS, LinearSVM())}, labels_per_class=(4,), draws=1, progress=False)
    method = SelfTraining(COLORS, LinearSVM()).fit(table)
    np.testing.assert_array_equal(method.predict(table), FeatureMethod(COLORS, LinearSVM()).fit(table).predict(table))
    assert curve.frame.notna().all(axis=None)


@pytest.mark.slow
def test_a_vote_hands_the_unlabelled_rows_to_its_members_and_averages_them(table):
    Spy.seen = []
    vote = tasks.TaughtVote([Spy(COLORS), FeatureMethod(COLORS, Prototypes())])
    curve = learning_curve(table, {"vote": vote}, labels_per_class=(2,), draws=1, progress=False)
    assert Spy.seen[0][0] == "unlabelled" and Spy.seen[0][2] > Spy.seen[2][2] and curve.frame.iloc[0, 0] > 1 / 3
    vote.fit(table)
    both = [FeatureMethod(COLORS).fit(table), FeatureMethod(COLORS, Prototypes()).fit(table)]
    np.testing.assert_allclose(vote.predict_proba(table), np.mean([one.predict_proba(table) for one in both], axis=0))


# ---- which labels to ask for ----

def test_the_margin_is_the_gap_between_the_two_most_probable_classes():
    p = np.array([[0.5, 0.4, 0.1], [0.9, 0.05, 0.05], [0.34, 0.33, 0.33], [0.6, 0.2, 0.2]])
    assert choose_next(np.zeros((4, 1)), [], 4, probabilities=p).tolist() == [2, 0, 3, 1]
    assert choose_next(np.zeros((4, 1)), [2], 2, probabilities=p).tolist() == [0, 3]


def test_k_centers_are_far_from_what_is_labelled_and_from_one_another():
    X = np.array([[0.0], [1], [10], [11], [20]])
    assert choose_next(X, [0], 2, strategy="k-center").tolist() == [4, 2]
    assert len(set(choose_next(np.zeros((5, 2)), [], 5, strategy="k-center"))) == 5


def test_typical_rows_lie_in_the_middle_of_clusters_without_a_label():
    rng = np.random.default_rng(0)
    X = np.concatenate([rng.normal(m, 0.3, (40, 2)) for m in ((0, 0), (10, 0), (0, 10))])
    found = choose_next(X, [5], 2, strategy="typical")
    assert sorted(found // 40) == [1, 2]
    centres = np.stack([X[40:80].mean(0), X[80:].mean(0)])
    assert pairwise_distances(X[found], centres).min(1).max() < 0.3  # a random row is 0.38 away on average
    assert len(set(choose_next(X[:6], [0], 5, strategy="typical"))) == 5


def test_random_choices_go_on_where_they_were_and_do_not_look_at_the_rows():
    X = np.random.default_rng(0).normal(size=(30, 3))
    first = choose_next(X, [], 8, strategy="random")
    then = choose_next(-X, first, 8, strategy="random")
    assert np.append(first, then).tolist() == choose_next(X, [], 16, strategy="random").tolist() and len({*first, *then}) == 16
    assert choose_next(X, [], 8, strategy="random", seed=1).tolist() != first.tolist()


@pytest.mark.parametrize(("options", "words"), [
    ({"n": 5}, "ask for fewer"), ({"n": 1, "strategy": "margin"}, "needs the probabilities"), ({"n": 1, "strategy": "x"}, "strategy")])
def test_choices_that_cannot_be_made_are_refused(options, words):
    with pytest.raises(ValueError, match=words):
        choose_next(np.eye(5), [0], **options)


def test_active_learning_begins_with_the_same_labels_and_asks_for_as_many(table):
    method = ActiveLearning(COLORS, LinearSVM(), strategy="k-center")
    curve = learning_curve(table, {"random": FeatureMethod(COLORS, LinearSVM()), "active": method}, labels_per_class=(1, 4), draws=2, progress=False)
    assert curve.frame.loc["active", 1] == curve.frame.loc["random", 1] and (curve.frame.loc["active", 4] <= 1)


# ---- encoders that learn without labels ----

@pytest.mark.slow
def test_the_correspondence_learns_which_sound_belongs_to_which_clip():
    from vmm_lab.networks import predict, pretrain_correspondence, untrained_encoder

    rng = np.random.default_rng(0)
    kind = rng.integers(0, 4, 500)
    # What varies most, and stays the same over a clip, is not what the sound belongs to.
    X = (rng.normal(size=(500, 8, 20)) + 3 * rng.normal(size=(500, 1, 20)) * (np.arange(20) > 3)).astype(np.float32)
    X[np.arange(500), :, kind] += 2
    sound = rng.normal(size=(500, 8, 6)).astype(np.float32)
    sound[np.arange(500), :, kind] += 3
    scores = []
    for encoder in (untrained_encoder(X[:300]), pretrain_correspondence(X[:300], sound[:300], steps=150)):
        assert encoder.output_shape == (None, 288)
        Z = predict(encoder, X)
        scores.append(np.mean(LinearSVM().fit(Z[:12], kind[:12]).predict(Z[300:]) == kind[300:]))
    assert scores[1] > scores[0] + 0.05  # 0.46 and 0.26


@pytest.mark.slow
def test_the_order_of_time_is_learnt_and_shuffled_clips_keep_their_quarters():
    from vmm_lab.networks import pretrain_order
    from vmm_lab.networks.self_supervised import in_order

    rng = np.random.default_rng(0)
    for _ in range(20):
        order = in_order(16, "shuffled", rng)
        assert sorted(order) == list(range(16)) and (np.diff(order) == 1).sum() >= 12 and list(order) != list(range(16))
    X = np.cumsum(np.abs(rng.normal(size=(40, 8, 12))), axis=1).astype(np.float32)
    assert pretrain_order(X, epochs=2).output_shape == (None, 288)
    with pytest.raises(ValueError, match="at least 2 clips"):
        pretrain_order(X[0])


@pytest.mark.slow
def test_a_self_supervised_method_predicts_from_pictures_alone():
    clips = vl.load_table("data/sample/clips.csv")
    for pretext in ("nothing", "order", "correspondence"):
        method = tasks.SelfSupervised(pretext).fit(clips)
        assert method.predict_proba(clips).shape == (4, 2)
    with pytest.raises(ValueError, match="pretext"):
        tasks.SelfSupervised("guess").fit(clips)
