"""Stage the eleven motions: each bends a resting pose over the frames of a clip so that it keeps to its beats.

Every staging gets the pose (changed in place), the frame numbers t (T,), the beats and their period in frames, and a
random stream for what may vary. The names are the pictures of `actions`.
"""
import numpy as np

from .skeleton import ANKLE, standing

FPS = 25
FRAMES = 50


def ease(x):
    """Smooth step from 0 at x ≤ 0 to 1 at x ≥ 1, with no jerk at either end."""
    x = np.clip(x, 0, 1)
    return x**3 * (x * (6 * x - 15) + 10)


def _bump(x, width):
    """1 at x = 0, falling smoothly to 0 at ±width."""
    return 1 - ease(np.abs(x) / width)


def _since(beats, t, period):
    """Where each frame is between beats, in periods: 0 on a beat; also before the first and after the last."""
    return (t - beats[0]) / period


def idle(rng):
    """Return a living puppet at rest: it breathes, sways and holds its head its own way."""
    t = np.arange(FRAMES)
    pose = standing(FRAMES)
    breath = 2 * np.pi * (t / rng.uniform(32, 46) + rng.uniform())
    sway = 2 * np.pi * (t / rng.uniform(50, 80) + rng.uniform())
    pose.pelvis[:, 1] += 0.012 * np.sin(sway)
    pose.pelvis[:, 2] += 0.004 * np.sin(breath) - 0.012
    pose.roll[:] = 0.02 * np.sin(sway)
    pose.tilt[:] = rng.normal(0, 0.05) + 0.03 * np.sin(sway + 1)
    pose.nod[:] = rng.normal(0, 0.04) + 0.015 * np.sin(breath)
    pose.hands[:, 0, 0] += 0.01 * np.sin(breath) + rng.uniform(0, 0.05)
    pose.hands[:, 1, 0] += 0.01 * np.sin(breath + 0.7) + rng.uniform(0, 0.05)
    pose.hands[:, :, 2] += 0.008 * np.sin(breath)[:, None]
    pose.feet[:, 0, 0] += rng.uniform(-0.03, 0.05)
    return pose


def _walk(pose, t, beats, period, rng):
    phase = _since(beats, t, period)
    stride = rng.uniform(0.27, 0.36)
    first = rng.integers(2)
    for k in (0, 1):
        cycle = ((phase + (k + first) % 2) / 2) % 1          # 0: this foot lands
        swing = np.clip((cycle - 0.5) * 2, 0, 1)
        pose.feet[:, k, 0] = np.where(cycle < 0.5, stride * (0.5 - 2 * cycle), stride * (ease(swing) - 0.5))
        pose.feet[:, k, 1] *= 0.6
        pose.feet[:, k, 2] = ANKLE + 0.10 * np.sin(np.pi * swing) ** 1.5
        pose.toes[:, k] = 0.7 * np.sin(np.pi * swing) * (swing < 0.6) - 0.25 * _bump(cycle % 1 - 1, 0.15)
        pose.hands[:, k, 0] = 0.05 - 0.62 * pose.feet[:, k, 0] / stride * 0.55
        pose.hands[:, k, 2] += 0.06 + 0.03 * np.sin(2 * np.pi * cycle)
    pose.pelvis[:, 2] += -0.035 + 0.022 * np.cos(2 * np.pi * (phase + 0.5))
    pose.pelvis[:, 1] += 0.015 * np.sin(np.pi * phase)
    pose.pitch[:] += 0.07
    pose.nod[:] += 0.03 * np.cos(2 * np.pi * phase)
    pose.travel[:] = stride * (phase - phase.mean())


def _march(pose, t, beats, period, rng):
    phase = _since(beats, t, period)
    height = rng.uniform(0.28, 0.36)
    first = rng.integers(2)
    for k in (0, 1):
        cycle = ((phase + (k + first) % 2) / 2) % 1
        raised = np.sin(np.pi * np.clip(cycle - 0.5, 0, 0.5) * 2) ** 1.3
        pose.feet[:, k, 2] = ANKLE + height * raised
        pose.feet[:, k, 0] = 0.02 + 0.08 * raised
        pose.feet[:, k, 1] *= 0.8
        pose.toes[:, k] = 0.5 * raised
        pose.hands[:, 1 - k, 0] += 0.28 * raised
        pose.hands[:, 1 - k, 2] += 0.30 * raised
    pose.pelvis[:, 2] += 0.012 * np.cos(2 * np.pi * (phase + 0.5))
    pose.tilt[:] += 0.03 * np.sin(np.pi * phase)


