"""Paint eight backdrops: a wall or a sky, a floor and things of its own onto a `scenes.Set`, from back to front."""
import numpy as np

from .drawing import light, mix, shade

HORIZON = 0.36      # metres above the puppet's mark where the floor ends


def _tree(s, x, y, size, leaf):
    s.post(x, y, x + 0.03, y + 0.8 * size, 0.07 * size, 0.05 * size, (124, 88, 62))
    for dx, dy, r in ((-0.28, 0.85, 0.33), (0.28, 0.9, 0.31), (0.0, 1.15, 0.40)):
        s.disc(x + dx * size, y + dy * size, r * size, r * size, shade(leaf))
        s.disc(x + (dx - 0.04) * size, y + (dy + 0.05) * size, 0.9 * r * size, 0.88 * r * size, leaf)
        s.disc(x + (dx - 0.10) * size, y + (dy + 0.12) * size, 0.5 * r * size, 0.45 * r * size,
               mix(leaf, light(leaf), 0.5))


def _cloud(s, x, y, size):
    for dx, dy, r in ((-0.24, 0, 0.15), (0, 0.06, 0.21), (0.24, 0, 0.16)):
        s.disc(x + dx * size, y + dy * size, r * 1.35 * size, r * 0.75 * size, (255, 252, 244))


def _kitchen(s):
    wall = s.pick((250, 226, 178), (214, 230, 214), (248, 214, 190))
    s.above(mix(wall, (255, 255, 255), 0.1), wall)
    tile = mix(wall, (255, 255, 255), 0.45)
    for k in range(-9, 10):
        for row in range(3):
            s.box(k * 0.24 + 0.12 * (row % 2), 0.98 + row * 0.16, 0.225, 0.145,
                  mix(tile, shade(wall), 0.06 * ((k * 7 + row * 3) % 3)), rim=False)
    s.floor((206, 150, 104), (188, 134, 96))
    for k in range(-7, 8):
        s.add([(k * 0.34, HORIZON), (k * 0.34 + 0.02, HORIZON), (k * 0.62 + 0.03, -1.5), (k * 0.62, -1.5)],
              (176, 122, 86))
    cupboard = s.pick((126, 160, 146), (238, 200, 120), (120, 146, 176))
    s.box(-3, HORIZON - 0.02, 6, 0.54, cupboard)
    shift = s.somewhere(-0.3, 0.3)
    for k in range(-5, 6):
        s.box(k * 0.56 + shift, HORIZON + 0.05, 0.48, 0.40, mix(cupboard, light(cupboard), 0.35))
        s.disc(k * 0.56 + shift + 0.42, HORIZON + 0.26, 0.022, 0.022, (250, 240, 220))
    s.box(-3, 0.88, 6, 0.075, (250, 240, 222))
    for x in (shift - 1.75, shift + 0.90):
        s.box(x, 1.52, 0.80, 0.62, mix(cupboard, (255, 255, 255), 0.15))
        s.box(x + 0.06, 1.58, 0.31, 0.50, mix(cupboard, light(cupboard), 0.6), rim=False)
        s.box(x + 0.43, 1.58, 0.31, 0.50, mix(cupboard, light(cupboard), 0.6), rim=False)
    x = s.pick(-0.85, 0.62) + shift
    s.box(x, 0.955, 0.28, 0.20, (206, 72, 60))
    s.post(x + 0.28, 1.03, x + 0.40, 1.12, 0.03, 0.02, (206, 72, 60))
    s.disc(x + 0.14, 1.17, 0.05, 0.03, (70, 56, 60))


def _living_room(s):
    wall = s.pick((226, 196, 176), (186, 204, 206), (226, 208, 160))
    s.above(wall, mix(wall, (255, 240, 214), 0.4))
    s.floor((176, 118, 84), (150, 98, 74))
    for k in range(5):
        s.add([(-9, HORIZON - 0.12 * k * (1 + 0.2 * k)), (9, HORIZON - 0.12 * k * (1 + 0.2 * k)),
               (9, HORIZON - 0.12 * k * (1 + 0.2 * k) - 0.012), (-9, HORIZON - 0.12 * k * (1 + 0.2 * k) - 0.012)],
              (136, 88, 66))
    s.box(-9, HORIZON, 18, 0.09, (248, 238, 220))
    rug = s.pick((190, 84, 72), (86, 124, 140), (210, 158, 82))
    s.disc(0, 0.02, 1.25, 0.27, shade(rug))
    s.disc(0, 0.03, 1.16, 0.235, rug)
    s.disc(0, 0.03, 0.80, 0.15, mix(rug, light(rug), 0.6))
    side = s.pick(-1, 1)
    x = side * s.somewhere(0.75, 0.95)
    sofa = s.pick((84, 134, 130), (196, 116, 84), (126, 110, 160))
    s.box(x - 0.62, 0.52, 1.24, 0.46, mix(sofa, shade(sofa), 0.35))
    s.box(x - 0.55, 0.44, 1.10, 0.26, sofa)
    for edge in (-0.62, 0.62):
        s.post(x + edge, 0.42, x + edge, 0.70, 0.12, 0.12, mix(sofa, shade(sofa), 0.2))
    s.box(x - 0.25 * side - 0.14, 0.70, 0.28, 0.24, s.pick((244, 200, 92), (238, 150, 130)))
    y, z = s.somewhere(1.35, 1.45), -side * s.somewhere(0.70, 0.95)
    s.box(z - 0.40, y - 0.25, 0.80, 0.72, (252, 246, 232))
    s.box(z - 0.35, y - 0.20, 0.70, 0.62, (158, 206, 226), rim=False)
    s.add([(z - 0.35, y - 0.20), (z + 0.35, y - 0.20), (z + 0.35, y - 0.05), (z + 0.12, y + 0.06),
           (z - 0.15, y - 0.02), (z - 0.35, y + 0.03)], (132, 178, 116))
    s.box(z - 0.35, y - 0.26, 0.70, 0.08, wall, rim=False)
    s.box(z - 0.015, y - 0.20, 0.03, 0.62, (252, 246, 232), rim=False)
    s.box(x - 0.22, 1.38, 0.44, 0.34, (120, 82, 60))
    s.box(x - 0.18, 1.42, 0.36, 0.26, (240, 190, 130), rim=False)
    s.disc(x, 1.50, 0.10, 0.07, (206, 98, 76))


