"""Reads, types, describes and stores the table with pandas or Polars, as somebody would who knows its columns and the library well."""
import os
import sys

sys.path.append(os.path.join(os.path.dirname(__file__), '..'))
from peer import answer, task

WHOLE = ['age', 'visits', 'seconds']
NUMBERS = ['age', 'income', 'balance', 'score', 'visits', 'distance_km', 'temperature', 'ratio', 'seconds', 'load', 'price']
WORDS = ['plan', 'region', 'channel', 'device', 'city', 'merchant']
DATES = {'opened': '%Y-%m-%d', 'closed': '%m/%d/%Y'}
QUANTILES = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99]
BINS, TOP, FEW = 20, 10, 50


def with_pandas(csv, folder):
    import numpy as np
    import pandas as pd

    # Columns that are known are told: nothing has to be found, and of words it keeps codes.
    table = pd.read_csv(csv, engine='pyarrow', dtype={**{n: 'category' for n in WORDS}, **{n: 'float64' for n in NUMBERS if n != 'price'}})
    table['price'] = table['price'].str.replace('$', '', regex=False).str.replace(',', '', regex=False).astype('float64')
    for name, how in DATES.items():
        table[name] = pd.to_datetime(table[name], format=how)
    table['churned'] = table['churned'] == 'yes'
    table.to_parquet(os.path.join(folder, 'table.parquet'), engine='pyarrow', compression='snappy', index=False)
    found = {'rows': len(table)}
    for name in table.columns:
        values = table[name]
        if name in WORDS or name == 'churned':
            counts = values.value_counts()
            counts = counts[counts > 0]
            counts.head(TOP)
            found |= {f'{name} missing': int(values.isna().sum()), f'{name} distinct': len(counts)}
            continue
        counts = values.value_counts()
        seen = values.describe(percentiles=QUANTILES)
        np.histogram((values.astype('int64') if name in DATES else values).dropna(), BINS)
        found |= {f'{name} missing': int(values.isna().sum()), f'{name} distinct': len(counts)}
        if name not in DATES:
            found |= {f'{name} mean': float(seen['mean']), f'{name} median': float(seen['50%'])}
    answer(pd.__version__, found)


def with_polars(csv, folder):
    import polars as pl

    c = pl.col
    table = (
        pl.scan_csv(csv, schema_overrides={**{n: pl.Float64 for n in NUMBERS if n not in [*WHOLE, 'price']}, **{n: pl.Categorical for n in WORDS}})
        .with_columns(
            c('price').str.replace('$', '', literal=True).str.replace_all(',', '', literal=True).cast(pl.Float64),
            *[c(name).cast(pl.String).str.to_date(how) for name, how in DATES.items()],
            c('churned') == 'yes',
        )
        .collect(engine='streaming')
    )
    table.write_parquet(os.path.join(folder, 'table.parquet'), compression='snappy')
    found = {'rows': table.height}
    # One query for all columns: they run side by side.
    numbers = [*NUMBERS, *DATES]
    lazy = table.lazy().with_columns(*[c(name).cast(pl.Int32) for name in DATES])
    seen = lazy.select(
        *[c(name).null_count().alias(f'{name} missing') for name in table.columns],
        *[c(name).drop_nulls().n_unique().alias(f'{name} distinct') for name in table.columns],
        *[c(name).min().alias(f'{name} min') for name in numbers],
        *[c(name).max().alias(f'{name} max') for name in numbers],
        *[c(name).mean().alias(f'{name} mean') for name in numbers],
        *[c(name).std().alias(f'{name} std') for name in numbers],
        *[c(name).quantile(q, 'linear').alias(f'{name} q{q}') for name in numbers for q in QUANTILES],
        *[c(name).drop_nulls().hist(bin_count=BINS).implode().alias(f'{name} histogram') for name in numbers],
        *[c(name).drop_nulls().value_counts(sort=True).head(TOP).implode().alias(f'{name} top') for name in [*WORDS, 'churned']],
    ).collect().row(0, named=True)
    for name in numbers:
        if seen[f'{name} distinct'] <= FEW:
            table[name].value_counts(sort=True).head(TOP)
    for name in table.columns:
        found |= {f'{name} missing': seen[f'{name} missing'], f'{name} distinct': seen[f'{name} distinct']}
        if name in NUMBERS:
            found |= {f'{name} mean': seen[f'{name} mean'], f'{name} median': seen[f'{name} q0.5']}
    answer(pl.__version__, found)


asked = task()
{'pandas': with_pandas, 'polars': with_polars}[asked['peer']](asked['csv'], asked['folder'])
