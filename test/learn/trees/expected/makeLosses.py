"""Makes losses.json: what LightGBM 4.7.0 predicts on small data after 10 trees, for each loss. Run with lightgbm and numpy installed."""
import json
import lightgbm as lgb
import numpy as np

rng = np.random.default_rng(5)
n = 600
a = rng.integers(0, 60, n).astype(float)
b = rng.integers(-20, 20, n).astype(float)
b[rng.random(n) < 0.15] = np.nan
c = rng.integers(0, 8, n)
z = np.sin(a / 8) + np.where(np.isnan(b), 0.7, b / 15) + np.array([0, 1, -1, .5, 2, -.5, .3, -2])[c] * 0.6 + rng.normal(0, .4, n)
# Uneven weights, so that no two splits are equally good by chance.
w = np.round(rng.uniform(.5, 2, n), 6)
targets = {
    'binary': (z > 0).astype(float), 'multiclass': np.digitize(z, [-.6, .6]).astype(float), 'regression': z, 'regression_l1': z, 'huber': z, 'quantile': z,
    'poisson': rng.poisson(np.exp(z / 2)).astype(float), 'gamma': np.exp(z / 2) * rng.gamma(3, 1 / 3, n), 'tweedie': np.where(z < -.5, 0, np.exp(z / 2) * rng.gamma(3, 1 / 3, n)),
}
x = np.column_stack([a, b, c])
out = {'a': a.tolist(), 'b': [None if np.isnan(v) else v for v in b], 'c': c.tolist(), 'weight': w.tolist(), 'cases': []}
for objective, y in targets.items():
    y = np.round(y, 12)
    for name, extra, weight in [('weights', {'min_data_in_leaf': 1, 'min_sum_hessian_in_leaf': 5}, w), ('regularised', {'lambda_l1': .3, 'lambda_l2': 2, 'max_depth': 4, 'num_leaves': 12, 'min_data_in_leaf': 1, 'min_sum_hessian_in_leaf': 2}, w)]:
        params = {'objective': objective, 'verbose': -1, 'num_threads': 1, 'min_data_in_bin': 1, 'num_leaves': 15, 'deterministic': True, 'force_col_wise': True, 'alpha': .8 if objective == 'quantile' else .9,
                  'min_data_per_group': 1, 'cat_smooth': 2, **extra}
        if objective == 'multiclass':
            params['num_class'] = 3
        ds = lgb.Dataset(x, y, weight=weight, categorical_feature=[2], params=params)
        m = lgb.train(params, ds, 10)
        p = m.predict(x)
        out['cases'].append({'objective': objective, 'name': name, 'weighted': weight is not None, 'extra': extra, 'y': np.round(y, 12).tolist(), 'p': np.round(p, 9).tolist()})
out['source'] = f'LightGBM {lgb.__version__}, made by makeLosses.py'
print(json.dumps(out))
