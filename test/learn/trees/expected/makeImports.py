"""Makes imports.json: small LightGBM 4.7.0 and XGBoost 3.2.0 models as their own files, with their own predictions. Needs lightgbm, xgboost, numpy."""
import base64
import gzip
import json
import os
import tempfile

import lightgbm as lgb
import numpy as np
import xgboost as xgb

rng = np.random.default_rng(11)
n = 400
x = np.round(np.column_stack([rng.normal(size=n), rng.integers(0, 5, n) - 2., rng.normal(size=n) * 10, rng.integers(0, 40, n).astype(float)]), 4)
x[rng.random(n) < .2, 0] = np.nan
x[rng.random(n) < .3, 2] = 0
z = np.nan_to_num(x[:, 0], nan=1.) + .5 * x[:, 1] + np.sin(x[:, 2]) + (x[:, 3] % 3 - 1) + rng.normal(0, .5, n)
y2, y3, pos = (z > 0).astype(float), np.digitize(z, [-1, 1]).astype(float), np.exp(z / 3)
share, grade, group = 1 / (1 + np.exp(-z)), np.digitize(z, [-1, 0, 1]).astype(float), [40] * 10
# Rows to ask about: those, and some that hold what training never saw.
ask = np.vstack([x[:50], [[np.nan, np.nan, np.nan, np.nan], [0, 0, 0, 0], [1e30, -1e30, 1e-36, 1000], [-1e30, 1e30, -0.0, 39], [.1, 0, 1e-40, -3]]])
base = {'verbose': -1, 'num_leaves': 8, 'learning_rate': .2, 'num_threads': 1, 'min_data_in_leaf': 5, 'min_data_per_group': 5, 'cat_smooth': 1, 'seed': 3, 'deterministic': True}
out = {'source': f'LightGBM {lgb.__version__}, XGBoost {xgb.__version__}, made by makeImports.py; files are compressed', 'x': [[None if np.isnan(v) else v for v in r] for r in ask], 'models': [], 'refused': []}


def short(values):
    return [[float(f'{v:.10g}') for v in row] for row in np.asarray(values, dtype='float64').reshape(len(values), -1)]


def pack(data):
    return base64.b64encode(gzip.compress(data, 9, mtime=0)).decode()


def add(kind, name, data, p, **more):
    out['models'].append({'kind': kind, 'name': name, 'file': pack(data), 'p': short(p), **more})


def lightgbm(params, y, cats, rounds=6, **more):
    settings = {**base, **params}
    return lgb.train(settings, lgb.Dataset(x, y, group=group if 'rank' in params['objective'] else None, categorical_feature=cats or 'auto', params=settings), rounds, **more)


for name, params, y, cats in [
    ('binary', {'objective': 'binary'}, y2, []), ('binary, sigmoid 2', {'objective': 'binary', 'sigmoid': 2.}, y2, []), ('categories', {'objective': 'binary'}, y2, [3]),
    ('three classes', {'objective': 'multiclass', 'num_class': 3}, y3, [3]), ('one against the rest', {'objective': 'multiclassova', 'num_class': 3, 'sigmoid': 1.5}, y3, []),
    ('zero as missing', {'objective': 'regression', 'zero_as_missing': True}, z, []), ('no missing values', {'objective': 'regression', 'use_missing': False}, z, []),
    ('dart', {'objective': 'regression', 'boosting': 'dart', 'drop_rate': .5, 'skip_drop': 0.}, z, []), ('forest', {'objective': 'binary', 'boosting': 'rf', 'bagging_freq': 1, 'bagging_fraction': .6}, y2, [3]),
    ('forest of values', {'objective': 'regression', 'boosting': 'rf', 'bagging_freq': 1, 'bagging_fraction': .6}, z, []),
    ('poisson', {'objective': 'poisson'}, np.round(pos), [3]), ('quantile', {'objective': 'quantile', 'alpha': .7}, z, []), ('tweedie', {'objective': 'tweedie'}, pos, []),
    ('gamma', {'objective': 'gamma'}, pos, []), ('absolute', {'objective': 'regression_l1'}, z, []), ('huber', {'objective': 'huber'}, z, []), ('fair', {'objective': 'fair'}, z, []), ('mape', {'objective': 'mape'}, z, []),
    ('root of the target', {'objective': 'regression', 'reg_sqrt': True}, z * 5, []), ('cross entropy', {'objective': 'cross_entropy'}, share, []), ('cross entropy of intensities', {'objective': 'cross_entropy_lambda'}, share, []),
    ('ranking', {'objective': 'lambdarank'}, grade, []), ('ranking by xendcg', {'objective': 'rank_xendcg'}, grade, []),
]:
    m = lightgbm(params, y, cats)
    m = lgb.Booster(model_str=m.model_to_string())
    add('lightgbm', name, m.model_to_string().encode(), m.predict(ask), **({'shap': short(m.predict(ask[:20], pred_contrib=True))} if name in ('binary', 'categories', 'three classes') else {}))
    if name in ('binary', 'categories', 'three classes'):
        out['models'][-1]['importance'] = {kind: [float(f'{v:.10g}') for v in m.feature_importance(kind)] for kind in ('gain', 'split')}
