"""
Makes ordered.json: what CatBoostEncoder of category_encoders makes of categories, row by row in the order of the rows, and of other rows
with values it never saw. Run with category_encoders installed.
"""
import json
import category_encoders as ce
import numpy as np
import pandas as pd

rng = np.random.default_rng(3)
n, levels = 60, 9
codes = rng.integers(0, levels, n) ** 2 // levels
out = {'codes': codes.tolist(), 'cases': []}
for kind, y in {'class': rng.integers(0, 2, n).astype(float), 'number': np.round(rng.normal(10, 3, n), 2)}.items():
    x, series = pd.DataFrame({'c': codes.astype(str)}), pd.Series(y)
    encoder = ce.CatBoostEncoder(cols=['c'], a=1)
    rows = encoder.fit_transform(x, series)['c']
    others = encoder.transform(pd.DataFrame({'c': [str(c) for c in range(levels + 1)]}))['c']
    out['cases'].append({'kind': kind, 'y': y.tolist(), 'rows': rows.tolist(), 'others': others.tolist()})
out['source'] = f'category_encoders {ce.__version__}, made by makeOrdered.py'
print(json.dumps(out))