def _park(s):
    s.above((224, 240, 236), (128, 196, 228))
    s.disc(s.pick(-1, 1) * s.somewhere(0.5, 0.95), s.somewhere(1.85, 2.0), 0.15, 0.15, (255, 238, 176))
    _cloud(s, s.somewhere(-1, 1), s.somewhere(1.6, 1.95), s.somewhere(0.8, 1.2))
    for x in np.linspace(-2.6, 2.6, 7):
        s.disc(x + s.somewhere(-0.2, 0.2), HORIZON, s.somewhere(0.5, 0.8), s.somewhere(0.28, 0.5), (132, 178, 136))
    s.floor((142, 186, 92), (166, 202, 116))
    s.add([(-0.5, HORIZON), (-0.25, HORIZON), (1.2, -1.5), (-1.6, -1.5)], (226, 202, 152))
    for x in (-s.somewhere(0.78, 1.0), s.somewhere(0.80, 1.05), 1.9, -2.0):
        _tree(s, x, s.somewhere(0.22, 0.32), s.somewhere(0.95, 1.15),
              s.pick((96, 152, 84), (124, 166, 74), (214, 152, 76)))
    for _ in range(16):
        x, y = s.somewhere(-1.6, 1.6), s.somewhere(-0.3, 0.28)
        s.disc(x, y, 0.018, 0.014, s.pick((255, 252, 240), (250, 208, 90), (232, 128, 140)))


def _street(s):
    s.above((250, 226, 196), (160, 196, 222))
    x = -2.7 + s.somewhere(-0.4, 0.0)
    while x < 2.8:
        wide, tall = s.somewhere(0.62, 0.9), s.somewhere(1.35, 2.0)
        front = s.pick((206, 124, 96), (232, 190, 130), (150, 160, 176), (190, 150, 150), (240, 214, 176))
        s.box(x, HORIZON, wide, tall, front)
        s.add([(x - 0.05, HORIZON + tall), (x + wide + 0.05, HORIZON + tall),
               (x + wide - 0.06, HORIZON + tall + 0.14), (x + 0.06, HORIZON + tall + 0.14)], (136, 84, 76))
        for row in range(int(tall / 0.42) - 1):
            for column in (0.16, 0.58):
                s.box(x + column * wide, HORIZON + 0.62 + row * 0.40, 0.26 * wide, 0.24,
                      s.pick((255, 226, 150), (142, 178, 200), (170, 200, 214)))
        s.box(x + 0.14 * wide, HORIZON, 0.30 * wide, 0.42, s.pick((104, 134, 112), (160, 76, 68), (90, 106, 140)))
        s.box(x + 0.50 * wide, HORIZON + 0.16, 0.38 * wide, 0.24, (196, 220, 226))
        x += wide + 0.02
    s.floor((172, 164, 166), (196, 186, 182))
    s.add([(-9, HORIZON - 0.09), (9, HORIZON - 0.09), (9, HORIZON - 0.115), (-9, HORIZON - 0.115)], (140, 132, 138))
    for k in range(-6, 7):
        s.add([(k * 0.5, HORIZON - 0.12), (k * 0.5 + 0.015, HORIZON - 0.12), (k * 0.85 + 0.02, -1.5),
               (k * 0.85, -1.5)], (154, 146, 150))
    x = s.pick(-1, 1) * s.somewhere(0.75, 0.95)
    s.post(x, HORIZON - 0.1, x, 1.75, 0.03, 0.022, (66, 70, 82))
    s.disc(x, 1.82, 0.10, 0.12, (255, 236, 170))


