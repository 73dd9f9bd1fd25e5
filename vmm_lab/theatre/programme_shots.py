"""Film the shots of a programme: people and things before a camera that stands still, pans or comes nearer."""
import cv2
import numpy as np

from .actions import BY_NAME
from .actors import CAST, COLORS
from .drawing import SCALE, Camera, Shape, ellipse, mix, paint
from .motions import FRAMES, idle, perform
from .programme_plans import FPS
from .props import draw_prop
from .puppet import PARTS, draw_puppet
from .scenes import pan_over
from .skeleton import TILT, Body, Pose
from .sound import RATE, _decay, _voiced, make_sound

SIZE = (96, 128)        # height, width of the picture
_EVERY = 2              # motions have 25 frames per second
_VOWELS = ((730, 1090), (530, 1840), (270, 2290), (570, 840), (300, 870))       # formants, hertz
_NO_PARTS = dict.fromkeys(PARTS, 0)     # nobody asks which part of a puppet a pixel shows
_MARGIN = 72            # pixels of backdrop beyond the picture, for a camera that moves


def film_shot(shot, before, after, paint_names):
    """Film a shot and `before` and `after` more frames around it, uint8 (T, 96, 128, 3), and say when it is heard.

    Returns the frames and the seconds, counted from the start of the shot, at which what its first actor does sounds.
    """
    rng = np.random.default_rng(shot.seed)
    count = before + shot.length + after
    trap = shot.trap or ("", 0)
    camera = _camera(shot, count, before + trap[1] if trap[0] == "fast pan" else None, rng)
    shapes, shadows, beats = [], [], np.array([])
    places = np.linspace(-1, 1, len(shot.actors) + 2)[1:-1] * 0.42 * SIZE[1] / shot.zoom * (len(shot.actors) > 1)
    for k, (actor, action) in enumerate(zip(shot.actors, shot.actions)):
        place = (places[k] + rng.uniform(-0.1, 0.1), rng.uniform(-0.5, 0.2) if k else 0.0)
        body, heard = _body(action, CAST[actor], count, place, rng)
        shapes += draw_puppet(body, shot.expression if k == 0 else "neutral", _blinks(count, rng), parts=_NO_PARTS)
        shadows.append(body)
        beats = heard / (_EVERY * FPS) - before / FPS if k == 0 else beats
    if trap[0] == "passer-by":
        shapes += _passer_by(count, before + trap[1], shot.zoom, rng)
    shapes += _things(shot, count, paint_names)
    frames, _ = paint(shapes or [_NOTHING], _backdrops(shot, camera, shadows, rng), camera)
    if trap[0] == "fast pan":
        frames = _smear(frames, camera)
    if trap[0] == "flash":
        for k in range(rng.integers(1, 3)):
            bright = frames[before + trap[1] + k]
            bright[:] = np.clip(bright * 0.35 + rng.uniform(150, 190), 0, 255)
    return frames, beats[beats > 0]


_NOTHING = Shape(np.zeros((1, 3, 2)), (0, 0, 0), np.array([np.nan]))


def _camera(shot, count, whip, rng):
    """The camera over time. People far away stand on the floor of the picture; of near ones the face is in it."""
    t = np.linspace(0, 1, count)
    zoom = shot.zoom * (1 + 0.18 * t * (shot.camera == "push"))
    x = rng.choice([-1, 1]) * rng.uniform(0.2, 0.5) * (t - 0.5) * (shot.camera == "pan")
    if whip is not None:        # to the side in a third of a second, at a place that would be a cut if it were quicker
        x = x + rng.choice([-1, 1]) * rng.uniform(34, 46) / shot.zoom * np.clip((np.arange(count) - whip) / 5, 0, 1)
    head = 1.42 * (CAST[shot.actors[0]].height if shot.actors else 1.7) / 1.7
    down = 0.90 * SIZE[0] if shot.zoom < 44 else 0.40 * SIZE[0] + zoom * head
    down = 0.55 * SIZE[0] + zoom * 0.13 if not shot.actors and shot.role != "title" else down
    return Camera(zoom, np.stack([SIZE[1] / 2 + zoom * x, np.broadcast_to(down, count)], 1))