def _flight(t, beats):
    """How high (0 to 1) a puppet is that lands on each beat, and how low it crouches before and after."""
    height, crouch = np.zeros(len(t)), np.zeros(len(t))
    for beat in beats:
        x = (t - (beat - 11)) / 11
        height = np.maximum(height, np.where((x > 0) & (x < 1), 4 * x * (1 - x), 0))
        crouch = np.maximum(crouch, _bump(t - (beat - 13), 5))
        crouch = np.maximum(crouch, 0.9 * np.where(t >= beat, _bump(t - beat - 1.5, 6), 0))
    return height, np.where(height > 0, 0, crouch)


def _jump(pose, t, beats, period, rng):
    height, crouch = _flight(t, beats)
    up, reach = rng.uniform(0.11, 0.17), rng.uniform(0.1, 0.5)
    pose.pelvis[:, 2] += up * height - 0.16 * crouch
    pose.pelvis[:, 0] -= 0.05 * crouch
    pose.pitch[:] += 0.30 * crouch
    pose.feet[:, :, 2] += (up * height + 0.07 * height)[:, None]
    pose.toes[:] = 0.7 * (height > 0)[:, None] * np.sqrt(height)[:, None]
    side = np.array([1.0, -1.0])
    pose.hands[:, :, 0] += (-0.22 * crouch + 0.16 * height)[:, None]
    pose.hands[:, :, 1] += (0.10 * height)[:, None] * side
    pose.hands[:, :, 2] += (0.08 * crouch + (0.25 + 0.3 * reach) * height)[:, None]


def _star_jump(pose, t, beats, period, rng):
    height, crouch = _flight(t, beats)
    up = rng.uniform(0.10, 0.16)
    spread = np.sqrt(height) * rng.uniform(0.7, 1.0)
    side = np.array([1.0, -1.0])
    pose.pelvis[:, 2] += up * height - 0.12 * crouch
    pose.pitch[:] += 0.2 * crouch
    pose.feet[:, :, 1] += 0.20 * spread[:, None] * side
    pose.feet[:, :, 2] += (up * height + 0.06 * spread)[:, None]
    pose.toes[:] = 0.5 * spread[:, None]
    pose.hands[:, :, 1] += (0.30 * np.sin(np.pi * np.clip(spread, 0, 1) * 0.72) - 0.02 * crouch)[:, None] * side
    pose.hands[:, :, 2] += (0.78 * spread + 0.04 * crouch)[:, None]


def _clap(pose, t, beats, period, rng):
    apart = np.abs(np.sin(np.pi * np.clip(_since(beats, t, period), -0.5, None))) ** 0.8
    level, far = rng.uniform(-0.16, 0.06), rng.uniform(0.26, 0.34)
    opening = rng.uniform(0.15, 0.25)
    for k, side in ((0, 1), (1, -1)):
        pose.hands[:, k, 0] = far - 0.05 * apart
        pose.hands[:, k, 1] = side * (-0.165 + 0.035 + opening * apart)
        pose.hands[:, k, 2] = level + 0.03 * apart * side
    pose.nod[:] += 0.05 * (1 - apart)


def _bow(pose, t, beats, period, rng):
    start, hold = rng.uniform(3, 7), rng.uniform(14, 20)
    down = ease((t - start) / 11) * (1 - ease((t - start - 11 - hold) / 12))
    deep = rng.uniform(0.75, 1.0)
    pose.pitch[:] += deep * down
    pose.pelvis[:, 0] -= 0.14 * down
    pose.pelvis[:, 2] -= 0.03 * down
    pose.nod[:] += 0.35 * down
    k = rng.integers(2)
    arm = ease((t - start + 6) / 10) * (1 - ease((t - start - 17 - hold) / 10))
    pose.hands[:, k] += arm[:, None] * (np.array([0.24, (0.02 - 0.22) * (1 - 2 * k), -0.26]) - pose.hands[:, k])
    pose.hands[:, 1 - k] += arm[:, None] * (np.array([-0.16, (1 - 2 * (1 - k)) * 0.22, -0.33]) - pose.hands[:, 1 - k])


