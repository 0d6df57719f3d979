"""Makes shapley.json: networks of random weights, and the Shapley values that shap 0.51.0 gives for them. Needs numpy and shap."""
import json
import os

import numpy as np
import shap

rng = np.random.default_rng(11)


def network(columns, hidden, outputs):
    """Weights that single precision holds, as our packages do."""
    widths = [columns, *hidden, outputs]
    w = [np.float32(rng.normal(0, 1.2 / np.sqrt(a), (a, b))).astype(float) for a, b in zip(widths, widths[1:])]
    b = [np.float32(rng.normal(0, .5, n)).astype(float) for n in widths[1:]]

    def answer(x):
        for k, (weights, bias) in enumerate(zip(w, b)):
            x = x @ weights + bias
            x = np.tanh(x) if k < len(w) - 1 else x
        if outputs == 1:
            return 1 / (1 + np.exp(-x[:, 0]))
        e = np.exp(x - x.max(axis=1, keepdims=True))
        return (e / e.sum(axis=1, keepdims=True))[:, outputs - 1]

    return w, b, answer


out = {'source': f'shap {shap.__version__}, made by makeShapley.py', 'cases': []}
for name, columns, hidden, outputs in [('two classes, 7 columns', 7, [7, 4], 1), ('three classes, 8 columns', 8, [6], 3), ('two classes, 10 columns', 10, [10, 5], 1)]:
    w, b, answer = network(columns, hidden, outputs)
    background = np.round(rng.normal(size=(32, columns)), 2)
    background[:5, 1] = .25
    rows = np.round(rng.normal(size=(4, columns)), 2)
    rows[:2, 1] = .25
    masker = shap.maskers.Independent(background, max_samples=len(background))
    exact = shap.explainers.ExactExplainer(answer, masker)(rows)
    drawn = shap.explainers.PermutationExplainer(answer, masker, seed=3)(rows, max_evals=20 * (2 * columns + 1))
    out['cases'].append({
        'name': name, 'hidden': hidden, 'outputs': outputs, 'weights': [v.ravel().tolist() for v in w], 'biases': [v.tolist() for v in b],
        'background': background.tolist(), 'rows': rows.tolist(), 'answers': answer(rows).tolist(),
        'exact': exact.values.tolist(), 'base': float(np.atleast_1d(exact.base_values)[0]), 'drawn': drawn.values.tolist(),
    })
json.dump(out, open(os.path.join(os.path.dirname(__file__), 'shapley.json'), 'w'))
