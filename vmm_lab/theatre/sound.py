"""Make sound from the motion: one small synthesiser per sound, struck on the beats, over the background of the scene.

Every function returns float32 or float64 waves at RATE; a struck sound begins with its attack at sample 0.
"""
import numpy as np

RATE = 16_000

_HUM = {"kitchen": (0.985, 100), "living room": (0.97, 0), "park": (0.80, 0), "street": (0.96, 55),
        "beach": (0.70, 0), "gym": (0.95, 120), "library": (0.98, 0), "snow": (0.88, 0)}


def _decay(seconds, half_life):
    t = np.arange(int(seconds * RATE)) / RATE
    return t, 0.5 ** (t / half_life)


def _respond(wave, response):
    """A filter given by its impulse response. (scipy.signal would do, but takes every worker a second to import.)"""
    count = len(wave) + len(response)
    return np.fft.irfft(np.fft.rfft(wave, count) * np.fft.rfft(response, count), count)[:len(wave)]


def _resonate(wave, frequency, width):
    """Two-pole resonator at `frequency` hertz, `width` hertz broad, ringing until it has faded by 60 dB."""
    r, angle = np.exp(-np.pi * width / RATE), 2 * np.pi * frequency / RATE
    n = np.arange(int(np.log(1e-3) / np.log(r)) + 1)
    return _respond(wave, (1 - r) * r**n * np.sin((n + 1) * angle) / np.sin(angle))


def _partials(t, envelope, partials, rng, spread=0.03):
    return sum(a * np.sin(2 * np.pi * f * rng.normal(1, spread) * t) * envelope ** (1 + 0.3 * k)
               for k, (f, a) in enumerate(partials))


def _step(rng, voice):
    t, fall = _decay(0.12, 0.014)
    scuff = _resonate(rng.normal(size=len(t)), rng.uniform(1500, 1900), 900)
    return 0.8 * np.sin(2 * np.pi * rng.uniform(150, 180) * t) * fall + 1.1 * scuff * fall


def _landing(rng, voice):
    t, fall = _decay(0.40, 0.060)
    rattle = _resonate(rng.normal(size=len(t)), rng.uniform(280, 340), 200)
    drop = np.cumsum(62 + 50 * 0.5 ** (t / 0.02)) / RATE
    return 1.2 * np.sin(2 * np.pi * drop) * fall + 2.0 * rattle * fall**1.5


def _clap(rng, voice):
    t, fall = _decay(0.16, 0.009)
    crack = rng.normal(size=len(t))
    hollow = _resonate(crack, rng.uniform(1050, 1300), 500)
    tail = np.roll(crack * fall, int(0.009 * RATE)) * 0.5
    return 0.5 * crack * fall + 2.6 * hollow * fall + 0.4 * tail


def _rap(rng, voice):
    t, fall = _decay(0.12, 0.010)
    return 0.9 * _partials(t, fall, ((410, 1.0), (830, 0.7), (1290, 0.35)),
                           rng) + 0.1 * rng.normal(size=len(t)) * fall**4


def _thump(rng, voice):
    t, fall = _decay(0.22, 0.030)
    slap = _resonate(rng.normal(size=len(t)), rng.uniform(2500, 2900), 1600) * 0.5 ** (t / 0.006)
    return 1.0 * np.sin(2 * np.pi * np.cumsum(95 + 70 * 0.5 ** (t / 0.012)) / RATE) * fall + 1.0 * slap


def _creak(rng, voice):
    t, _ = _decay(0.55, 1)
    swell = np.sin(np.pi * t / t[-1]) ** 2
    pitch = np.cumsum(rng.uniform(36, 44) + 22 * np.sin(np.pi * t / t[-1])) / RATE
    stick = np.maximum(np.sin(2 * np.pi * pitch), 0) ** 12
    return 5.0 * swell * (_resonate(stick, rng.uniform(680, 780), 90) + 0.8 * _resonate(stick,
                                                                                        rng.uniform(2050, 2250), 160))


