"""Makes shap.json: small models of LightGBM 4.7.0, XGBoost 3.2.0 and scikit-learn 1.9.1 with the SHAP values that shap 0.51.0 gives for them. Needs those packages."""
import json
import warnings

import lightgbm as lgb
import numpy as np
import shap
import sklearn
import xgboost as xgb
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

warnings.filterwarnings('ignore')
rng = np.random.default_rng(5)
n = 400
# Numbers on a coarse grid of single-precision values, so that no package rounds a value across a threshold.
x = np.column_stack([np.round(rng.normal(size=n) * 64) / 64, rng.integers(0, 5, n) - 2., np.round(rng.normal(size=n) * 10 * 8) / 8, rng.integers(0, 12, n).astype(float), np.round(rng.normal(size=n) * 32) / 32])
z = np.nan_to_num(x[:, 0]) * (1 + .5 * x[:, 1]) + np.sin(x[:, 2]) + (x[:, 3] % 3 - 1) + rng.normal(0, .5, n)
full = x.copy()
x[rng.random(n) < .2, 0] = np.nan
x[rng.random(n) < .1, 2] = np.nan
y2, y3 = (z > 0).astype(float), np.digitize(z, [-1, 1]).astype(float)
some, other = slice(0, 25), slice(100, 118)
lists = lambda a: [[None if np.isnan(v) else v for v in r] for r in a]
out = {'source': f'shap {shap.__version__}, LightGBM {lgb.__version__}, XGBoost {xgb.__version__}, scikit-learn {sklearn.__version__}, made by makeShap.py',
       'x': lists(x[some]), 'background': lists(x[other]), 'full': lists(full[some]), 'fullBackground': lists(full[other]), 'models': []}


def explain(model, rows, background, native=False, interactions=True):
    """Values as [row][output][column], expected values as [output]. `native`: what the model's own library calculates for shap; else shap's own code."""
    r = {}
    e = shap.TreeExplainer(model)
    if not native:
        e.model.model_type = 'internal'
    by_output = lambda v: (v[:, :, None] if v.ndim == 2 else v).transpose(0, 2, 1).tolist()
    v = np.asarray(e.shap_values(rows, check_additivity=False))
    if v.ndim == 3 and v.shape[0] == len(rows) or v.ndim == 2:
        r['path'] = by_output(v)
    r['expected'] = np.atleast_1d(e.expected_value).tolist()
    if interactions:
        w = np.asarray(shap.TreeExplainer(model).shap_interaction_values(rows))
        w = w[..., None] if w.ndim == 3 else w
        r['pairs'] = w.transpose(0, 3, 1, 2).tolist()
    if background is not None:
        e = shap.TreeExplainer(model, data=background, feature_perturbation='interventional')
        r['background'] = by_output(np.asarray(e.shap_values(rows, check_additivity=False)))
        r['backgroundExpected'] = np.atleast_1d(e.expected_value).tolist()
    return r


# Of LightGBM's categories, several classes and averaged trees shap's own code knows nothing: it takes LightGBM's values.
native = ('categories', 'three classes', 'forest')
base = {'verbose': -1, 'num_leaves': 9, 'learning_rate': .2, 'num_threads': 1, 'min_data_in_leaf': 5, 'min_data_per_group': 5, 'cat_smooth': 1}
for name, params, y, cats in [
    ('binary, missing values', {'objective': 'binary'}, y2, []), ('regression, deep', {'objective': 'regression', 'num_leaves': 31, 'min_data_in_leaf': 2}, z, []),
    ('three classes', {'objective': 'multiclass', 'num_class': 3}, y3, []), ('forest', {'objective': 'regression', 'boosting': 'rf', 'bagging_freq': 1, 'bagging_fraction': .6}, z, []),
    ('categories', {'objective': 'binary'}, y2, [3]),
]:
    m = lgb.train({**base, **params}, lgb.Dataset(x, y, categorical_feature=cats or 'auto', params={**base, **params}), 6)
    m = lgb.Booster(model_str=m.model_to_string())
    values = explain(m, x[some], None if name in native else x[other], native=name in native, interactions=name not in native)
    if name == 'forest':
        # LightGBM predicts the mean of these trees but explains their sum.
        values = {k: (np.asarray(v) / m.num_trees()).tolist() for k, v in values.items()}
    out['models'].append({'kind': 'lightgbm', 'name': name, 'file': m.model_to_string(), **values})

for name, params, y, cats in [('binary, missing values', {'objective': 'binary:logistic'}, y2, []), ('three classes', {'objective': 'multi:softprob', 'num_class': 3}, y3, []),
                              ('categories', {'objective': 'reg:squarederror', 'max_cat_to_onehot': 2}, z, [3])]:
    types = ['c' if j in cats else 'q' for j in range(5)]
    m = xgb.train({'max_depth': 4, 'eta': .3, 'nthread': 1, 'tree_method': 'hist', 'seed': 3, **params}, xgb.DMatrix(x, y, feature_types=types, enable_categorical=True), 6)
    if cats:
        # shap has no code of its own for these: the values are XGBoost's, in single precision.
        v = m.predict(xgb.DMatrix(x[some], feature_types=types, enable_categorical=True), pred_contribs=True)
        w = m.predict(xgb.DMatrix(x[some], feature_types=types, enable_categorical=True), pred_interactions=True)
        values = {'path': v[:, None, :-1].tolist(), 'expected': [float(v[0, -1])], 'pairs': w[:, None, :-1, :-1].tolist(), 'single': True}
    else:
        values = explain(m, x[some], x[other])
        # The expected value of the path-dependent form is XGBoost's: shap's own code leaves the trees out of it.
        values['expected'] = m.predict(xgb.DMatrix(x[some]), pred_contribs=True)[0].reshape(len(values['path'][0]), -1)[:, -1].astype(float).tolist()
        # That of the background is the mean of XGBoost's own scores: shap takes the first class's base score for every class.
        values['backgroundExpected'] = np.atleast_1d(m.predict(xgb.DMatrix(x[other]), output_margin=True).astype(float).mean(axis=0)).tolist()
    out['models'].append({'kind': 'xgboost', 'name': name, 'file': m.save_raw('json').decode(), **values})

for name, m, y in [('regression', RandomForestRegressor(5, random_state=1, min_samples_leaf=3), z), ('three classes', RandomForestClassifier(5, random_state=1, max_leaf_nodes=20), y3)]:
    m.fit(full, y)
    trees = []
    for k in range(3 if 'classes' in name else 1):
        for t in (e.tree_ for e in m.estimators_):
            trees.append({'feature': np.where(t.children_left < 0, -1, t.feature).tolist(), 'threshold': t.threshold.tolist(), 'left': t.children_left.tolist(), 'right': t.children_right.tolist(),
                          'count': t.weighted_n_node_samples.tolist(), 'value': (t.value[:, 0, k] / (t.value[:, 0].sum(axis=1) if 'classes' in name else 1)).tolist(), 'output': k})
    out['models'].append({'kind': 'scikit-learn', 'name': name, 'trees': trees, **explain(m, full[some], full[other])})
print(json.dumps(out))
