"""Values of scikit-learn's IsolationForest and pyod's IForest for test/learn/trees/isolation.test.ts. Run with scikit-learn 1.9.1 and pyod 3.6.7; prints JSON."""
import json

import numpy as np
import pyod.version
import sklearn
from pyod.models.iforest import IForest
from scipy.stats import spearmanr
from sklearn.ensemble import IsolationForest
from sklearn.ensemble._iforest import _average_path_length
from sklearn.metrics import average_precision_score, roc_auc_score

SEEDS = 10


class Lcg:
    """The same numbers as `lcg` in the test."""

    def __init__(self, seed):
        self.s = seed

    def uniform(self):
        self.s = (1664525 * self.s + 1013904223) % 2**32
        return self.s / 2**32

    def normal(self):
        return sum(self.uniform() for _ in range(12)) - 6


def blob(r):
    return [[r.normal() for _ in range(5)] for _ in range(485)] + [[r.uniform() * 12 - 6 for _ in range(5)] for _ in range(15)]


def clusters(r):
    ordinary = [[r.normal() * 0.5 + (4 if i % 3 == 0 else -4), r.normal() * 0.5 + (4 if i % 3 == 0 else -4)] for i in range(380)]
    return ordinary + [[r.uniform() * 16 - 8, r.uniform() * 16 - 8] for _ in range(20)]


def irrelevant(r):
    ordinary = [[r.uniform() for _ in range(12)] for _ in range(390)]
    return ordinary + [[r.uniform() + (1.5 if j < 3 else 0) for j in range(12)] for _ in range(10)]


def copies(r):
    """Few different values, a constant column, many equal rows."""
    ordinary = [[np.floor(r.uniform() * 4), np.floor(r.uniform() * 3), 7.0] for _ in range(588)]
    return ordinary + [[np.floor(r.uniform() * 4) + 5, 9.0, 7.0] for _ in range(12)]


SETS = {"blob": (blob, 485), "clusters": (clusters, 380), "irrelevant": (irrelevant, 390), "copies": (copies, 588)}


def trees(forest):
    out = []
    for tree in forest.estimators_:
        t = tree.tree_
        out.append({
            "feature": [int(max(f, -1)) for f in t.feature],
            "threshold": [float(v) for v in t.threshold],
            "left": [int(v) for v in t.children_left],
            "right": [int(v) for v in t.children_right],
            "rows": [int(v) for v in t.n_node_samples],
        })
    return out


def forced():
    r = Lcg(5)
    # Single precision throughout, as scikit-learn rounds to it.
    x = np.array(blob(r)[380:], dtype=np.float32)
    out = []
    for options in ({}, {"bootstrap": True}, {"contamination": 0.07}, {"max_samples": 1}):
        forest = IsolationForest(n_estimators=5, random_state=3, **({"max_samples": 32} | options)).fit(x)
        out.append({
            "options": options,
            "sample": int(forest.max_samples_),
            "threshold": float(-forest.offset_),
            "trees": trees(forest),
            "scores": [float(-s) for s in forest.score_samples(x)],
            "anomalies": int((forest.predict(x) == -1).sum()),
        })
    return {"x": [[float(v) for v in row] for row in x], "forests": out}


def planted():
    out = {}
    for name, (make, ordinary) in SETS.items():
        x = np.array(make(Lcg(len(name))))
        truth = np.arange(len(x)) >= ordinary
        scores = [-IsolationForest(random_state=s).fit(x).score_samples(x) for s in range(SEEDS)]
        mean = np.mean(scores, axis=0)
        theirs = [IForest(random_state=s).fit(x).decision_function(x) for s in range(SEEDS)]
        out[name] = {
            "rows": len(x),
            "sum": float(sum(float(v) for row in x for v in row)),
            "auc": [round(roc_auc_score(truth, s), 5) for s in scores],
            "averagePrecision": [round(average_precision_score(truth, s), 5) for s in scores],
            "pyodAuc": [round(roc_auc_score(truth, s), 5) for s in theirs],
            "between": round(float(np.mean([spearmanr(scores[i], scores[i + 1])[0] for i in range(SEEDS - 1)])), 4),
            "scores": [round(float(s), 4) for s in mean],
            "flagged": round(float(np.mean([(s > 0.5).mean() for s in scores])), 4),
        }
    return out


print(json.dumps({
    "versions": {"scikit-learn": sklearn.__version__, "pyod": pyod.version.__version__},
    "pathLength": [[n, float(_average_path_length(np.array([n]))[0])] for n in (0, 1, 2, 3, 10, 256, 100000)],
    "forced": forced(),
    "planted": planted(),
}))
