"""Makes forest.json: what scikit-learn 1.9.1's decision trees (and a forest without chance) answer on their training rows. Run with scikit-learn and numpy installed."""
import json
import numpy as np
import sklearn
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

rng = np.random.default_rng(11)
n = 500
a = rng.integers(0, 90, n).astype(float)
b = rng.integers(-30, 30, n).astype(float)
b[rng.random(n) < 0.15] = np.nan
c = rng.integers(0, 12, n).astype(float)
x = np.column_stack([a, b, c])
z = np.sin(a / 8) + np.where(np.isnan(b), 0.7, b / 15) + (c % 4 == 1) - 0.4 + rng.normal(0, .5, n)
# Uneven weights, so that no two splits are equally good by chance.
w = np.round(rng.uniform(.5, 2, n), 6)
targets = {'binary': (z > 0.5).astype(int), 'multiclass': np.digitize(z, [-.3, .8]), 'regression': np.round(z, 9)}
settings = [
    {}, {'max_depth': 4}, {'min_samples_leaf': 7}, {'min_samples_split': 40, 'min_samples_leaf': 3}, {'max_leaf_nodes': 11}, {'max_leaf_nodes': 25, 'min_samples_leaf': 4},
    {'min_impurity_decrease': .004}, {'ccp_alpha': .003}, {'ccp_alpha': .02, 'max_depth': 8},
]


def leaves(tree, node=0):
    """Leaves, not counting splits of nodes that hold one class only: with weights scikit-learn makes some, where rounding leaves a speck of impurity."""
    t = tree.tree_
    if t.children_left[node] < 0 or t.impurity[node] < 1e-12:
        return 1
    return leaves(tree, t.children_left[node]) + leaves(tree, t.children_right[node])


out = {'x': [[None if np.isnan(v) else v for v in column] for column in x.T], 'weight': w.tolist(), 'targets': {k: v.tolist() for k, v in targets.items()}, 'cases': []}
for task, y in targets.items():
    # Without weights splits of classes are often equally good, and chance decides.
    for weighted in (True, False) if task == 'regression' else (True,):
        for params in settings:
            tree = (DecisionTreeRegressor if task == 'regression' else DecisionTreeClassifier)(random_state=0, **params)
            tree.fit(x, y, sample_weight=w if weighted else None)
            p = tree.predict(x) if task == 'regression' else tree.predict_proba(x)[:, 1] if task == 'binary' else tree.predict_proba(x)
            out['cases'].append({'learner': 'decisionTree', 'task': task, 'weighted': weighted, 'params': params, 'leaves': leaves(tree), 'p': np.round(p, 10).ravel().tolist()})
    forest = (RandomForestRegressor if task == 'regression' else RandomForestClassifier)(n_estimators=3, bootstrap=False, max_features=None, max_leaf_nodes=30, min_samples_leaf=2, random_state=0)
    forest.fit(x, y, sample_weight=w)
    p = forest.predict(x) if task == 'regression' else forest.predict_proba(x)[:, 1] if task == 'binary' else forest.predict_proba(x)
    out['cases'].append({'learner': 'randomForest', 'task': task, 'weighted': True, 'params': {'n_estimators': 3, 'bootstrap': False, 'max_features': 'all', 'max_leaf_nodes': 30, 'min_samples_leaf': 2},
                         'leaves': sum(leaves(t) for t in forest.estimators_), 'p': np.round(p, 10).ravel().tolist()})
out['source'] = f'scikit-learn {sklearn.__version__}, made by makeForest.py'
print(json.dumps(out))