def _body(action, actor, count, place, rng):
    """A puppet that does something as long as the shot lasts, and the frames (25 a second) at which it is heard."""
    pieces, heard, facing = [], [], rng.uniform(-0.5, 0.5)
    for k in range(-(-count * _EVERY // FRAMES)):
        if action == "talk":
            pieces.append(_talk(rng))
            continue
        show = perform(BY_NAME[action].picture, rng, freedom=0.5)
        pieces.append(show.pose)
        heard.append(show.beats + k * FRAMES)
        facing = facing if k else show.facing
    fields = []
    for field in Pose.__dataclass_fields__:
        parts = [getattr(piece, field) for piece in pieces]
        if field == "travel":       # each piece goes on from where the one before came to; the middle is the mark
            step = [part[-1] - part[0] + (part[-1] - part[-2]) for part in parts]
            parts = [part - part[0] + sum(step[:k]) - sum(step) / 2 for k, part in enumerate(parts)]
        whole = np.concatenate(parts)
        for join in range(FRAMES, len(whole), FRAMES) if field != "travel" else ():
            weight = np.linspace(0, 1, 12).reshape(-1, *[1] * (whole.ndim - 1))
            whole[join - 6:join + 6] = (1 - weight) * whole[join - 6] + weight * whole[join + 5]
        fields.append(whole[::_EVERY][:count])
    return Body(Pose(*fields), actor, facing=facing, place=place), np.concatenate(heard or [np.array([])])


def _talk(rng):
    """Stand and speak with the hands."""
    pose, t = idle(rng), np.arange(FRAMES)
    for side in (0, 1):
        swing = np.sin(2 * np.pi * (t / rng.uniform(18, 34) + rng.uniform())) * rng.uniform(0.2, 1)
        pose.hands[:, side] += np.array([0.20, 0, 0.20]) + np.outer(swing, [0.05, 0.03, 0.07])
    pose.nod += 0.06 * np.sin(2 * np.pi * (t / rng.uniform(9, 16) + rng.uniform()))
    return pose


def _blinks(count, rng):
    t = np.arange(count)
    times = rng.integers(count, size=1 + count // 40)
    return np.clip(np.abs(t[:, None] - times).min(1) / 1.5, 0, 1)


def _passer_by(count, first, zoom, rng):
    """Somebody who walks through the picture close to the camera, within about a second."""
    actor = CAST[rng.integers(len(CAST))]
    actor = actor._replace(height=actor.height * 1.5 * max(1, 40 / zoom))
    body, _ = _body("walk", actor, count, (0.0, 1.0), rng)
    way = SIZE[1] / zoom / 2 + 0.8
    x = rng.choice([-1, 1]) * way * ((np.arange(count) - first) / 7 - 1)
    shift = np.stack([x - body.joints["pelvis"][:, 0], np.zeros(count)], 1)[:, None]
    return [shape._replace(points=shape.points + shift, depth=shape.depth + 10)
            for shape in draw_puppet(body, "neutral", np.ones(count), parts=_NO_PARTS)]


def _things(shot, count, paint_names):
    """The desk of a studio, the board of a classroom, or the thing that is shown."""
    def box(x, y, wide, tall, color, depth):
        return Shape(np.array([[(x, y), (x + wide, y), (x + wide, y + tall), (x, y + tall)]]), color, np.array([depth]))

    first, second = (COLORS[name] for name in paint_names)
    if shot.how and shot.how.furniture == "desk":
        return [box(-1.2, 0.45, 2.4, 0.42, mix(first, (30, 30, 40), 0.3), 3.0),
                box(-1.25, 0.84, 2.5, 0.06, first, 3.1), box(0.45, 1.15, 0.62, 0.5, (40, 44, 54), -3.0),
                box(0.48, 1.18, 0.56, 0.44, mix(second, (255, 255, 255), 0.3), -2.9)]
    if shot.how and shot.how.furniture == "board":
        lines = [box(-0.98 + 0.1 * (k % 2), 1.55 - 0.13 * k, 0.3 + 0.12 * ((shot.seed >> k) % 4), 0.03,
                     (236, 240, 232), -2.8) for k in range(4)]
        return [box(-1.15, 0.92, 2.3, 0.86, mix(second, (120, 90, 60), 0.5), -3.0),
                box(-1.09, 0.98, 2.18, 0.74, mix(first, (24, 48, 44), 0.75), -2.9), *lines]
    if shot.how and not shot.actors:
        turn = 2 * np.pi * np.arange(count) / (FPS * 3)
        return draw_prop(shot.prop, shot.color, np.stack([0.06 * np.sin(turn), 0.13 + 0.02 * np.cos(turn)], 1), 0.0)
    return []


def _backdrops(shot, camera, bodies, rng):
    """Yield the backdrop of each frame with shadows under the feet, uint8 (SCALE·H, SCALE·W, 3)."""
    haze = 0.55 if shot.how and shot.how.furniture else 0.2
    for t, view in enumerate(pan_over(shot.scene, rng, camera, size=SIZE, margin=_MARGIN, haze=haze)):
        near, origin = camera.zoom[t], camera.origin[t]
        for body in bodies:
            x, z = body.joints["pelvis"][t, [0, 2]]
            center = (origin + np.array([x, TILT * z]) * near) * SCALE
            if 0 <= center[0] < view.shape[1] and 0 <= center[1] < view.shape[0]:
                color = (0.72 * view[int(center[1]), int(center[0])]).astype(int).tolist()
                outline = ellipse(center[None], 0.27 * near * SCALE, 0.07 * near * SCALE)[0]
                cv2.fillConvexPoly(view, np.round(outline * 16).astype(np.int32), color, cv2.LINE_AA, 4)
        yield view


def _smear(frames, camera):
    """Blur frames along the way that the camera goes while they are exposed."""
    moved = np.abs(np.diff(camera.origin[:, 0], prepend=camera.origin[0, 0])).round().astype(int)
    return np.stack([cv2.blur(frame, (k, 1)) if k > 2 else frame for frame, k in zip(frames, moved)])


def sound_of(shot, beats):
    """Return what is heard in a shot, float32 (length in seconds · RATE,): the place, the action, a voice, the cue."""
    rng = np.random.default_rng(shot.seed + 1)
    duration = shot.length / FPS
    voice = CAST[shot.actors[0]].voice if shot.actors else 180.0
    sound = BY_NAME[shot.actions[0]].sound if shot.actions and shot.actions[0] != "talk" else "quiet"
    level = rng.uniform(-48, -38)
    setting = {"duration": duration, "scene": shot.scene, "voice": voice, "rng": rng}
    wave = make_sound(sound, beats[beats < duration], level=level, **setting)
    if shot.role == "title":
        return np.clip(wave + _jingle(len(wave), rng), -1, 1)
    wave = wave + shot.how.voice * _babble(len(wave), voice, shot.how.voice, rng)
    if shot.how.cue and rng.uniform() < 0.9:        # now and then the microphone misses it
        name, rate = shot.how.cue
        times = np.sort(rng.uniform(0, duration, rng.poisson(rate * duration)))
        wave = wave + 0.7 * make_sound(name, times, level=-90, **setting)
    return np.clip(wave, -1, 1).astype(np.float32)


def _babble(count, pitch, share, rng):
    """Somebody who says nothing in particular: syllables of five vowels with pauses, about `share` of the time."""
    wave, at = np.zeros(count), int(rng.uniform(0, 0.4) * RATE)
    syllables = []
    for first, second in _VOWELS:
        t, _ = _decay(rng.uniform(0.13, 0.2), 1)
        tune = pitch * rng.uniform(0.9, 1.15) * (1.05 - 0.5 * t)
        voiced = _voiced(t, tune, ((first, 100, 1.0), (second, 140, 0.6)), 0.1 * rng.normal(size=len(t)))
        syllables.append(voiced * np.abs(np.sin(np.pi * t / t[-1])) ** 0.6 / np.abs(voiced).max())
    while at < count:
        piece = syllables[rng.integers(len(syllables))][:count - at]
        wave[at:at + len(piece)] += 0.16 * rng.uniform(0.5, 1.0) * piece
        at += len(piece) + int(RATE * (rng.uniform(0.4, 1.4) if rng.uniform() < 0.35 * (1.2 - share) else 0.02))
    return wave


def _jingle(count, rng):
    """A chord that rises, for the title."""
    t = np.arange(count) / RATE
    notes = 220 * 2 ** (rng.choice([0, 2, 4, 5, 7, 9, 11], 4) / 12)
    return 0.12 * sum(np.sin(2 * np.pi * note * t) * np.exp(-3 * np.maximum(t - 0.25 * k, 0)) * (t >= 0.25 * k)
                      for k, note in enumerate(notes))