def _clink(rng, voice):
    t, fall = _decay(0.45, 0.055)
    return 0.55 * _partials(t, fall, ((2350, 1.0), (3720, 0.8), (5400, 0.6), (6650, 0.3)), rng, 0.02)


def _voiced(t, pitch, formants, breath):
    """A voice: pulses at `pitch` hertz through resonators, with some breath."""
    phase = np.cumsum(np.broadcast_to(pitch, t.shape)) / RATE
    pulses = np.diff(np.floor(phase), prepend=0) * 8
    source = pulses + breath
    return sum(a * _resonate(source, f, w) for f, w, a in formants)


def _laugh(rng, voice):
    t, _ = _decay(0.21, 1)
    swell = np.minimum(t / 0.035, 1) * 0.5 ** (np.maximum(t - 0.10, 0) / 0.025)
    breath = rng.normal(size=len(t)) * 0.5 * np.exp(-((t - 0.02) / 0.02) ** 2)
    pitch = voice * rng.uniform(1.1, 1.35) * (1.08 - 0.6 * t)
    return 1.6 * swell * _voiced(t, pitch, ((820, 110, 1.0), (1250, 130, 0.8), (2700, 220, 0.4)), breath)


def _cough(rng, voice):
    t, fall = _decay(0.24, 0.045)
    burst = rng.normal(size=len(t)) * np.minimum(t / 0.004, 1) * fall
    throat = sum(a * _resonate(burst, f, w) for f, w, a in ((620, 300, 1.6), (1600, 500, 2.4), (3300, 900, 2.6)))
    return 1.7 * throat


_STRUCK = {"step": (_step, 0.34), "landing": (_landing, 0.55), "clap": (_clap, 0.55), "rap": (_rap, 0.45),
           "thump": (_thump, 0.6),
           "creak": (_creak, 0.30), "clink": (_clink, 0.34), "laugh": (_laugh, 0.40), "cough": (_cough, 0.45)}

SOUNDS = (*_STRUCK, "quiet")
"""What may be heard; "quiet" is the background alone."""


def _background(scene, count, rng):
    """Noise of a scene, root mean square 1: coloured, with a hum where there are machines and waves at the beach."""
    color, hum = _HUM[scene]
    noise = _respond(rng.normal(size=count + RATE // 10), color ** np.arange(RATE // 20))[RATE // 10:]
    noise /= noise.std()
    t = np.arange(count) / RATE
    if hum:
        noise = noise + 0.6 * np.sin(2 * np.pi * hum * t + rng.uniform(0, 6))
    if scene == "beach":
        noise = noise * (1 + 0.5 * np.sin(2 * np.pi * (t / 3 + rng.uniform())))
    return noise / np.sqrt(np.mean(noise**2))


def make_sound(sound, times, *, duration, scene, voice, level, rng):
    """Return the sound track of a clip: float32 (duration · RATE,) in [-1, 1].

    sound: one of SOUNDS. times: seconds at which it is struck; a creak has its middle there, all others their attack.
    level: loudness of the background, root mean square in decibels below full scale. voice: pitch, hertz.
    """
    count = int(round(duration * RATE))
    wave = 10 ** (level / 20) * _background(scene, count, rng)
    if sound != "quiet":
        strike, loudness = _STRUCK[sound]
        gain = loudness * 10 ** (rng.uniform(-5, 1) / 20)
        for time in times:
            piece = strike(rng, voice)
            piece = piece / np.abs(piece).max() * gain * rng.uniform(0.8, 1.0)
            start = int(round(time * RATE)) - (len(piece) // 2 if sound == "creak" else 0)
            first, last = max(start, 0), min(start + len(piece), count)
            wave[first:last] += piece[first - start:last - start]
    return np.clip(wave, -1, 1).astype(np.float32)
