"""Makes categories.json: what LightGBM 4.7.0 answers for each level of one column of categories, by the number of levels, with and
without missing values, with groups below `min_data_per_group`. One tree of two leaves each, so that what is compared is the split itself.
The last answer is for a missing value. Run with lightgbm and numpy installed."""
import json
import lightgbm as lgb
import numpy as np

SIZES = {'even': lambda level: 400, 'small': lambda level: 60 if level % 2 else 700}
CHANGES = ({}, {'max_cat_to_onehot': 8}, {'max_cat_to_onehot': 1}, {'min_data_per_group': 10}, {'min_data_per_group': 500})


def target(level, row):
    """The same sum in categories.test.ts."""
    return (level * 7 % 11) / 5 + (row * 7919 % 1000) / 1000


cases = []
for levels in range(2, 9):
    for sizes, size in SIZES.items():
        for missing in (0, 150):
            codes = [level for level in range(levels) for _ in range(size(level))] + [np.nan] * missing
            y = [target(levels if np.isnan(c) else c, row) for row, c in enumerate(codes)]
            for change in CHANGES:
                params = {'objective': 'regression', 'verbose': -1, 'num_threads': 1, 'num_leaves': 2, 'learning_rate': 1, 'deterministic': True,
                          'force_col_wise': True, **change}
                model = lgb.train(params, lgb.Dataset(np.array(codes)[:, None], y, categorical_feature=[0]), 1)
                answers = model.predict(np.array([*range(levels), np.nan])[:, None])
                cases.append({'levels': levels, 'sizes': sizes, 'missing': missing, 'params': change, 'answers': [round(float(v), 5) for v in answers]})
print(json.dumps({'source': f'LightGBM {lgb.__version__}, made by makeCategories.py', 'cases': cases}))