def _sit(pose, t, beats, period, rng):
    down = ease((t - beats[0]) / period + 0.5)
    lean = np.sin(np.pi * np.clip((t - beats[0]) / period + 0.5, 0, 1)) ** 2
    pose.pelvis[:, 0] -= 0.27 * down
    pose.pelvis[:, 2] -= 0.28 * down
    pose.pitch[:] += 0.45 * lean + 0.04 * down
    pose.feet[:, :, 0] += 0.06
    knees = np.array([[0.30, -0.01, -0.32], [0.30, 0.01, -0.32]])
    pose.hands[:] += down[:, None, None] * (knees - pose.hands)
    pose.hands[:, :, 0] += 0.10 * lean[:, None]
    pose.nod[:] += 0.15 * lean


def _lift(pose, t, beats, period, rng):
    x = (t - beats[0]) / period
    low = 1 - ease(np.abs(x) * 1.9)
    after = ease(x * 1.9)
    pose.pelvis[:, 2] -= 0.34 * low
    pose.pelvis[:, 0] -= 0.14 * low
    pose.pitch[:] += 0.85 * low
    pose.nod[:] += 0.25 * low
    pose.feet[:, 0, 0] += 0.05
    side = np.array([1.0, -1.0])
    grip = np.array([[0.29, -0.055, -0.22], [0.29, 0.055, -0.22]])
    reach = np.array([[0.12, -0.055, -0.44], [0.12, 0.055, -0.44]])
    pose.hands[:] += after[:, None, None] * (grip - pose.hands)
    pose.hands[:] += low[:, None, None] * (reach - pose.hands)
    pose.hands[:, :, 1] += 0.05 * side * (1 - np.maximum(low, after))[:, None]


def _strike(pose, t, beats, period, rng):
    out = np.zeros(len(t))
    for beat in beats:
        out = np.maximum(out, np.where(t <= beat, _bump(t - beat, 3.2), _bump(t - beat, 5.0)))
    ready = ease((t - beats[0] + 11) / 8) * (1 - ease((t - beats[-1] - 5) / 9))
    level = rng.uniform(-0.05, 0.10)
    k = rng.integers(2)
    back = np.array([0.14, (1 - 2 * k) * 0.02, level - 0.10])
    forth = np.array([0.47, (1 - 2 * k) * -0.05, level])
    target = back + out[:, None] * (forth - back)
    pose.hands[:, k] += ready[:, None] * (target - pose.hands[:, k])
    pose.hands[:, 1 - k] += 0.6 * ready[:, None] * (np.array([0.18, (2 * k - 1) * 0.02, -0.26]) - pose.hands[:, 1 - k])
    pose.pelvis[:, 0] += 0.03 * out * ready
    pose.pitch[:] += 0.10 * out * ready
    pose.feet[:, 1 - k, 0] += 0.10
    pose.feet[:, k, 0] -= 0.08


def _wave(pose, t, beats, period, rng):
    up = ease((t - rng.uniform(0, 5)) / 9) * (1 - ease((t - rng.uniform(43, 50)) / 8))
    swing = np.sin(2 * np.pi * (t / period + rng.uniform()))
    k = rng.integers(2)
    side = 1 - 2 * k
    raised = np.stack([0.10 + 0 * t, side * (0.27 + 0.11 * swing), rng.uniform(0.22, 0.34) - 0.03 * np.abs(swing)], -1)
    pose.hands[:, k] += up[:, None] * (raised - pose.hands[:, k])
    pose.roll[:] -= 0.03 * side * up
    pose.tilt[:] += 0.07 * side * up


def _shake(pose, t, beats, period, rng):
    jolt = np.zeros(len(t))
    for beat in beats:
        jolt = np.maximum(jolt, np.where(t <= beat, _bump(t - beat, 2.5), _bump(t - beat, period * 0.8)))
    over = ease((t - beats[0] + 9) / 7)
    k = rng.integers(2)
    mouth = np.array([0.235, (1 - 2 * k) * -0.15, 0.155])
    pose.hands[:, k] += over[:, None] * (mouth - pose.hands[:, k])
    pose.pitch[:] += 0.07 * over + 0.16 * jolt
    pose.nod[:] += 0.05 * over + 0.20 * jolt
    pose.pelvis[:, 2] -= 0.025 * jolt
    pose.hands[:, k, 0] += 0.05 * jolt
    pose.hands[:, k, 2] -= 0.05 * jolt
    pose.hands[:, 1 - k] += 0.5 * over[:, None] * (np.array([0.16, 0.0, -0.30]) - pose.hands[:, 1 - k])


STAGINGS = {
    "walk": _walk,
    "march": _march,
    "jump": _jump,
    "star_jump": _star_jump,
    "clap": _clap,
    "bow": _bow,
    "sit": _sit,
    "lift": _lift,
    "strike": _strike,
    "wave": _wave,
    "shake": _shake,
}
