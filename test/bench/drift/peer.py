"""Makes the benchmark's tables, and asks Evidently about them: one JSON object a line in, one a line out."""
import json
import resource
import sys
import time
import warnings
from importlib.metadata import version

import numpy as np
import pandas as pd

warnings.filterwarnings('ignore')
NUMBERS, LEVELS = 40, [2, 3, 5, 8, 12, 30, 100, 500, 2000, 10000]


def column(rng, j, n, moved):
    """A number: measurements, amounts, prices to the cent, counts, and measurements with gaps; `moved`: by so many standard deviations."""
    kind = j % 8
    if kind < 4:
        return rng.standard_normal(n) * (j + 1) + moved * (j + 1)
    if kind == 4:
        return np.exp(rng.standard_normal(n) + moved)
    if kind == 5:
        return np.round(rng.gamma(2.0, 20.0, n) * (1 + moved), 2)
    if kind == 6:
        return rng.poisson(40, n) + int(round(moved * 7))
    values = rng.standard_normal(n) + moved
    values[rng.random(n) < 0.1] = np.nan
    return values


def category(rng, levels, n, moved):
    shares = 1 / np.arange(1, levels + 1) ** 0.7
    if moved:
        shares[: max(1, levels // 3)] *= 2.5
    return pd.Categorical.from_codes(rng.choice(levels, n, p=shares / shares.sum()), [f'level {i}' for i in range(levels)])


def table(rng, n, later):
    # Every seventh number and every third category of the later rows moved, the others did not.
    columns = {f'n{j}': column(rng, j, n, 0.4 if later and j % 7 == 0 else 0.0) for j in range(NUMBERS)}
    for j, levels in enumerate(LEVELS):
        columns[f'c{j}'] = category(rng, levels, n, later and j % 3 == 0)
    return pd.DataFrame(columns)


def make(folder, rows, day):
    rng = np.random.default_rng(20011)
    for name, n, later in [('reference', rows, False), ('current', rows, True), ('day', day, True)]:
        frame = table(rng, n, later)
        for name_of in frame.columns[NUMBERS:]:
            frame[name_of] = frame[name_of].astype(object)
        frame.to_parquet(f'{folder}/{name}.parquet', index=False)
    return {}


def compare(folder, reference, current):
    """Seconds of reading both tables, and of the report once they are in memory."""
    from evidently import Report
    from evidently.presets import DataDriftPreset

    began = time.perf_counter()
    before, now = (pd.read_parquet(f'{folder}/{name}.parquet') for name in (reference, current))
    read = time.perf_counter()
    snapshot = Report([DataDriftPreset()], include_tests=True).run(now, before)
    ended = time.perf_counter()
    said = snapshot.dict()
    status = {t['metric_config']['params']['column']: t['status'] for t in said['tests'] if 'column' in t['metric_config']['params']}
    columns = {
        m['config']['column']: {
            'score': float(m['value']),
            'method': m['config']['method'],
            'drifted': str(status[m['config']['column']]).endswith('FAIL'),
        }
        for m in said['metrics']
        if m['config']['type'].endswith('ValueDrift')
    }
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {'version': version('evidently'), 'reading': read - began, 'comparing': ended - read, 'peak': peak, 'columns': columns}


for line in sys.stdin:
    asked = json.loads(line)
    answer = make(**asked['make']) if 'make' in asked else compare(**asked['compare'])
    print(json.dumps(answer), flush=True)
