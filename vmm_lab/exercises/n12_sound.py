"""Check exercises of 12 sound: loudness, columns, any microphone, the perfect listener, a folded tone."""
import numpy as np

from .answers import call, expect, require
from .exercise import exercise


@exercise(stars=1,
    task="Write `level(wave)`: the loudness of a wave, float (N,), in decibels; silence gives −100.",
    hint="Power is the mean of the squares. What can you do to a power of 0 before you take its logarithm?",
    more="−100 dB is a power of 1e-10: use `np.maximum` of the mean and that.",
    insight="a wave of half the height has a quarter of the power: 6 dB less, at any loudness.",
    solution="""
        def level(wave):
            return 10 * np.log10(max(np.mean(np.square(wave)), 1e-10))
    """)
def level(answer):
    expect(answer, (np.full(100, 0.1),), -20.0, traps=[
        (-40.0, "that is twice too much: the squares are a power already, so it is 10 times the logarithm."),
        (10 * np.log(0.01), "that is the natural logarithm; decibels use base 10, `np.log10`."),
        (0.0, "that is the sum of the squares; the mean does not grow with the length of the wave."),
    ])
    expect(answer, (np.array([1.0, -1.0, 1.0, -1.0]),), 0.0)
    expect(answer, (np.zeros(8),), -100.0, otherwise="silence should give −100.")


@exercise(stars=2,
    task="Write `columns(seconds, sample_rate, hop_length)`: how many windows `features.log_mel` makes of a sound.",
    hint="How many samples has the sound? One window is centred on sample 0, one on each hop after it.",
    more="Whole hops that fit into the samples, and one more for the window on sample 0.",
    insight="the length of the window does not occur in it: longer windows overlap more, but are as many.",
    solution="""
        def columns(seconds, sample_rate, hop_length):
            return 1 + int(seconds * sample_rate) // hop_length
    """)
def columns(answer):
    count = call(answer, 1.005, 16_000, 160)
    require(not isinstance(count, float) or count == int(count),
            "half a window does not count: the answer should be a whole number.")
    expect(answer, (2.0, 16_000, 160), 201, traps=[
        (200, "the window on sample 0 counts, too."),
        (13, "the hop is given in samples, and not in milliseconds."),
    ])
    expect(answer, (0.5, 8_000, 256), 16)
    expect(answer, (0.001, 8_000, 256), 1, otherwise="a sound shorter than a hop still has the window on sample 0.")


@exercise(stars=2,
    task="Write `normalise(spectrogram)`: decibels (T, bands), with the mean over time subtracted from each band.",
    hint="Which of the two axes is time? The mean goes along that one.",
    more="`spectrogram.mean(axis=0)` has one number for each band, and NumPy subtracts it from every row.",
    insight="a filter multiplies the power, which is an addition in decibels: what is added all the time disappears "
            "with the mean. For MFCC this is called cepstral mean normalisation.",
    solution="""
        def normalise(spectrogram):
            return spectrogram - spectrogram.mean(axis=0)
    """)
def normalise(answer):
    spectrogram = np.random.default_rng(0).normal(-40, 10, (6, 4)) + np.array([0.0, 5, -20, 9])
    centred = spectrogram - spectrogram.mean(axis=0)
    expect(answer, (spectrogram,), centred, traps=[
        (spectrogram - spectrogram.mean(), "that is one mean of everything; a microphone is dull in some bands only."),
        (spectrogram - spectrogram.mean(axis=1, keepdims=True),
         "that removes the loudness of each moment; the mean should go over time, band by band."),
        (centred / spectrogram.std(axis=0), "it is also divided by the standard deviation; only subtract the mean."),
    ])


@exercise(stars=3,
    task="Write `perfect_listener(missed)`: the best accuracy by ear for two equally frequent actions, each with a "
         "sound of its own.",
    hint="Two cases: the sound is there, or it was missed. What accuracy does the listener reach in each?",
    more="Where it is there, the answer is certain. Where it is not, a guess between two is right half the time.",
    insight="`theatre.ceiling(\"sound\", actions=(\"punch\", \"knock\"))` gives the same: 0.925 at 15 % missed.",
    solution="""
        def perfect_listener(missed):
            return (1 - missed) + missed / 2
    """)
def perfect_listener(answer):
    expect(answer, (0.15,), 0.925, traps=[
        (0.85, "a listener who missed the sound may still guess, and is right half of the time."),
        (0.85 + 0.15 / 16, "there are not sixteen actions here; a guess is one of the two."),
        (0.575, "it is the other way round: what is heard is certain, what is missed is guessed."),
    ])
    expect(answer, (0.0,), 1.0)
    expect(answer, (1.0,), 0.5)


@exercise(stars=2,
    task="Write `heard_at(hertz, rate)`: where a tone of `hertz` is heard that is sampled `rate` times a second.",
    hint="Which tones go through the same samples? A whole rate more or less changes nothing.",
    more="Take hertz % rate; what is above half of the rate is folded back: rate minus it.",
    insight="a wheel in a film does the same: 13 turns a second at 25 frames are seen as 12, backwards.",
    solution="""
        def heard_at(hertz, rate):
            rest = hertz % rate
            return min(rest, rate - rest)
    """)
def heard_at(answer):
    expect(answer, (5000, 8000), 3000, traps=[
        (5000, "5000 Hz is above half of the rate, so it is folded back."),
        (4000, "it is not cut off at half of the rate; it comes back from there."),
        (1000, "it is folded back at half of the rate: as far below it as the tone is above it."),
    ])
    expect(answer, (3000, 8000), 3000, otherwise="what is below half of the rate stays.")
    expect(answer, (13000, 8000), 3000, otherwise="take away whole rates first.")
