"""The ceilings are those of the process that draws the clips, and nothing in a clip tells more than it should."""
import itertools
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest

from vmm_lab import theatre
from vmm_lab.theatre import captions, plans, rendering
from vmm_lab.theatre.actions import BY_NAME, observations, observe
from vmm_lab.theatre.actors import CAST
from vmm_lab.theatre.motions import FRAMES, perform

pytestmark = pytest.mark.slow  # it simulates observers

SENSES = ("image", "video", "sound", "words")


@pytest.mark.parametrize("senses", ["image", "video", "sound", "words", "sound+words", "video+sound", "all"])
def test_a_ceiling_is_what_a_simulated_ideal_observer_reaches(senses):
    rng = np.random.default_rng(0)
    used = SENSES if senses == "all" else senses.split("+")

    def draw(count):
        for _ in range(count):
            name = theatre.ACTIONS[rng.integers(len(theatre.ACTIONS))]
            yield tuple(observe(name, sense, rng) for sense in used), name

    seen = defaultdict(Counter)
    for observation, name in draw(30_000):
        seen[observation][name] += 1
    answer = {observation: counts.most_common(1)[0][0] for observation, counts in seen.items()}
    right = np.mean([answer.get(observation) == name for observation, name in draw(15_000)])
    assert right == pytest.approx(theatre.ceiling(senses), abs=0.015)


def test_the_ceilings_stand_where_the_plan_puts_them():
    assert 0.75 <= theatre.ceiling("video") <= 0.85
    assert theatre.ceiling("image") < theatre.ceiling("video")
    assert theatre.ceiling("sound") <= 0.75 and theatre.ceiling("words") <= 0.75
    assert theatre.ceiling("all") >= 0.98


def test_a_ceiling_is_never_lower_with_one_modality_more():
    for pair in itertools.combinations(SENSES, 2):
        assert theatre.ceiling(pair) >= max(theatre.ceiling(sense) for sense in pair) - 1e-12


def test_frames_tell_frame_actions_and_only_their_order_tells_order_pairs():
    assert theatre.ceiling("image", actions=theatre.FRAME_ACTIONS) == 1
    assert theatre.ceiling("video", actions=theatre.VIDEO_ACTIONS) == pytest.approx(1)
    for pair in theatre.ORDER_PAIRS:
        assert theatre.ceiling("image", actions=pair) == 0.5 and theatre.ceiling("video", actions=pair) == 1
        assert theatre.ceiling("sound", actions=pair) == 0.5
    assert len(theatre.ORDER_PAIRS) == 2 and set(itertools.chain(*theatre.ORDER_PAIRS)) < set(theatre.VIDEO_ACTIONS)


@pytest.mark.parametrize("asked", ["smell", "", "sound+smell", ()])
def test_an_unknown_modality_is_refused(asked):
    with pytest.raises(ValueError, match="modality"):
        theatre.ceiling(asked)


def test_an_unknown_action_is_refused():
    with pytest.raises(ValueError, match="dance"):
        theatre.ceiling("video", actions=("jump", "dance"))


def test_probabilities_of_what_is_observed_add_up_to_one():
    for name, sense in itertools.product(theatre.ACTIONS, SENSES):
        assert sum(observations(name, sense).values()) == pytest.approx(1)


def as_another(p, action):
    """The same plan and the same random streams, but of another action that may give the same observations."""
    stream = p.stream
    twin = p._replace(action=action)

    class Twin(type(p)):
        def stream(self, purpose):
            return stream(purpose)

    return Twin(*twin)


@pytest.mark.parametrize("one, other", [("punch", "knock"), ("laugh", "cough"), ("greet", "say_goodbye")])
def test_look_alikes_are_the_same_pixel_by_pixel(one, other):
    p = next(p for p in plans.plan("full", "busy", 0) if p.action == one)
    take, _ = rendering.perform_clip(p)
    twin, _ = rendering.perform_clip(as_another(p, other))
    assert np.array_equal(take.frames, twin.frames) and np.array_equal(take.keypoints, twin.keypoints)


