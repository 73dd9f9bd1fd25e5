"""Measure faces: who it is over a table of portraits, verification of strangers, and expressions of actors held out.

    python benchmarks/bench_faces.py PORTRAITS.csv [people] [puppets] [expressions]

PORTRAITS.csv has `path` and `label` (who it is), ten pictures each: five enrol, five are tested. The parts that are not
named keep what they measured before.
"""
import json
import sys

import numpy as np
from harness import RESULTS, write_results
from sklearn.metrics import pairwise_distances

import vmm_lab as vl
from vmm_lab import pretrained, tasks, theatre
from vmm_lab.tasks.verify import roc


def people(path):
    """Yield rank-1 of every method, five pictures enrolled and five tested, and of the same feature uncropped."""
    table = vl.load_table(path)
    place = table.groupby("label").cumcount()
    table = table.assign(split=np.where(place < 5, "train", "test"))
    whole = tasks.identity_methods()["HOG and LBP + LDA"].classifier
    methods = {**tasks.identity_methods(), "HOG and LBP + LDA, uncropped": tasks.FeatureMethod(vl.features.HOGLBP(), whole)}
    board = vl.compare(table, methods=methods, vote=False, progress=False)
    for row in board.frame.to_dict("records"):
        yield {"what": row["name"], "rank-1": row["accuracy"], "low": row["accuracy_low"], "ms a picture": row["ms_per_item"]}
    features, names = [pretrained.FaceLooks()] + [pretrained.FaceIdentity()] * pretrained.identity.dlib_installed(), table["label"].to_numpy(str)
    described = {feature.title: vl.extract(table, feature, on_error="skip", progress=False) for feature in features}
    for title, rows in described.items():
        yield {"what": f"pairs, {title}", **of_pairs(rows, names)}
    others = ~np.isin(names, np.unique(names)[::2])  # those whom the network does not learn
    yield {"what": "pairs of people held out, own network", **of_pairs(own_vectors(table, names, ~others)[others], names[others])}
    for title, rows in described.items():
        yield {"what": f"pairs of people held out, {title}", **of_pairs(rows[others], names[others])}


def own_vectors(table, names, learns):
    """Return the vectors of every picture by a network that learnt from those of `learns`; NaN where there is no face."""
    own = pretrained.LearntFaces()
    cuts = vl.features.descriptions(table, own, on_error="skip", progress=False)[0]
    seen = np.array([cut is not None for cut in cuts])
    own.fit_descriptions([cuts[k] for k in np.flatnonzero(seen & learns)], names[seen & learns])
    rows = np.full((len(cuts), 64), np.nan)
    rows[seen] = own.encode([cut for cut in cuts if cut is not None])
    return rows


def of_pairs(rows, names):
    """Return the equal error rate, and the TAR at a FAR of 1 %, of all pairs of pictures that show a face."""
    seen = np.isfinite(rows).all(axis=1)
    rows, names = rows[seen], names[seen]
    i, j = np.triu_indices(len(rows), 1)
    distance, same = pairwise_distances(rows)[i, j], names[i] == names[j]
    curve = roc(-distance, same)
    return {"equal error rate": curve.equal_error_rate, "TAR at FAR 0.01": curve.tar_at(0.01), "pairs": len(same)}


def puppets(path):
    """Yield verification of the ten actors from whom nothing was learnt, face only: by the network, and without."""
    table = theatre.closeups(3)
    names = table["group"].to_numpy(str)
    others = ~np.isin(names, theatre.ACTORS[:10])
    yield {"what": "puppets held out, own network", **of_pairs(own_vectors(table, names, ~others)[others], names[others])}
    looks = vl.extract(table, pretrained.FaceLooks(), on_error="skip", progress=False)
    yield {"what": "puppets held out, gradients and textures", **of_pairs(looks[others], names[others])}


def expressions(path):
    """Yield the accuracy over close-ups of the theatre, actors held out."""
    table = theatre.closeups(3)
    methods = {f"expression, {parts}": pretrained.FaceExpression(parts=parts) for parts in ("handcrafted", "network", "both")}
    methods |= {"expression, uncropped": vl.features.HOGLBP()}
    board = vl.compare(table, methods=methods, vote=False, progress=False)
    for row in board.frame.to_dict("records"):
        if row["name"].startswith("expression"):
            yield {"what": row["name"], "accuracy": row["accuracy"], "low": row["accuracy_low"], "ms a picture": row["ms_per_item"]}


BARS = {"rank-1": 0.98, "accuracy": 0.90}  # of the best row of each


def told(rows):
    """Return the rows with the bar that the best of each kind has to reach, and whether it does."""
    rows = [{key: value for key, value in row.items() if key not in ("bar", "met")} for row in rows]
    for kind, bar in BARS.items():
        best = max((row for row in rows if kind in row), key=lambda row: row[kind])
        best |= {"bar": f"{kind} ≥ {bar}", "met": best[kind] >= bar}
    return rows


PARTS = {"people": people, "puppets": puppets, "expressions": expressions}


def main(portraits, names):
    path = RESULTS / "faces.json"
    before = json.loads(path.read_text(encoding="utf-8"))["rows"] if path.is_file() else []
    rows = []
    for name, part in PARTS.items():
        measured = name in names or not names
        rows += [{**row, "part": name} for row in part(portraits)] if measured else [row for row in before if row["part"] == name]
    write_results("faces", told(rows), packages=("opencv-python-headless", "keras"))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
