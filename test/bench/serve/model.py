"""Makes the table, the LightGBM model of 200 trees, and what it answers: the same bytes for the same seed. `model.py FOLDER`"""
import json
import os
import sys

import lightgbm as lgb
import numpy as np
import pandas as pd

SEED = 20026
ROWS, QUESTIONS, TREES = 20_000, 1_000, 200
NUMBERS = 10
CATEGORIES = {'region': 12, 'plan': 4, 'channel': 7, 'product': 60}

folder = sys.argv[1]
rng = np.random.default_rng(SEED)
n = ROWS + QUESTIONS
columns, z = {}, np.zeros(n)
for j in range(NUMBERS):
    x = np.round(rng.standard_normal(n) * 10 ** (j % 3), 3)
    z += np.sin(x / 10 ** (j % 3) * (j + 1) / 3)
    x[rng.random(n) < 0.02] = np.nan
    columns[f'n{j}'] = x
for name, k in CATEGORIES.items():
    codes = rng.integers(0, k, n)
    z += rng.standard_normal(k)[codes] * 0.7
    columns[name] = pd.Categorical.from_codes(codes, [f'{name} {i}' for i in range(k)])
table = pd.DataFrame(columns)
label = (z + rng.logistic(size=n) > 0).astype(int)

model = lgb.train({'objective': 'binary', 'num_leaves': 31, 'learning_rate': 0.05, 'seed': SEED, 'num_threads': 1, 'deterministic': True, 'verbose': -1},
                  lgb.Dataset(table[:ROWS], label[:ROWS]), TREES)
os.makedirs(folder, exist_ok=True)
model.save_model(os.path.join(folder, 'model.txt'))
example = table[:ROWS].assign(label=np.where(label[:ROWS] == 1, 'good', 'bad'))
example.to_csv(os.path.join(folder, 'example.csv'), index=False)

asked = table[ROWS:]
# Peers get the category's number, which is all that LightGBM itself knows of it; NaN has no form in JSON, so these rows have no gaps.
asked = asked.fillna({c: 0.0 for c in columns if c.startswith('n')})
codes = asked.assign(**{c: asked[c].cat.codes for c in CATEGORIES}).to_numpy(dtype='float64')
answers = lgb.Booster(model_file=os.path.join(folder, 'model.txt')).predict(codes)
with open(os.path.join(folder, 'questions.json'), 'w') as f:
    json.dump({'lightgbm': lgb.__version__, 'rows': json.loads(asked.to_json(orient='records', double_precision=15)), 'codes': codes.tolist(), 'answers': answers.tolist()}, f)
