"""Values for sequences.test.ts: the formulas of the papers written once more, in Python's standard library alone.

Shares: the beta-binomial mixture of Robbins (1970), its edges found by Brent-like bisection of the log in rising p.
Reach and differences: theorem 2.2 of Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas (2024).
Run: python3 reference.py > reference.json
"""

import json
import math
from fractions import Fraction


def log_mixture(hits, n):
    """ln of the integral of p^s (1-p)^(n-s) under Beta(1/2, 1/2), as a product of exact fractions (no gamma function)."""
    top = Fraction(1)
    for k in range(hits):
        top *= Fraction(2 * k + 1, 2)
    for k in range(n - hits):
        top *= Fraction(2 * k + 1, 2)
    for k in range(n):
        top /= k + 1
    return math.log(top.numerator) - math.log(top.denominator)


def share(hits, n, alpha):
    mixture = log_mixture(hits, n)

    def excess(p):
        ll = (hits * math.log(p) if hits else 0.0) + ((n - hits) * math.log1p(-p) if n > hits else 0.0)
        return mixture - ll + math.log(alpha)

    def root(a, b):
        fa = excess(a)
        for _ in range(200):
            m = (a + b) / 2
            if (excess(m) > 0) == (fa > 0):
                a = m
            else:
                b = m
        return (a + b) / 2

    at = min(max(hits / n, 1e-15), 1 - 1e-15)
    low = 0.0 if hits == 0 else root(1e-300, at)
    high = 1.0 if hits == n else root(1 - 1e-16, at)
    return {"hits": hits, "n": n, "alpha": alpha, "low": low, "high": high}


def reach(n, alpha, best):
    rho = math.sqrt((-2 * math.log(alpha) + math.log(-2 * math.log(alpha) + 1)) / best)
    # sigma sqrt(2 (t rho^2 + 1) / (t^2 rho^2) log(sqrt(t rho^2 + 1) / alpha)), in units of sigma / sqrt(t)
    width = math.sqrt(2 * (n * rho**2 + 1) / (n**2 * rho**2) * math.log(math.sqrt(n * rho**2 + 1) / alpha))
    return width * math.sqrt(n)


def difference(candidate, stable, alpha, best):
    def mean(values):
        m = math.fsum(values) / len(values)
        return m, math.fsum((v - m) ** 2 for v in values) / (len(values) - 1) / len(values)

    (a, va), (b, vb) = mean(candidate), mean(stable)
    half = reach(len(candidate) + len(stable), alpha, best) * math.sqrt(va + vb)
    sums = lambda vs: [len(vs), math.fsum(vs), math.fsum(v * v for v in vs)]
    return {"candidate": sums(candidate), "stable": sums(stable), "alpha": alpha, "best": best, "low": a - b - half, "high": a - b + half}


print(
    json.dumps(
        {
            "shares": [share(*s) for s in [(0, 10, 0.05), (10, 10, 0.05), (1, 30, 0.05), (12, 100, 0.01), (500, 1000, 0.05), (3, 2500, 0.001)]],
            "reach": [{"n": n, "alpha": a, "best": b, "reach": reach(n, a, b)} for n, a, b in [(10, 0.05, 100), (1000, 0.05, 1000), (41200, 0.01, 1000)]],
            "differences": [
                difference([math.sin(i) for i in range(60)], [math.cos(3 * i) / 2 for i in range(400)], 0.05, 500),
                difference([(i * i) % 7 for i in range(200)], [(i * i) % 11 for i in range(90)], 0.01, 1000),
            ],
        },
        indent="\t",
    )
)