def _beach(s):
    s.above((252, 232, 204), (120, 192, 224))
    s.disc(s.somewhere(-0.8, 0.8), 1.85, 0.17, 0.17, (255, 240, 190))
    s.box(-9, HORIZON, 18, 0.42, (64, 150, 176), rim=False)
    for k in range(7):
        x, y = s.somewhere(-1.5, 1.2), HORIZON + s.somewhere(0.05, 0.36)
        s.box(x, y, s.somewhere(0.2, 0.5), 0.014, (150, 206, 214), rim=False)
    x = s.somewhere(-0.9, 0.9)
    s.add([(x - 0.2, 0.84), (x + 0.2, 0.84), (x + 0.12, 0.76), (x - 0.12, 0.76)], (150, 84, 62))
    s.add([(x - 0.02, 0.86), (x - 0.02, 1.25), (x + 0.2, 0.88)], (252, 246, 232))
    s.floor((240, 206, 146), (250, 226, 176))
    s.box(-9, HORIZON - 0.04, 18, 0.05, (240, 248, 240), rim=False)
    x, top = s.pick(-1, 1) * s.somewhere(0.75, 0.95), s.pick((214, 84, 68), (66, 130, 160))
    s.post(x, 0.1, x + 0.08, 1.35, 0.02, 0.02, (240, 232, 214))
    for k in range(4):
        s.add([(x + 0.09, 1.42), (x - 0.52 + k * 0.3, 1.12), (x - 0.22 + k * 0.3, 1.12)],
              top if k % 2 else (252, 244, 226))


def _gym(s):
    s.above((206, 216, 222), (236, 238, 234))
    s.box(-9, HORIZON, 18, 0.62, (92, 132, 166))
    s.floor((222, 170, 108), (206, 152, 96))
    for y in (0.22, -0.2):
        s.box(-9, y, 18, 0.02, (250, 244, 230), rim=False)
    x = s.pick(-1, 1) * s.somewhere(0.5, 0.9)
    for k in range(7):
        s.post(x - 0.32, 0.62 + k * 0.2, x + 0.32, 0.62 + k * 0.2, 0.02, 0.02, (176, 122, 78))
    for edge in (-0.34, 0.34):
        s.post(x + edge, HORIZON, x + edge, 2.0, 0.03, 0.03, (150, 100, 66))
    s.box(-x - 0.25, 1.45, 0.5, 0.36, (250, 246, 236))
    s.disc(-x, 1.48, 0.13, 0.03, (220, 110, 52))
    s.disc(-x * 1.1, 0.44, 0.13, 0.13, (210, 118, 60))


def _library(s):
    s.above((120, 84, 66), (146, 104, 78))
    for row in range(4):
        y = HORIZON + 0.06 + row * 0.44
        s.box(-3, y, 6, 0.04, (92, 60, 48), rim=False)
        x = -2.6 + s.somewhere(-0.2, 0.0)
        while x < 2.6:
            wide, tall = s.somewhere(0.05, 0.10), s.somewhere(0.24, 0.35)
            if s.rng.uniform() < 0.9:
                s.box(x, y + 0.04, wide, tall, s.pick((186, 72, 60), (74, 118, 130), (226, 180, 92), (108, 132, 86),
                                                      (232, 216, 184), (124, 86, 130)), rim=False)
            x += wide + 0.012
    s.floor((142, 60, 56), (120, 50, 50))
    for x in (-0.95, 0.95):
        s.box(x - 0.05, HORIZON, 0.10, 2.4, (104, 70, 54))
    s.box(-9, HORIZON - 0.02, 18, 0.05, (92, 60, 48))


def _snow(s):
    s.above((246, 226, 226), (150, 176, 210))
    for x in np.linspace(-2.6, 2.6, 6):
        top = s.somewhere(0.55, 1.0)
        s.add([(x - 0.9, HORIZON), (x + 0.9, HORIZON), (x, HORIZON + top)], (186, 200, 224))
        s.add([(x - 0.27, HORIZON + 0.7 * top), (x + 0.27, HORIZON + 0.7 * top), (x, HORIZON + top)], (250, 250, 252))
    s.floor((252, 250, 250), (226, 234, 246))
    for x in (-s.somewhere(0.75, 1.0), s.somewhere(0.75, 1.0)):
        for k in range(3):
            s.add([(x - 0.36 + k * 0.07, 0.40 + k * 0.34), (x + 0.36 - k * 0.07, 0.40 + k * 0.34),
                   (x, 0.95 + k * 0.34)], (78, 118, 104))
            s.add([(x - 0.17 + k * 0.03, 0.68 + k * 0.34), (x + 0.17 - k * 0.03, 0.68 + k * 0.34),
                   (x, 0.95 + k * 0.34)], (246, 250, 252))
    for _ in range(40):
        s.disc(s.somewhere(-1.6, 1.6), s.somewhere(0, 2.1), 0.014, 0.014, (255, 255, 255))


PAINTERS = {"kitchen": _kitchen, "living room": _living_room, "park": _park, "street": _street,
             "beach": _beach, "gym": _gym, "library": _library, "snow": _snow}
