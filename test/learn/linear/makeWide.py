"""Makes wide.json: optima of scikit-learn for tables with more levels than a Hessian in full is worth. Needs numpy and scikit-learn."""
import json
import os

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression, Ridge

N, LEVELS = 6000, 1700
i = np.arange(N)
codes = (i * i + 7919 * i) % LEVELS
few = (i * 31) % 5
x = np.stack([np.sin(i), np.cos(3 * i) + 0.5 * np.sin(i)], axis=1)
onehot = np.hstack([x, np.eye(LEVELS)[codes], np.eye(5)[few]])
score = x[:, 0] + np.sin(codes) + 0.4 * few - 0.8 + 1.5 * np.sin(i * i)
weight = 0.5 + (i % 4)
labels = {'binary': (score > 0).astype(int), 'multiclass': np.digitize(score, [-1, 0, 1.2]), 'regression': score}


def case(task, params, weighted, model):
    w = weight if weighted else None
    model.fit(onehot, labels[task], sample_weight=w)
    said = model.predict(onehot) if task == 'regression' else model.predict_proba(onehot)
    if task == 'binary':
        said = said[:, 1]
    return {'task': task, 'params': params, 'weighted': weighted, 'predictions': np.round(said[:40], 9).tolist()}


exact = {'solver': 'newton-cholesky', 'tol': 1e-12, 'max_iter': 500}
cases = [
    case('binary', {'C': 1}, False, LogisticRegression(C=1, **exact)),
    case('binary', {'C': 0.2, 'class_weight': 'balanced'}, True, LogisticRegression(C=0.2, class_weight='balanced', **exact)),
    case('binary', {'C': 0.5, 'l1_ratio': 0.5}, False, LogisticRegression(C=0.5, l1_ratio=0.5, solver='saga', tol=1e-9, max_iter=20000)),
    case('multiclass', {'C': 1}, False, LogisticRegression(C=1, solver='lbfgs', tol=1e-10, max_iter=50000)),
    case('multiclass', {'C': 2}, True, LogisticRegression(C=2, solver='lbfgs', tol=1e-10, max_iter=50000)),
    # ElasticNet's mean of squares: alpha times the sum of the weights.
    case('regression', {'alpha': 0.001}, False, Ridge(alpha=0.001 * N, solver='cholesky')),
    case('regression', {'alpha': 0.01}, True, Ridge(alpha=0.01 * weight.sum(), solver='cholesky')),
]
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'wide.json'), 'w') as f:
    json.dump({'made_with': f'scikit-learn {sklearn.__version__} by makeWide.py', 'rows': N, 'levels': LEVELS, 'cases': cases}, f)