m = lightgbm({'objective': 'binary', 'learning_rate': 1.}, y2, [3], 60, valid_sets=[lgb.Dataset(x, 1 - y2)], callbacks=[lgb.early_stopping(2, verbose=False)])
add('lightgbm', f'stopped early', m.model_to_string().encode(), m.predict(ask))
m = lightgbm({'objective': 'regression', 'linear_tree': True}, z, [])
out['refused'].append({'kind': 'lightgbm', 'name': 'linear leaves', 'file': pack(m.model_to_string().encode()), 'why': 'linear leaves'})


def file_of(m, ubj):
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, 'm.ubj' if ubj else 'm.json')
        m.save_model(path)
        return open(path, 'rb').read()


def xgboost(params, y, cats, rounds=6, booster=None):
    types = ['c' if j in cats else 'q' for j in range(4)]
    data = xgb.DMatrix(x, y, feature_types=types, enable_categorical=True)
    if 'rank' in params['objective']:
        data.set_group(group)
    if params['objective'] == 'survival:aft':
        data.set_float_info('label_lower_bound', pos)
        data.set_float_info('label_upper_bound', pos * 1.5)
    return xgb.train({'max_depth': 3, 'eta': .3, 'nthread': 1, 'tree_method': 'hist', 'seed': 3, **params}, data, rounds)


def rows_for(cats):
    rows = ask.copy()
    if cats:
        # XGBoost itself refuses a category below zero.
        rows[rows[:, 3] < 0, 3] = 39
    return xgb.DMatrix(rows, feature_types=['c' if j in cats else 'q' for j in range(4)], enable_categorical=True)


def add_xgboost(name, m, data, cats, p=None):
    add('xgboost', name, data, m.predict(rows_for(cats)) if p is None else p, categories=bool(cats))


