"""Writes the benchmark's table: make.py <file.csv> <rows>. Blocks of a million rows have seeds of their own, so a longer
table begins like a shorter one."""
import sys

import numpy as np
import polars as pl

SEED, BLOCK = 20011, 1_000_000
SMALL = {'plan': 4, 'region': 9, 'channel': 6, 'device': 14}
LARGE = {'city': 6_000, 'merchant': 100_000}


def gaps(rng, values, share):
    return pl.Series(values).to_frame('v').with_columns(
        pl.when(pl.Series(rng.random(len(values)) < share)).then(None).otherwise(pl.col('v')).alias('v'))['v']


def effect(levels, at, strength):
    """What each level adds to the chance of the label; the same in every block."""
    return (np.random.default_rng(SEED + at).standard_normal(levels) * strength)


def block(number, n):
    rng = np.random.default_rng([SEED, number])
    codes, z = {}, np.full(n, -0.4)
    for at, (name, levels) in enumerate((SMALL | LARGE).items()):
        # Small ones nearly even, large ones with a long tail, as shops and towns have it.
        codes[name] = rng.integers(0, levels, n) if name in SMALL else np.minimum((rng.pareto(1.1, n) * levels / 40).astype('int64'), levels - 1)
        z += effect(levels, at, 0.5 if name in SMALL else 0.3)[codes[name]]
    age = rng.integers(18, 91, n)
    income = np.round(np.exp(rng.standard_normal(n) * 0.6 + 10.4), 2)
    balance = np.round(rng.standard_normal(n) * 2500 + 400, 2)
    score = np.round(rng.beta(2, 5, n), 6)
    visits = rng.poisson(6, n)
    distance = np.round(rng.exponential(12.0, n), 5)
    temperature = np.round(rng.standard_normal(n) * 9 + 11, 1)
    ratio = np.round(rng.random(n), 8)
    seconds = rng.integers(0, 86_400, n)
    cents = np.round(np.exp(rng.standard_normal(n) * 1.2 + 6.0) * 100).astype('int64')
    opened = np.datetime64('2015-01-01') + rng.integers(0, 3650, n).astype('timedelta64[D]')
    closed = opened + rng.integers(1, 900, n).astype('timedelta64[D]')
    z += (age - 50) * 0.02 + np.log(income) * -0.4 + 4.2 + (score - 0.28) * 2 + visits * 0.05 + (balance < 0) * 0.5
    label = rng.random(n) < 1 / (1 + np.exp(-z))
    whole = pl.Series(cents // 100).cast(pl.String).str.replace(r'^(\d+)(\d{3})$', '${1},${2}')
    price = '$' + whole + '.' + pl.Series(cents % 100).cast(pl.String).str.zfill(2)
    return pl.DataFrame({
        'age': gaps(rng, age, 0.02),
        'income': gaps(rng, income, 0.05),
        'balance': balance,
        'score': gaps(rng, score, 0.1),
        'visits': visits,
        'distance_km': gaps(rng, distance, 0.03),
        'temperature': gaps(rng, temperature, 0.08),
        'ratio': ratio,
        'seconds': seconds,
        'load': np.round(rng.gamma(2.0, 20.0, n), 6),
        **{name: pl.Series(codes[name]).cast(pl.String).str.zfill(2).str.replace('^', f'{name}-') for name in SMALL},
        **{name: pl.Series(codes[name]).cast(pl.String).str.zfill(len(str(LARGE[name]))).str.replace('^', f'{name} ') for name in LARGE},
        'opened': pl.Series(opened.astype('datetime64[D]')).dt.strftime('%Y-%m-%d'),
        'closed': pl.Series(closed.astype('datetime64[D]')).dt.strftime('%m/%d/%Y'),
        'price': price,
        'churned': pl.Series(label).replace_strict({True: 'yes', False: 'no'}, return_dtype=pl.String),
    })


def main(path, rows):
    with open(path, 'wb') as out:
        for number, start in enumerate(range(0, rows, BLOCK)):
            # A block is always made whole, so that a shorter table is the beginning of it.
            table = block(number, BLOCK).head(rows - start)
            table.write_csv(out, include_header=number == 0)


main(sys.argv[1], int(sys.argv[2]))
