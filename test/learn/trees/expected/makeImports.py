"""Makes imports.json: small LightGBM 4.7.0 and XGBoost 3.2.0 models as their own files, with their own predictions. Needs lightgbm, xgboost, numpy."""
import base64
import json
import os
import tempfile

import lightgbm as lgb
import numpy as np
import xgboost as xgb

rng = np.random.default_rng(11)
n = 400
x = np.column_stack([rng.normal(size=n), rng.integers(0, 5, n) - 2., rng.normal(size=n) * 10, rng.integers(0, 40, n).astype(float)])
x[rng.random(n) < .2, 0] = np.nan
x[rng.random(n) < .3, 2] = 0
z = np.nan_to_num(x[:, 0], nan=1.) + .5 * x[:, 1] + np.sin(x[:, 2]) + (x[:, 3] % 3 - 1) + rng.normal(0, .5, n)
y2, y3, pos = (z > 0).astype(float), np.digitize(z, [-1, 1]).astype(float), np.exp(z / 3)
# Rows to ask about: those, and some that hold what training never saw.
ask = np.vstack([x[:120], [[np.nan, np.nan, np.nan, np.nan], [0, 0, 0, 0], [1e30, -1e30, 1e-36, 1000], [-1e30, 1e30, -0.0, 39], [.1, 0, 1e-40, -3]]])
base = {'verbose': -1, 'num_leaves': 9, 'learning_rate': .2, 'num_threads': 1, 'min_data_in_leaf': 5, 'min_data_per_group': 5, 'cat_smooth': 1}
out = {'source': f'LightGBM {lgb.__version__}, XGBoost {xgb.__version__}, made by makeImports.py', 'x': [[None if np.isnan(v) else v for v in r] for r in ask], 'models': []}


def add(kind, name, file, p, shap=None):
    out['models'].append({'kind': kind, 'name': name, 'file': file, 'p': np.asarray(p, dtype='float64').reshape(len(ask), -1).tolist(), **({'shap': np.asarray(shap).tolist()} if shap is not None else {})})


for name, params, y, cats in [
    ('binary', {'objective': 'binary'}, y2, []), ('binary, sigmoid 2', {'objective': 'binary', 'sigmoid': 2.}, y2, []), ('categories', {'objective': 'binary'}, y2, [3]),
    ('three classes', {'objective': 'multiclass', 'num_class': 3}, y3, [3]), ('one against the rest', {'objective': 'multiclassova', 'num_class': 3}, y3, []),
    ('zero as missing', {'objective': 'regression', 'zero_as_missing': True}, z, []), ('no missing values', {'objective': 'regression', 'use_missing': False}, z, []),
    ('dart', {'objective': 'regression', 'boosting': 'dart', 'drop_rate': .5, 'skip_drop': 0.}, z, []), ('forest', {'objective': 'binary', 'boosting': 'rf', 'bagging_freq': 1, 'bagging_fraction': .6}, y2, [3]),
    ('poisson', {'objective': 'poisson'}, np.round(pos), [3]), ('quantile', {'objective': 'quantile', 'alpha': .7}, z, []), ('tweedie', {'objective': 'tweedie'}, pos, []),
]:
    m = lgb.train({**base, **params}, lgb.Dataset(x, y, categorical_feature=cats or 'auto', params={**base, **params}), 8)
    m = lgb.Booster(model_str=m.model_to_string())
    add('lightgbm', name, m.model_to_string(), m.predict(ask), m.predict(ask[:20], pred_contrib=True) if name in ('binary', 'categories', 'three classes') else None)

for name, params, y, cats, ubj in [
    ('binary', {'objective': 'binary:logistic'}, y2, [], False), ('binary as UBJSON', {'objective': 'binary:logistic', 'base_score': .3}, y2, [3], True), ('categories', {'objective': 'reg:squarederror', 'max_cat_to_onehot': 2}, z, [3], False),
    ('one-hot categories', {'objective': 'reg:squarederror', 'max_cat_to_onehot': 100}, z, [3], True), ('three classes', {'objective': 'multi:softprob', 'num_class': 3}, y3, [], False),
    ('parallel trees', {'objective': 'multi:softprob', 'num_class': 3, 'num_parallel_tree': 3, 'subsample': .7}, y3, [], True), ('dart', {'objective': 'reg:squarederror', 'booster': 'dart', 'rate_drop': .4}, z, [], False),
    ('poisson', {'objective': 'count:poisson'}, np.round(pos), [], False), ('gamma', {'objective': 'reg:gamma'}, pos, [], True), ('tweedie', {'objective': 'reg:tweedie'}, pos, [], False), ('absolute', {'objective': 'reg:absoluteerror'}, z, [], False),
]:
    types = ['c' if j in cats else 'q' for j in range(4)]
    m = xgb.train({'max_depth': 4, 'eta': .3, 'nthread': 1, 'tree_method': 'hist', 'seed': 3, **params}, xgb.DMatrix(x, y, feature_types=types, enable_categorical=True), 8)
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, 'm.ubj' if ubj else 'm.json')
        m.save_model(path)
        data = open(path, 'rb').read()
    rows = ask.copy()
    if cats:
        # XGBoost itself refuses a category below zero.
        rows[rows[:, 3] < 0, 3] = 39
    add('xgboost', name, base64.b64encode(data).decode() if ubj else data.decode(), m.predict(xgb.DMatrix(rows, feature_types=types, enable_categorical=True)))
    out['models'][-1]['encoding'] = 'base64' if ubj else 'utf8'
    out['models'][-1]['categories'] = bool(cats)
print(json.dumps(out))
