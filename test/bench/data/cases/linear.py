"""scikit-learn's logistic regression as it comes, on a sparse one-hot matrix of the prepared table."""
import datetime
import os
import sys
import time
import warnings

import numpy as np
import pandas as pd
import scipy.sparse
import sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import OneHotEncoder

sys.path.append(os.path.join(os.path.dirname(__file__), '..'))
from peer import answer, task

table = pd.read_parquet(task()['csv'] + '.parquet')
y = table.pop('churned').to_numpy().astype('float64')
numbers, words = [], []
for name in table.columns:
    values = table.pop(name)
    if pd.api.types.is_datetime64_any_dtype(values) or not pd.api.types.is_numeric_dtype(values) and isinstance(values.iloc[0], datetime.date):
        values = pd.to_datetime(values).astype('int64')
    if not pd.api.types.is_numeric_dtype(values):
        words.append(values.astype('category').cat.codes.to_numpy())
        continue
    gaps = values.isna().to_numpy()
    values = values.astype('float64').to_numpy(copy=True)
    values[gaps] = np.median(values[~gaps])
    numbers += [values] + ([gaps.astype('float64')] if gaps.any() else [])
numbers = [(values - values.mean()) / values.std() for values in numbers]
x = scipy.sparse.hstack([scipy.sparse.csr_matrix(np.stack(numbers, axis=1)), OneHotEncoder().fit_transform(np.stack(words, axis=1))], format='csr')
del table, numbers, words
warnings.simplefilter('ignore')  # That 100 iterations are not enough shows in the objective.

start = time.perf_counter()
model = LogisticRegression().fit(x, y)
seconds = time.perf_counter() - start

scores = x @ model.coef_[0] + model.intercept_[0]
objective = np.mean(np.logaddexp(0, scores) - y * scores) + np.sum(model.coef_ ** 2) / 2 / len(y)
answer(sklearn.__version__, {'rows': len(y), 'objective': float(objective)}, seconds)
