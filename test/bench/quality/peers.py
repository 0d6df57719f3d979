"""
One peer learns from a table and answers the test rows: peers.py <JSON of the task>. What it is given is what somebody does who knows it:
moments as numbers of their parts, and no texts that hardly repeat (all peers); categories as their dtype (LightGBM, FLAML), as texts (CatBoost), as codes, of more than 255
levels as numbers (HistGradientBoosting), as one column a level, the 100 most frequent ones, beside medians in the place of gaps (forest).
"""
import json
import os
import sys
import time
import warnings

task = json.loads(sys.argv[1])
for name in ('OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS'):
    os.environ[name] = str(task['threads'])

import numpy as np
import pandas as pd

warnings.filterwarnings('ignore')
about, target, seed, threads = task['about'], task['target'], task['seed'], task['threads']
numbers = task['task'] == 'regression'


def moments(values):
    at = pd.to_datetime(values, errors='coerce', format='mixed')
    parts = {'day': (at - pd.Timestamp('2000-01-01')).dt.total_seconds() / 86400}
    parts |= {p: getattr(at.dt, p).astype(float) for p in ('year', 'month', 'dayofyear', 'dayofweek', 'hour')}
    return {p: v for p, v in parts.items() if v.nunique() > 1}


def frames():
    """Features of both parts by plain names, and which of them are categories."""
    read = {c: str for c, of in about['columns'].items() if of['kind'] != 'number'}
    read |= {} if numbers else {target: str}
    train, test = (pd.read_csv(os.path.join(task['folder'], f'{part}.csv'), dtype=read, keep_default_na=True) for part in ('train', 'test'))
    out, categories = [{}, {}], []
    for j, (column, of) in enumerate(about['columns'].items()):
        if of['kind'] == 'date':
            for part, values in moments(train[column]).items():
                out[0][f'f{j}{part}'] = values
                out[1][f'f{j}{part}'] = moments(test[column]).get(part, pd.Series(np.nan, index=test.index))
            continue
        if of['kind'] == 'text':
            continue
        if of['kind'] == 'category':
            categories.append(f'f{j}')
        number = of['kind'] == 'number'
        for part, rows in zip(out, (train, test)):
            part[f'f{j}'] = pd.to_numeric(rows[column], errors='coerce') if number else rows[column]
    y = train[target].to_numpy(dtype=float) if numbers else np.searchsorted(about['classes'], train[target])
    return pd.DataFrame(out[0]), pd.DataFrame(out[1]), y, categories


def as_category(x, xt, names):
    for c in names:
        levels = pd.CategoricalDtype(sorted(x[c].dropna().unique()))
        x[c], xt[c] = x[c].astype(levels), xt[c].astype(levels)
    return x, xt


def lightgbm(x, xt, y, names):
    import lightgbm as lib
    x, xt = as_category(x, xt, names)
    kind = lib.LGBMRegressor if numbers else lib.LGBMClassifier
    return lib.__version__, kind(n_jobs=threads, random_state=seed, verbosity=-1).fit(x, y), xt


def hgb(x, xt, y, names):
    import sklearn as lib
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    x, xt = as_category(x, xt, names)
    for c in names:
        if len(x[c].cat.categories) > 255:
            x[c], xt[c] = (v[c].cat.codes.astype(float).where(v[c].notna()) for v in (x, xt))
    kind = HistGradientBoostingRegressor if numbers else HistGradientBoostingClassifier
    return lib.__version__, kind(random_state=seed, categorical_features='from_dtype').fit(x, y), xt


def forest(x, xt, y, names):
    import sklearn as lib
    from sklearn.compose import ColumnTransformer
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder
    for c in names:
        x[c], xt[c] = x[c].astype(object).fillna('missing'), xt[c].astype(object).fillna('missing')
    kind = RandomForestRegressor if numbers else RandomForestClassifier
    ready = ColumnTransformer([
        ('categories', OneHotEncoder(handle_unknown='infrequent_if_exist', max_categories=100), names),
        ('numbers', SimpleImputer(strategy='median'), [c for c in x.columns if c not in names]),
    ], sparse_threshold=0)
    return lib.__version__, make_pipeline(ready, kind(n_estimators=500, n_jobs=threads, random_state=seed)).fit(x, y), xt


def catboost(x, xt, y, names):
    import catboost as lib
    for c in names:
        x[c], xt[c] = x[c].astype(object).fillna('missing').astype(str), xt[c].astype(object).fillna('missing').astype(str)
    kind = lib.CatBoostRegressor if numbers else lib.CatBoostClassifier
    how = {'thread_count': threads, 'random_seed': seed, 'verbose': False, 'allow_writing_files': False}
    return lib.__version__, kind(**how, cat_features=names).fit(x, y), xt


def flaml(x, xt, y, names):
    import flaml as lib
    x, xt = as_category(x, xt, names)
    model = lib.AutoML()
    model.fit(x, y, task='regression' if numbers else 'classification', time_budget=task['seconds'], n_jobs=threads, seed=seed, verbose=0)
    return lib.__version__, model, xt


began = time.perf_counter()
version, model, rows = {'lightgbm': lightgbm, 'hgb': hgb, 'forest': forest, 'catboost': catboost, 'flaml': flaml}[task['peer']](*frames())
seconds = time.perf_counter() - began
answers = np.asarray(model.predict(rows) if numbers else model.predict_proba(rows), dtype='float64')
answers.reshape(len(rows), -1).tofile(task['out'])
print(json.dumps({'version': version, 'seconds': seconds}))
