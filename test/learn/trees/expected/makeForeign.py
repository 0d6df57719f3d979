"""Makes foreign.json: LightGBM 4.7.0 and XGBoost 3.2.0 models of one pandas table as their own files, with their own answers. Needs lightgbm, xgboost, pandas, scikit-learn."""
import base64
import gzip
import json
import os
import tempfile

import lightgbm as lgb
import numpy as np
import pandas as pd
import xgboost as xgb

rng = np.random.default_rng(5)
n = 400
table = pd.DataFrame({
    "weight kg": np.round(rng.normal(50, 20, n), 2),
    "colour": rng.choice(["red", "green", "blue", "Größe"], n),
    "grade": rng.choice([1, 2, 5], n),
    "fresh": rng.choice([True, False], n),
    "days": rng.integers(0, 30, n),
})
table.loc[rng.random(n) < 0.1, "weight kg"] = np.nan
table.loc[rng.random(n) < 0.1, "colour"] = np.nan
points = table["weight kg"].fillna(40) / 20 + (table["colour"] == "red") * 2 + table["grade"] * 0.4 + table["fresh"] - table["days"] / 20 + rng.normal(0, 0.4, n)
table["good"] = np.where(points > 3.6, "yes", "no")
table["class"] = np.digitize(points, [2.8, 4.2]) + 1
table["price"] = np.round(points * 10, 3)

features = ["weight kg", "colour", "grade", "fresh", "days"]
x = table[features].assign(colour=table["colour"].astype("category"), grade=table["grade"].astype("category"))
asked = table[features].iloc[:40].copy()
asked.loc[len(asked)] = [np.nan, None, 2, False, 7]
asked.loc[len(asked)] = [1e6, "blue", 5, True, 0]
unknown = asked.iloc[:3].assign(colour="purple")
levels = {c: x[c].cat.categories for c in ("colour", "grade")}


def as_trained(rows):
    known = {c: rows[c].where(rows[c].isin(levels[c])) for c in levels}
    return rows[features].assign(**{c: pd.Categorical(known[c], categories=levels[c]) for c in levels}, fresh=rows["fresh"].astype(bool), days=rows["days"].astype("int64"), **{"weight kg": rows["weight kg"].astype(float)})


def plain(values):
    return [[float(f"{v:.17g}") for v in np.atleast_1d(row)] for row in np.asarray(values, dtype="float64")]


def pack(data):
    return base64.b64encode(gzip.compress(data, 9, mtime=0)).decode()


def records(rows):
    return json.loads(rows.to_json(orient="records", force_ascii=False, double_precision=15))


out = {"source": f"LightGBM {lgb.__version__}, XGBoost {xgb.__version__}, pandas {pd.__version__}, made by makeForeign.py", "table": records(table), "asked": records(asked), "unknown": records(unknown), "models": []}
settings = {"n_estimators": 12, "learning_rate": 0.2, "random_state": 3, "n_jobs": 1}
few = {"min_child_samples": 5, "min_data_per_group": 5, "cat_smooth": 1, "num_leaves": 8, "verbose": -1, "deterministic": True}


def add(name, program, target, data, predict, train=True):
    out["models"].append({"name": name, "program": program, "target": target, "file": pack(data), "p": plain(predict(as_trained(asked))), **({"unknown": plain(predict(as_trained(unknown)))} if train else {})})


def file_of(m, ending):
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, f"m.{ending}")
        m.save_model(path)
        return open(path, "rb").read()


m = lgb.LGBMClassifier(**settings, **few).fit(x, table["good"])
add("two classes", "LightGBM", "good", m.booster_.model_to_string().encode(), lambda rows: m.predict_proba(rows))
m3 = lgb.LGBMClassifier(**settings, **few).fit(x, table["class"])
add("three classes", "LightGBM", "class", m3.booster_.model_to_string().encode(), lambda rows: m3.predict_proba(rows))
mr = lgb.LGBMRegressor(**settings, **few).fit(x, table["price"])
add("a number", "LightGBM", "price", mr.booster_.model_to_string().encode(), lambda rows: mr.predict(rows))
columns = ["weight kg", "fresh", "days"]
mn = lgb.LGBMRegressor(**settings, **few).fit(x[columns].astype(float).to_numpy(), table["price"])
add("without names", "LightGBM", "price", mn.booster_.model_to_string().encode(), lambda rows: mn.predict(rows[columns].astype(float).to_numpy()), False)

# XGBoost 3.2 writes names of categories wrongly that are not ASCII: its own table has none.
accent = x
plain_names = {"Größe": "size"}
x = x.assign(colour=x["colour"].cat.rename_categories(plain_names))
levels["colour"] = x["colour"].cat.categories
german = asked
asked = asked.assign(colour=asked["colour"].replace(plain_names))
out["askedPlain"] = records(asked)
tree = {"max_depth": 3, "tree_method": "hist", "enable_categorical": True, "max_cat_to_onehot": 2}
b = xgb.XGBClassifier(**settings, **tree).fit(x, (table["good"] == "yes").astype(int))
add("two classes", "XGBoost", "good", file_of(b, "json"), lambda rows: b.predict_proba(rows), False)
b3 = xgb.XGBClassifier(**settings, **tree).fit(x, table["class"] - 1)
add("three classes as UBJSON", "XGBoost", "class", file_of(b3, "ubj"), lambda rows: b3.predict_proba(rows), False)
br = xgb.XGBRegressor(**settings, **tree).fit(x, table["price"])
add("a number", "XGBoost", "price", file_of(br, "json"), lambda rows: br.predict(rows), False)
rank = xgb.XGBRanker(**settings, objective="rank:ndcg", tree_method="hist").fit(x[columns].astype(float), table["class"], qid=np.repeat(np.arange(20), 20))
out["refused"] = {"ranking": pack(file_of(rank, "json"))}
own = lgb.train({"objective": lambda preds, data: (preds - data.get_label(), np.ones(len(preds))), "verbose": -1, "num_leaves": 4}, lgb.Dataset(x[columns].astype(float), table["price"]), 2)
out["refused"]["an objective of somebody's own"] = pack(own.model_to_string().encode())
broken = xgb.XGBRegressor(**settings, **tree).fit(accent, table["price"])
out["refused"]["names of categories with accents"] = pack(file_of(broken, "json"))
print(json.dumps(out, ensure_ascii=False))