def test_look_alikes_are_still_filmed_each_for_itself():
    punch, knock = (next(p for p in plans.plan("full", "calm", 0) if p.action == name) for name in ("punch", "knock"))
    assert not np.array_equal(rendering.perform_clip(punch)[0].frames, rendering.perform_clip(knock)[0].frames)


def same_sound():
    sounds = defaultdict(list)
    for name, action in BY_NAME.items():
        sounds[action.sound].append(name)
    return [pair for sound, names in sounds.items() if sound != "quiet" for pair in itertools.combinations(names, 2)]


@pytest.mark.parametrize("one, other", same_sound())
def test_what_sounds_alike_is_heard_at_the_same_times(one, other):
    """For one random stream, or over many where one action is the other played backwards."""
    def beats(name, seed):
        action = BY_NAME[name]
        found = perform(action.picture, np.random.default_rng(seed)).beats
        return np.sort(FRAMES - 1 - found) if action.backwards else found

    if BY_NAME[one].picture == BY_NAME[other].picture:
        counts = [Counter(int(beats(name, seed)[0]) for seed in range(1500)) for name in (one, other)]
        frames = sorted(set(counts[0]) | set(counts[1]))
        assert all(abs(counts[0][frame] - counts[1][frame]) < 110 for frame in frames), counts
        middle = [np.mean(list(count.elements())) for count in counts]
        assert middle == pytest.approx([(FRAMES - 1) / 2] * 2, abs=0.15)
    else:
        for seed in range(20):
            assert np.array_equal(beats(one, seed), beats(other, seed))


@pytest.mark.parametrize("one, other", same_sound())
def test_what_sounds_alike_is_the_same_wave_for_the_same_beats(one, other):
    p = next(p for p in plans.plan("full", "calm", 0) if p.action == one and p.sound != "quiet")
    _, wave = rendering.perform_clip(p)
    _, twin = rendering.perform_clip(as_another(p, other))
    if BY_NAME[one].picture != BY_NAME[other].picture:
        assert np.array_equal(wave, twin)
    else:       # the beat falls elsewhere, everything else is the same
        assert wave.std() == pytest.approx(twin.std(), rel=0.05)


def test_vague_and_gap_captions_say_the_same_of_all_actions_they_may_stand_for():
    setting = dict(actor=CAST[0], scene="park", prop="ball", color="red", expression="sad")
    for name, action in BY_NAME.items():
        for meaning in (("vague", action.vague), ("elsewhere", ""), ("gap", "")):
            assert meaning in observations(name, "words")
    first = captions.write_caption(("vague", "bends"), rng=np.random.default_rng(1), **setting)
    assert first == captions.write_caption(("vague", "bends"), rng=np.random.default_rng(1), **setting)


def test_plain_captions_of_two_actions_are_never_the_same_words():
    phrases = [(phrase, name) for name, options in captions._PHRASES["plain"].items() for phrase in options]
    phrases += [(phrase, kind) for kind, options in captions._PHRASES["vague"].items() for phrase in options]
    phrases += [(phrase, "elsewhere") for phrase in captions._PHRASES["elsewhere"]]
    assert len({phrase for phrase, _ in phrases}) == len(phrases)


def test_setting_and_mood_say_nothing_of_the_action():
    table = plans.table(plans.plan("full", "calm", 0), Path("/"))
    for column in ("scene", "prop", "prop_color", "expression"):
        counts = table.groupby(["label", column]).size().unstack(fill_value=0).to_numpy()
        expected = counts.sum(0) / len(counts)
        chi = ((counts - expected) ** 2 / expected).sum()
        freedom = (counts.shape[0] - 1) * (counts.shape[1] - 1)
        assert chi < freedom + 4 * np.sqrt(2 * freedom), column
