"""Makes hgb.json: what scikit-learn 1.9.1's HistGradientBoosting predicts on small data after ten trees. Run with scikit-learn and numpy installed."""
import json
import numpy as np
import sklearn
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

rng = np.random.default_rng(8)
n = 500
a = rng.integers(0, 70, n).astype(float)
b = rng.integers(-30, 30, n).astype(float)
b[rng.random(n) < 0.15] = np.nan
c = rng.integers(0, 9, n).astype(float)
z = np.sin(a / 9) + np.where(np.isnan(b), 0.7, b / 20) + 0.2 * c + rng.normal(0, .4, n)
# Uneven weights, so that no two splits are equally good by chance.
w = np.round(rng.uniform(.5, 2, n), 6)
x = np.column_stack([a, b, c])
out = {'a': a.tolist(), 'b': [None if np.isnan(v) else v for v in b], 'c': c.tolist(), 'weight': w.tolist(), 'cases': []}
for task, y in [('binary', (z > .8)), ('multiclass', np.digitize(z, [.2, .9, 1.6])), ('regression', np.round(z, 12))]:
    y = y.astype(float)
    kind = HistGradientBoostingRegressor if task == 'regression' else HistGradientBoostingClassifier
    model = kind(max_iter=10, max_leaf_nodes=9, learning_rate=.1, l2_regularization=.5, min_samples_leaf=1, early_stopping=False).fit(x, y, sample_weight=w)
    p = model.predict(x) if task == 'regression' else model.predict_proba(x)[:, 1] if task == 'binary' else model.predict_proba(x)
    out['cases'].append({'task': task, 'y': y.tolist(), 'p': np.round(p, 9).ravel().tolist()})
out['source'] = f'scikit-learn {sklearn.__version__}, made by makeHgb.py'
print(json.dumps(out))
