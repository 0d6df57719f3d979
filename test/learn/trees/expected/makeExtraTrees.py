"""
Makes extraTrees.json: log loss and RMSE of LightGBM 4.7.0 on held-out rows of goss.json with `extra_trees` (ten seeds) and without it, few
rows and a large step, where trees learn by heart. Run with lightgbm and numpy installed.
"""
import json
import pathlib
import lightgbm as lgb
import numpy as np

data = json.loads((pathlib.Path(__file__).parent / 'goss.json').read_text())
x = np.array(data['x']).T
half, rows = data['train'], 600
out = {'rows': rows, 'cases': []}
for case in data['cases']:
    objective, y = case['objective'], np.array(case['y'])
    def score(**extra):
        params = {'objective': objective, 'verbose': -1, 'num_threads': 1, 'deterministic': True, 'force_col_wise': True, 'min_data_in_leaf': 5, **extra}
        p = lgb.train(params, lgb.Dataset(x[:rows], y[:rows]), 100).predict(x[half:])
        t = y[half:]
        return float(np.sqrt(np.mean((p - t) ** 2)) if objective == 'regression' else -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p)))
    extra = [round(score(extra_trees=True, extra_seed=s), 6) for s in range(10)]
    out['cases'].append({'objective': objective, 'extra': extra, 'all': round(score(), 6)})
out['source'] = f'LightGBM {lgb.__version__}, made by makeExtraTrees.py'
print(json.dumps(out))