for name, params, y, cats, ubj in [
    ('binary', {'objective': 'binary:logistic'}, y2, [], False), ('binary as UBJSON', {'objective': 'binary:logistic', 'base_score': .3}, y2, [3], True), ('categories', {'objective': 'reg:squarederror', 'max_cat_to_onehot': 2}, z, [3], False),
    ('one-hot categories', {'objective': 'reg:squarederror', 'max_cat_to_onehot': 100}, z, [3], True), ('three classes', {'objective': 'multi:softprob', 'num_class': 3}, y3, [], False),
    ('three classes from one score', {'objective': 'multi:softprob', 'num_class': 3, 'base_score': .4}, y3, [3], False),
    ('parallel trees', {'objective': 'multi:softprob', 'num_class': 3, 'num_parallel_tree': 3, 'subsample': .7}, y3, [], True), ('dart', {'objective': 'reg:squarederror', 'booster': 'dart', 'rate_drop': .4}, z, [], False),
    ('dart of classes as UBJSON', {'objective': 'multi:softprob', 'num_class': 3, 'booster': 'dart', 'rate_drop': .5}, y3, [], True),
    ('forest', {'objective': 'binary:logistic', 'num_parallel_tree': 8, 'subsample': .6, 'colsample_bynode': .7, 'eta': 1}, y2, [3], True),
    ('poisson', {'objective': 'count:poisson'}, np.round(pos), [], False), ('gamma', {'objective': 'reg:gamma'}, pos, [], True), ('tweedie', {'objective': 'reg:tweedie'}, pos, [], False), ('absolute', {'objective': 'reg:absoluteerror'}, z, [], False),
    ('shares', {'objective': 'reg:logistic'}, share, [], True), ('raw log-odds', {'objective': 'binary:logitraw'}, y2, [], False), ('hinge', {'objective': 'binary:hinge'}, y2, [], True), ('huber', {'objective': 'reg:pseudohubererror'}, z, [], True),
    ('quantile', {'objective': 'reg:quantileerror', 'quantile_alpha': .7}, z, [], False), ('squared log', {'objective': 'reg:squaredlogerror'}, pos, [], True), ('cox', {'objective': 'survival:cox'}, pos, [], True), ('aft', {'objective': 'survival:aft'}, pos, [], False),
    ('ranking', {'objective': 'rank:ndcg'}, grade, [], True), ('ranking by pairs', {'objective': 'rank:pairwise'}, grade, [], True), ('ranking by map', {'objective': 'rank:map'}, (grade > 1).astype(float), [], False),
]:
    m = xgboost(params, y, cats, 1 if name == 'forest' else 6)
    add_xgboost(name, m, file_of(m, ubj), cats)

# The class alone is what this objective answers; ours gives the probabilities that it is taken from.
m = xgboost({'objective': 'multi:softmax', 'num_class': 3}, y3, [])
margin = np.exp(m.predict(rows_for([]), output_margin=True).astype('float64'))
add_xgboost('the class alone', m, file_of(m, False), [], margin / margin.sum(1, keepdims=True))
assert (margin.argmax(1) == m.predict(rows_for([]))).all()

# Versions before 3.1 wrote one number without brackets; they and this one read it alike.
m = xgboost({'objective': 'binary:logistic', 'base_score': .2}, y2, [])
old = json.loads(file_of(m, False))
old['learner']['learner_model_param']['base_score'] = '2E-1'
data = json.dumps(old).encode()
add_xgboost('first score as one number', xgb.Booster(model_file=bytearray(data)), data, [])

# The scikit-learn interface predicts with the best iteration, Booster.predict with all of them.
wrapped = xgb.XGBClassifier(n_estimators=40, learning_rate=1., max_depth=3, early_stopping_rounds=3, n_jobs=1, random_state=3).fit(x[:300], y2[:300], eval_set=[(x[300:], y2[300:])], verbose=False)
assert wrapped.best_iteration + 1 < wrapped.get_booster().num_boosted_rounds()
add_xgboost('stopped early, of the scikit-learn interface', None, file_of(wrapped, True), [], wrapped.predict_proba(ask)[:, 1])
add_xgboost('stopped early', wrapped.get_booster(), file_of(wrapped.get_booster(), False), [])

for name, params, y, why in [
    ('a linear booster', {'objective': 'reg:squarederror', 'booster': 'gblinear', 'tree_method': None}, z, 'no trees'), ('vector leaves', {'objective': 'multi:softprob', 'num_class': 3, 'multi_strategy': 'multi_output_tree'}, y3, 'vectors in its leaves'),
    ('several quantiles', {'objective': 'reg:quantileerror', 'quantile_alpha': [.2, .8]}, z, 'several targets'),
]:
    m = xgb.train({k: v for k, v in {'max_depth': 2, 'nthread': 1, 'tree_method': 'hist', **params}.items() if v is not None}, xgb.DMatrix(np.nan_to_num(x), y), 2)
    out['refused'].append({'kind': 'xgboost', 'name': name, 'file': pack(file_of(m, False)), 'why': why})
print(json.dumps(out))
