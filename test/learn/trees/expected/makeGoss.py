"""Makes goss.json: log loss and RMSE of LightGBM 4.7.0 on held-out rows with GOSS (five seeds) and without. Run with lightgbm and numpy installed."""
import json
import lightgbm as lgb
import numpy as np

rng = np.random.default_rng(11)
n = 4000
x = np.round(rng.normal(size=(n, 4)), 2)
# No product: whether a greedy tree finds one is luck, which would drown what is compared here.
z = x[:, 0] + np.maximum(x[:, 1], x[:, 2]) + np.sin(2 * x[:, 3])
targets = {'binary': (z + rng.logistic(size=n) * .5 > 0).astype(float), 'regression': np.round(z + rng.normal(size=n) * .5, 3)}
half = n // 2
out = {'x': [c.tolist() for c in x.T], 'train': half, 'cases': []}
for objective, y in targets.items():
    def score(extra):
        params = {'objective': objective, 'verbose': -1, 'num_threads': 1, 'num_leaves': 15, 'deterministic': True, 'force_col_wise': True, **extra}
        p = lgb.train(params, lgb.Dataset(x[:half], y[:half]), 60).predict(x[half:])
        t = y[half:]
        return float(np.sqrt(np.mean((p - t) ** 2)) if objective == 'regression' else -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p)))
    goss = [score({'data_sample_strategy': 'goss', 'top_rate': .2, 'other_rate': .1, 'bagging_seed': s}) for s in range(5)]
    out['cases'].append({'objective': objective, 'y': y.tolist(), 'goss': [round(s, 6) for s in goss], 'all': round(score({}), 6)})
out['source'] = f'LightGBM {lgb.__version__}, made by makeGoss.py'
print(json.dumps(out))
