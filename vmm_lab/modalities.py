"""Register modalities: what each is called and drawn with, whether a row holds it, and how a fused network reads it.

Everything that differs between image, video, sound and words stands here as data, so that no other module asks for one
by name. A modality of your own is one call of `register`; see CONTRIBUTING.md.
"""
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

NO_MODALITY_COLOR, FUSION_COLOR = "#9A9A9A", "#CC79A7"  # of baselines, and of what reads several modalities


@dataclass(frozen=True)
class Modality:
    """Describe one modality; `media` is an opened `Media`, `segment` a row of a table (`features.Segment`).

    noun: what a row without it is said to lack ("sound"). has(media, segment): whether the row holds it.
    decode(media, segment): decode it; it fails where the file is damaged, and not where the segment merely holds none.
    feature: the `Feature` that a fused network reads, or a pair ("module:name", options) that makes it when needed.
    encoder: a function from the shape of an item to a keras.Model, or such a pair.
    fill: what stands for "nothing happens" where a stretch of time is covered: "held" (the step before) or "quiet".
    text: whether its items are strings.
    """

    name: str
    color: str
    noun: str
    has: Callable[[Any, Any], bool]
    decode: Callable[[Any, Any], Any] | None = None
    feature: Any = None
    encoder: Any = None
    fill: str = "held"
    text: bool = False

    def make_feature(self) -> Any:
        """Return the `Feature` whose descriptions a fused network learns from."""
        return _made(self.feature) if isinstance(self.feature, tuple) else self.feature

    def make_encoder(self, shape: tuple[int, ...]) -> Any:
        """Build the keras.Model that turns items of this shape into a sequence of embeddings."""
        return _made(self.encoder, shape) if isinstance(self.encoder, tuple) else self.encoder(shape)


MODALITIES: dict[str, Modality] = {}
"""{name: Modality}, in the order in which tables and figures show them."""


def register(modality: Modality) -> Modality:
    """Add a modality, or replace the one of the same name, and return it."""
    if modality.name in ("none", "fusion", "present"):
        raise ValueError(f'"{modality.name}" is no name for a modality: boards and networks use it; choose another.')
    MODALITIES[modality.name] = modality
    return modality


def color_of(name: str) -> str:
    """Return the colour of a modality, of "none" (a baseline) or of "fusion", as "#RRGGBB"."""
    return MODALITIES[name].color if name in MODALITIES else NO_MODALITY_COLOR if name == "none" else FUSION_COLOR


def fusible() -> tuple[str, ...]:
    """Return the names of the modalities that a fused network can read: those with a feature and an encoder."""
    return tuple(name for name, modality in MODALITIES.items() if modality.feature and modality.encoder)


def _made(reference: tuple[str, dict], *args: Any) -> Any:
    """Import "module:name" only now, so that nothing loads TensorFlow before it is needed, and call it."""
    name, options = reference
    return pkgutil.resolve_name(name)(*args, **options)


register(Modality("image", "#0072B2", "pictures", lambda media, segment: media.has_video))
register(Modality(
    "video", "#56B4E9", "frames over time", lambda media, segment: media.has_video and not media.is_image,
    decode=lambda media, segment: [None for _ in media.stream(size=(16, 16), start=segment.start, end=segment.end)],
    feature=("vmm_lab.features:HOG", {"pooling": None}), encoder=("vmm_lab.networks:hog_encoder", {}),
))
register(Modality(
    "sound", "#E69F00", "sound", lambda media, segment: media.has_audio,
    decode=lambda media, segment: media.audio(start=segment.start, end=segment.end),
    feature=("vmm_lab.features:Spectrogram", {}), encoder=("vmm_lab.networks:sound_encoder", {"filters": (16, 32, 48)}),
    fill="quiet",
))
register(Modality(
    "words", "#009E73", "captions", lambda media, segment: any(map(str.isalnum, segment.caption or "")),
    feature=("vmm_lab.features:WordBag", {}), encoder=("vmm_lab.networks:word_encoder", {}), text=True,
))
# Whether there is somebody in the pictures is known once they have been looked at: where not, a row lacks poses.
register(Modality(
    "pose", "#D55E00", "poses", lambda media, segment: media.has_poses or media.has_video,
    decode=lambda media, segment: media.poses() if media.has_poses else None,
))
