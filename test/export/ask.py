"""Asks exported model folders as people do, by MLflow. Prints JSON: what each way of asking answered."""

import json
import pickle
import sys
import warnings

import mlflow
import pandas as pd

table_file, rows_file, *folders = sys.argv[1:]
table = pd.read_csv(table_file)
with open(rows_file, encoding="utf-8") as file:
    records = json.load(file)


def ask(folder):
    model = mlflow.pyfunc.load_model(folder)
    said = []
    warnings.showwarning = lambda message, *_, **__: said.append(str(message))

    def answer(rows):
        out = model.predict(rows)
        return {"columns": list(out.columns), "types": [str(t) for t in out.dtypes], "index": [str(i) for i in out.index], "rows": out.values.tolist()}

    def failure(rows):
        try:
            model.predict(rows)
            return None
        except Exception as error:
            return str(error)

    typed = table.assign(colour=table["colour"].astype("category"), since=pd.to_datetime(table["since"]))
    typed.index = [f"r{i}" for i in range(len(typed))]
    with open(f"{folder}/input_example.json", encoding="utf-8") as file:
        example = json.load(file)
    whole = table[(table["weight"] % 1 == 0) & table["days"].notna()].astype({"weight": "int64", "days": "int64"})
    return {
        "table": answer(table),
        "typed": answer(typed),
        "records": answer(records),
        "whole": {"at": [int(i) for i in whole.index], **answer(whole)},
        "example": answer(pd.DataFrame(data=example["data"], columns=example["columns"])),
        "empty": answer(table.iloc[:0]),
        "pickled": pickle.loads(pickle.dumps(model._model_impl)).predict(table).values.tolist(),
        "unreadable": failure(table.assign(since="not a date").iloc[2:3]),
        "lacking": failure(table.drop(columns=["colour"])),
        "signature": model.metadata.signature.to_dict(),
        "said": said,
    }


print(json.dumps([ask(folder) for folder in folders]))
