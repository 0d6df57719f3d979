"""Asks a server by the real tritonclient. Prints JSON: what it said."""

import json
import sys

import numpy as np
import tritonclient.http as http
from tritonclient.utils import InferenceServerException

client = http.InferenceServerClient(sys.argv[1])


def tensor(name, values, datatype, binary=True):
    array = np.array(values, dtype=object if datatype == "BYTES" else {"BOOL": bool, "INT64": np.int64, "FP32": np.float32, "FP64": np.float64}[datatype])
    made = http.InferInput(name, list(array.shape), datatype)
    made.set_data_from_numpy(array, binary_data=binary)
    return made


def fruit(binary=True):
    return [
        tensor("weight", [12.5, float("nan")], "FP64", binary),
        tensor("days", [[3], [7]], "INT64", binary),
        tensor("Colour", ["red", "Größe, \"gelb\""], "BYTES", binary),
        tensor("since", ["2024-03-01T10:00:00Z", ""], "BYTES", binary),
        tensor("ripe", [True, False], "BOOL", binary),
    ]


def answer(result, names=("prediction", "probability no", "probability yes")):
    values = {name: result.as_numpy(name) for name in names}
    return {name: [v.decode() if isinstance(v, bytes) else v for v in array.tolist()] for name, array in values.items()}


def failure(**question):
    try:
        client.infer(**question)
        return None
    except InferenceServerException as error:
        return {"status": error.status(), "message": error.message()}


plain = [http.InferRequestedOutput(name, binary_data=False) for name in ("prediction", "probability no", "probability yes")]
first = client.infer("fruit", fruit(), request_id="mine")
print(
    json.dumps(
        {
            "live": client.is_server_live(),
            "ready": client.is_server_ready(),
            "models": [client.is_model_ready("fruit"), client.is_model_ready("fruit", "1"), client.is_model_ready("nobody"), client.is_model_ready("grade", "1")],
            "server": client.get_server_metadata(),
            "metadata": client.get_model_metadata("fruit", "2"),
            "binary": answer(first),
            "id": first.get_response()["id"],
            "version": client.infer("fruit", fruit(), model_version="1").get_response()["model_version"],
            # Python's NaN is no JSON: the client refuses to write it, so that gaps go as binary data alone.
            "json": answer(client.infer("fruit", [tensor("weight", [12.5, 1.5], "FP64", False), *fruit(False)[1:]], outputs=plain)),
            "classes": answer(client.infer("grade", fruit()), ["prediction"])["prediction"],
            "matrix": answer(client.infer("price.v2", [tensor("input-0", [[1, 2, 3], [40.5, 9, 6]], "FP32")]), ["prediction"])["prediction"],
            "none": answer(client.infer("price.v2", [tensor("input-0", np.zeros((0, 3)), "FP64")]), ["prediction"])["prediction"],
            "reasons": [json.loads(v) for v in answer(client.infer("fruit", fruit(), parameters={"reasons": 1}), ["reasons"])["reasons"]],
            "unknown": failure(model_name="nobody", inputs=fruit()),
            "unreadable": failure(model_name="fruit", inputs=[tensor("weight", ["heavy", "1"], "BYTES"), *fruit()[1:]]),
            "lacking": failure(model_name="fruit", inputs=fruit()[1:]),
        }
    )
)
