"""The recipe's twelve steps with pandas and scikit-learn's ColumnTransformer, and by hand with Polars, as somebody would who knows both."""
import os
import sys
import time
import warnings

sys.path.append(os.path.join(os.path.dirname(__file__), '..'))
from peer import answer, task

warnings.filterwarnings('ignore')
SMALL = ['plan', 'region', 'channel', 'device']
MONEY = ['income', 'price']
GAPS = ['age', 'score', 'distance_km', 'temperature', 'balance', 'visits', 'load', 'ratio']
CLIPPED = ['balance', 'distance_km', 'load', *MONEY]
SCALED = ['age', 'balance', 'score', 'distance_km', 'ratio', 'seconds', *MONEY, 'tenure']
PARTS = ['day', 'weekday', 'month']
MISSING = ['', 'N/A', 'NA', 'N.A.', '#N/A', 'NAN', 'NULL', 'NONE', 'NIL', 'MISSING', '-', '--', '?', '.']


def with_pandas(file, one_row):
    import numpy as np
    import pandas as pd
    import sklearn
    from sklearn.base import BaseEstimator, TransformerMixin
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, KBinsDiscretizer, OneHotEncoder, StandardScaler, TargetEncoder

    class Clip(BaseEstimator, TransformerMixin):
        def fit(self, x, y=None):
            low, high = np.quantile(x, [0.25, 0.75], axis=0)
            self.low_, self.high_ = low - 3 * (high - low), high + 3 * (high - low)
            return self

        def transform(self, x):
            return np.clip(x, self.low_, self.high_)

    class Rare(BaseEstimator, TransformerMixin):
        def fit(self, x, y=None):
            shares = x.iloc[:, 0].value_counts(normalize=True)
            self.common_ = set(shares.index[shares >= 0.005])
            return self

        def transform(self, x):
            column = x.iloc[:, 0]
            return column.where(column.isin(self.common_), 'other').to_frame()

    def tidy(x):
        out = {}
        for name in x.columns:
            s = x[name].str.replace(r'\s+', ' ', regex=True).str.strip().str.upper()
            out[name] = s.mask(s.isin(MISSING)).astype(object)
            out[name][out[name].isna()] = np.nan
        return pd.DataFrame(out)

    def dates(x):
        out = {f'{n}_{part}': getattr(x[n].dt, part) for n in x.columns for part in PARTS}
        return pd.DataFrame(out).to_numpy('float64')

    def tenure(x):
        return ((x['closed'] - x['opened']).dt.total_seconds() / 86_400).to_frame().to_numpy()

    def busy(x):
        return x[:, :1] / (x[:, 1:] + 1)

    def hot():
        return OneHotEncoder(max_categories=20, handle_unknown='infrequent_if_exist', sparse_output=False, dtype=np.float32)

    def median():
        return SimpleImputer(strategy='median')

    pipe = make_pipeline
    words = SimpleImputer(strategy='most_frequent')
    steps = ColumnTransformer([
        ('money', pipe(median(), Clip(), FunctionTransformer(np.log1p), StandardScaler()), MONEY),
        ('clipped', pipe(median(), Clip(), StandardScaler()), ['balance', 'distance_km']),
        ('scaled', pipe(median(), StandardScaler()), ['age', 'score', 'ratio', 'seconds']),
        ('bins', pipe(median(), KBinsDiscretizer(10, encode='ordinal', subsample=None, quantile_method='averaged_inverted_cdf')), ['temperature']),
        ('visits', median(), ['visits']),
        ('load', pipe(median(), Clip()), ['load']),
        ('busy', pipe(ColumnTransformer([('load', pipe(median(), Clip()), ['load']), ('visits', median(), ['visits'])]), FunctionTransformer(busy)), ['load', 'visits']),
        ('dates', FunctionTransformer(dates), ['opened', 'closed']),
        ('tenure', pipe(FunctionTransformer(tenure), StandardScaler()), ['opened', 'closed']),
        ('small', pipe(FunctionTransformer(tidy), words, hot()), SMALL),
        ('city', pipe(Rare(), hot()), ['city']),
        ('merchant', TargetEncoder(cv=5), ['merchant']),
    ])
    table = pd.read_parquet(file)
    matrix = steps.fit_transform(table, table['churned'].astype('int64')).astype('float32')
    version = f'{pd.__version__} with scikit-learn {sklearn.__version__}'
    if one_row:
        row, best = table.iloc[[0]], 1e9
        for _ in range(20):
            start = time.perf_counter()
            steps.transform(row).astype('float32')
            best = min(best, time.perf_counter() - start)
        return version, {'columns': matrix.shape[1]}, best
    names = [*MONEY, 'balance', 'distance_km', 'age', 'score', 'ratio', 'seconds', 'temperature', 'visits', 'load', 'busy']
    names += [f'{n}_{part}' for n in ['opened', 'closed'] for part in PARTS] + ['tenure']
    return version, means(matrix, names)


