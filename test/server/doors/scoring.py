"""Asks a server by MLflow's own client of its scoring server. Prints JSON: what it said."""

import importlib.util
import json
import sys
import types

import numpy as np
import pandas as pd

# MLflow looks for a part of SciPy, and fails where there is none of it at all.
if importlib.util.find_spec("scipy") is None:
    sys.modules["scipy"] = types.ModuleType("scipy")
    sys.modules["scipy"].__path__ = []

from mlflow.pyfunc.scoring_server.client import ScoringServerClient

host, port = sys.argv[1].split(":")
client = ScoringServerClient(host, int(port))
client.wait_server_ready(timeout=30)
rows = json.loads(sys.argv[2])
# A gap in a column of numbers is NaN in pandas, which Python writes into JSON as it is.
table = pd.DataFrame(rows)


def failure(data):
    try:
        client.invoke(data)
        return None
    except Exception as error:
        return str(error)


answers = client.invoke(table).get_predictions()
print(
    json.dumps(
        {
            "version": client.get_version(),
            "columns": list(answers.columns),
            "table": answers.values.tolist(),
            "records": client.invoke(rows).get_predictions().values.tolist(),
            "lists": client.invoke(np.zeros((0, 5))).get_predictions().values.tolist(),
            "array": client.invoke(table.astype(object).values.tolist()).get_predictions().values.tolist(),
            "reasons": client.invoke(table, params={"reasons": 1}).get_predictions(predictions_format="dataframe")["reasons"].tolist(),
            "lacking": failure(table.drop(columns=["weight"])),
            "unreadable": failure(table.assign(since="someday")),
        }
    )
)
