"""Makes the benchmark's data, and trains the Python peers on request: one JSON object a line in, one a line out."""
import json
import os
import resource
import sys
import time

import numpy as np


def make(case, folder, scale, flights, seed=20011):
    """Writes columns (float32, or uint32 codes from 2 on), labels and a description; the same bytes for the same seed."""
    rng = np.random.default_rng(seed)
    rows = {'boost-10k': 10_000, 'boost-100k': 100_000, 'boost-500k': 500_000, 'boost-1m': 1_000_000, 'boost-wide': 100_000, 'boost-sparse': 100_000, 'boost-categorical': 1_000_000,
            'boost-multiclass': 100_000, 'boost-squared-missing': 500_000, 'forest-100k': 100_000, 'explain-100k': 100_000, 'boost-flights': 0}[case]
    rows = int(rows * scale)
    levels = []
    task, classes = 'binary', 2
    if case == 'boost-flights':
        import pandas as pd
        d = pd.read_parquet(flights)
        when = d['date'].dt
        origin, destination = d['origin'].astype('category'), d['destination'].astype('category')
        columns = [when.hour.to_numpy(), when.day_of_week.to_numpy(), d['distance'].to_numpy(), origin.cat.codes.to_numpy() + 2, destination.cat.codes.to_numpy() + 2]
        levels = [0, 0, 0, len(origin.cat.categories) + 2, len(destination.cat.categories) + 2]
        y = (d['delay'].to_numpy() > 15).astype('float64')
        month = when.month.to_numpy()
        parts = {'train': month <= 5, 'test': month == 6}
    else:
        test = max(20_000, rows // 5) if rows > 20_000 else 20_000
        n = rows + test
        parts = {'train': np.arange(n) < rows, 'test': np.arange(n) >= rows}
        if case == 'boost-categorical':
            sizes = [10, 100, 1000, 5000, 10000]
            cats = [np.minimum((rng.pareto(1.2, n) * k / 20).astype('int64'), k - 1) for k in sizes]
            nums = [rng.standard_normal(n).astype('float32') for _ in range(5)]
            z = sum(rng.standard_normal(k)[c] for k, c in zip(sizes, cats)) * 0.6 + nums[0] + np.sin(2 * nums[1]) + nums[2] * nums[3] * 0.5
            columns = nums + [c + 2 for c in cats]
            levels = [0] * 5 + [k + 2 for k in sizes]
        elif case == 'boost-sparse':
            # 1000 columns, 98 % of the values zero: 500 that exclude each other in tens of fifty, 500 counts that do not.
            columns, z = [], np.zeros(n)
            for _ in range(10):
                level = rng.integers(0, 50, n)
                z += rng.standard_normal(50)[level] * 0.5
                columns += [(level == k).astype('float32') for k in range(50)]
            for _ in range(500):
                c = np.zeros(n, dtype='float32')
                at = rng.random(n) < 0.02
                c[at] = rng.geometric(0.3, int(at.sum()))
                z += c * rng.standard_normal() * 0.3
                columns.append(c)
        else:
            width = 500 if case == 'boost-wide' else 28
            columns = [rng.standard_normal(n).astype('float32') for _ in range(width)]
            z = (columns[0] + columns[1] * columns[2] + np.sin(3 * columns[3]) + 0.5 * columns[4] ** 2 - 0.5 + np.abs(columns[5]) * columns[6]
                 + sum(columns[j] * (0.5 / (j - 5)) for j in range(7, 28)))
        if case == 'boost-multiclass':
            task, classes = 'multiclass', 7
            y = np.digitize(z + rng.standard_normal(n) * 0.7, np.quantile(z, np.arange(1, 7) / 7)).astype('float64')
        elif case == 'boost-squared-missing':
            task, classes = 'regression', 0
            y = (z + rng.standard_normal(n)).astype('float64')
            for c in columns:
                c[rng.random(n) < 0.1] = np.nan
        else:
            y = (z + rng.logistic(size=n) > 0).astype('float64')
    levels = levels or [0] * len(columns)
    os.makedirs(folder, exist_ok=True)
    for name, mask in parts.items():
        with open(os.path.join(folder, name + '.bin'), 'wb') as f:
            for c, k in zip(columns, levels):
                f.write(np.ascontiguousarray(c[mask], dtype='uint32' if k else 'float32').tobytes())
        y[mask].tofile(os.path.join(folder, name + '.y'))
    about = {'task': task, 'classes': classes, 'levels': levels, 'train': int(parts['train'].sum()), 'test': int(parts['test'].sum()), 'trees': 200 if case == 'boost-flights' else 100}
    if case.startswith('explain'):
        about['explain'] = 2000
    with open(os.path.join(folder, 'about.json'), 'w') as f:
        json.dump(about, f)
    return {}


loaded = {}


def load(folder):
    if folder not in loaded:
        loaded.clear()
        with open(os.path.join(folder, 'about.json')) as f:
            about = json.load(f)
        out = []
        for part in ('train', 'test'):
            n = about[part]
            raw = np.fromfile(os.path.join(folder, part + '.bin'), dtype='float32').reshape(-1, n)
            columns = [raw[j].view('uint32').astype('float32') if k else raw[j] for j, k in enumerate(about['levels'])]
            out += [np.ascontiguousarray(np.stack(columns, axis=1)), np.fromfile(os.path.join(folder, part + '.y'))]
        loaded[folder] = (about, *out)
    return loaded[folder]


def train(folder, peer, threads, seed, out, predict):
    about, x, y, xt, _ = load(folder)
    cats = [j for j, k in enumerate(about['levels']) if k]
    task, trees = about['task'], about['trees']
    if peer.startswith('lightgbm') or peer == 'shap':
        import lightgbm as lib
        params = {'objective': task, 'num_threads': threads, 'verbose': -1, 'num_leaves': 31, 'learning_rate': 0.1, 'max_bin': 255, 'seed': seed}
        if task == 'multiclass':
            params['num_class'] = about['classes']
        if peer.endswith('quantized'):
            params['use_quantized_grad'] = True
        start = time.perf_counter()
        model = lib.train(params, lib.Dataset(x, y, categorical_feature=cats or 'auto'), trees)
        seconds = time.perf_counter() - start
        go = lambda: model.predict(xt, num_threads=threads)
    elif peer == 'xgboost':
        import xgboost as lib
        params = {'objective': {'binary': 'binary:logistic', 'multiclass': 'multi:softprob', 'regression': 'reg:squarederror'}[task], 'tree_method': 'hist', 'nthread': threads,
                  'grow_policy': 'lossguide', 'max_leaves': 31, 'max_depth': 0, 'eta': 0.1, 'max_bin': 256, 'seed': seed}
        if task == 'multiclass':
            params['num_class'] = about['classes']
        types = ['c' if j in cats else 'q' for j in range(x.shape[1])]
        start = time.perf_counter()
        model = lib.train(params, lib.QuantileDMatrix(x, y, feature_types=types, enable_categorical=bool(cats), nthread=threads), trees)
        seconds = time.perf_counter() - start
        go = lambda: model.predict(lib.DMatrix(xt, feature_types=types, enable_categorical=bool(cats)))
    else:
        os.environ['OMP_NUM_THREADS'] = str(threads)
        import sklearn as lib
        if peer == 'scikit-learn hgb':
            from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
            kind = HistGradientBoostingRegressor if task == 'regression' else HistGradientBoostingClassifier
            model = kind(max_iter=trees, max_leaf_nodes=31, learning_rate=0.1, early_stopping=False, random_state=seed, categorical_features=cats or None)
        else:
            from sklearn.ensemble import RandomForestClassifier
            model = RandomForestClassifier(n_estimators=trees, n_jobs=threads, random_state=seed)
        start = time.perf_counter()
        model.fit(x, y)
        seconds = time.perf_counter() - start
        go = (lambda: model.predict(xt)) if task == 'regression' else (lambda: model.predict_proba(xt)[:, 1] if task == 'binary' else model.predict_proba(xt))
    version = lib.__version__
    if about.get('explain'):
        # Of the model above, by LightGBM's own code or by the shap package's.
        some = xt[:about['explain']]
        if peer == 'shap':
            import shap
            version = shap.__version__
            explainer = shap.TreeExplainer(model)
            explainer.model.model_type = 'internal'
        start = time.perf_counter()
        explainer.shap_values(some, check_additivity=False) if peer == 'shap' else model.predict(some, pred_contrib=True, num_threads=threads)
        seconds = time.perf_counter() - start
    answer = {'seconds': seconds, 'version': version, 'peak': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}
    if predict:
        start = time.perf_counter()
        p = np.asarray(go(), dtype='float64')
        answer['predictSeconds'] = time.perf_counter() - start
        p.tofile(out)
        if peer == 'lightgbm':
            rows = [xt[i:i + 1] for i in range(200)]
            start = time.perf_counter()
            for row in rows:
                model.predict(row, num_threads=1)
            answer['rowMicroseconds'] = (time.perf_counter() - start) * 1e6 / len(rows)
    return answer


for line in sys.stdin:
    ask = json.loads(line)
    try:
        answer = make(**ask['make']) if 'make' in ask else train(**ask['train'])
    except Exception as error:  # The other side prints it and leaves the pair out.
        answer = {'error': f'{type(error).__name__}: {error}'}
    print(json.dumps(answer), flush=True)