def with_polars(file):
    import polars as pl

    table = pl.read_parquet(file)
    col, y = pl.col, pl.col('churned').cast(pl.Int64)
    words = [col(n).str.replace_all(r'\s+', ' ').str.strip_chars().str.to_uppercase() for n in SMALL]
    table = table.with_columns([pl.when(~w.is_in(MISSING)).then(w) for w in words])
    numbers = [*MONEY, *GAPS]
    fill = table.select(*[col(n).median() for n in numbers], *[col(n).drop_nulls().mode().sort().first() for n in SMALL]).row(0, named=True)
    table = table.with_columns([col(n).fill_null(fill[n]) for n in fill])
    quartiles = table.select(*[col(n).quantile(q, 'linear').alias(f'{n} {q}') for n in CLIPPED for q in [0.25, 0.75]]).row(0, named=True)
    low, high = ({n: quartiles[f'{n} {q}'] for n in CLIPPED} for q in [0.25, 0.75])
    table = table.with_columns([col(n).clip(low[n] - 3 * (high[n] - low[n]), high[n] + 3 * (high[n] - low[n])) for n in CLIPPED])
    table = table.with_columns(
        *[col(n).log1p() for n in MONEY],
        *[getattr(col(n).dt, part)().alias(f'{n}_{part}') for n in ['opened', 'closed'] for part in PARTS],
        ((col('closed') - col('opened')).dt.total_milliseconds() / 86_400_000).alias('tenure'),
        (col('load') / (col('visits') + 1)).alias('busy'),
    ).with_columns([col(f'{n}_weekday') - 1 for n in ['opened', 'closed']])
    common = table.group_by('city').len().filter(col('len') >= 0.005 * table.height)['city']
    table = table.with_columns(pl.when(col('city').is_in(common.implode())).then(col('city')).otherwise(pl.lit('other')).alias('city'))
    # Target encoding out of fold: what the other folds have of the value.
    table = table.with_row_index('row').with_columns((col('row').hash(0) % 5).alias('fold'))
    sums = table.group_by('merchant', 'fold').agg(y.count().alias('n'), y.sum().alias('s'))
    whole = sums.group_by('merchant').agg(col('n').sum().alias('all'), col('s').sum().alias('sum'))
    others = sums.join(whole, on='merchant').with_columns(col('all') - col('n'), (col('sum') - col('s')).alias('s')).with_columns((col('all')).alias('n'))
    mean = table['churned'].cast(pl.Int64).mean()
    own, variance = col('s') / col('n'), mean * (1 - mean)
    weight = variance * col('n') / (variance * col('n') + own * (1 - own))
    value = pl.when(col('n') > 0).then(weight * own + (1 - weight) * mean).otherwise(mean).alias('value')
    keys = ['merchant', 'fold']
    encoded = table.select(keys).join(others.select(*keys, value), on=keys, how='left', maintain_order='left')['value']
    edges = table.select([col('temperature').quantile(k / 10, 'linear').alias(str(k)) for k in range(1, 10)]).row(0)
    moments = table.select(*[col(n).mean() for n in SCALED], *[col(n).std(ddof=0).alias(f'{n} std') for n in SCALED]).row(0, named=True)
    single = ['visits', 'load', 'busy', *[f'{n}_{part}' for n in ['opened', 'closed'] for part in PARTS]]
    hot = []
    for name in [*SMALL, 'city']:
        for level in table.get_column(name).unique().sort():
            hot.append((col(name) == level).cast(pl.Float32).alias(f'{name}_{level}'))
    matrix = table.select(
        *[((col(n) - moments[n]) / moments[f'{n} std']).cast(pl.Float32) for n in SCALED],
        col('temperature').cut(list(edges), left_closed=True).to_physical().cast(pl.Float32),
        *[col(n).cast(pl.Float32) for n in single],
        encoded.cast(pl.Float32).alias('merchant'),
        *hot,
    )
    return pl.__version__, means(matrix.to_numpy(), [*SCALED, 'temperature', *single])


def means(matrix, names):
    return {'rows': matrix.shape[0], **{name: float(matrix[:, k].mean(dtype='float64')) for k, name in enumerate(names)}}


asked = task()
file = f"{asked['csv']}.parquet"
answer(*(with_pandas(file, asked['id'] == 'recipe-row') if asked['peer'] == 'pandas' else with_polars(file)))
