"""Makes dependence.json: models of LightGBM 4.x, and what scikit-learn 1.9.1 says of their partial dependence. Needs lightgbm, numpy, pandas and scikit-learn."""
import json
import os

import lightgbm
import numpy as np
import pandas as pd
import sklearn
from lightgbm import LGBMClassifier, LGBMRegressor
from sklearn.inspection import partial_dependence

rng = np.random.default_rng(4)
n = 60
x = pd.DataFrame({'size': np.round(rng.normal(10, 3, n) * 8) / 8, 'days': rng.integers(0, 9, n).astype(float), 'weight': np.round(rng.normal(size=n) * 16) / 16 + 0.0})
score = x['size'] / 4 - (x['days'] - 4) ** 2 / 6 + x['weight'] * (x['days'] > 3) + rng.normal(0, .4, n)
out = {'source': f'scikit-learn {sklearn.__version__}, LightGBM {lightgbm.__version__}, made by makeDependence.py', 'rows': x.to_dict('records'), 'models': []}
small = {'n_estimators': 8, 'num_leaves': 6, 'min_child_samples': 3, 'n_jobs': 1, 'verbose': -1, 'random_state': 1}
for name, model, y in [
    ('two classes', LGBMClassifier(**small), (score > score.median()).astype(int)),
    ('three classes', LGBMClassifier(**small), np.digitize(score, np.quantile(score, [.33, .67]))),
    ('values', LGBMRegressor(**small), score),
]:
    model.fit(x, y)
    case = {'name': name, 'target': np.asarray(y).tolist(), 'file': model.booster_.model_to_string(), 'columns': []}
    for column in x.columns:
        ordered = np.sort(x[column].to_numpy())
        # Values that occur, at even steps between the same quantiles as scikit-learn's own grid.
        at = [ordered[int(np.floor((.05 + .9 * k / 15) * (n - 1) + .5))] for k in range(16)]
        values = np.unique(ordered if len(set(ordered)) <= 16 else at)
        found = partial_dependence(model, x, [column], kind='both', method='brute', custom_values={column: values})
        case['columns'].append({'column': column, 'values': found['grid_values'][0].tolist(), 'average': np.round(found['average'], 9).tolist(), 'individual': np.round(found['individual'][0][::5], 9).tolist()})
    out['models'].append(case)
json.dump(out, open(os.path.join(os.path.dirname(__file__), 'dependence.json'), 'w'))
