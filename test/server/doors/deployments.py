"""Asks a server by MLflow's client of deployments. Prints JSON: what it said."""

import json
import sys

from mlflow.deployments import PredictionsResponse, get_deploy_client

client = get_deploy_client(sys.argv[1])
rows = json.loads(sys.argv[2])


def failure(endpoint, inputs):
    try:
        client.predict(endpoint=endpoint, inputs=inputs)
        return None
    except Exception as error:
        return str(error)


answer = client.predict(endpoint="fruit", inputs={"dataframe_records": rows})
print(
    json.dumps(
        {
            "answer": answer,
            "table": PredictionsResponse.from_json(json.dumps(answer)).get_predictions().values.tolist(),
            "price": client.predict(endpoint="price.v2", inputs={"inputs": {"a": [1], "b": [2], "c": [3]}}),
            "endpoints": [endpoint.model_dump() for endpoint in client.list_endpoints()],
            "one": client.get_endpoint("fruit").model_dump(),
            "nobody": failure("nobody", {"inputs": []}),
            "unreadable": failure("fruit", {"dataframe_records": [{**rows[0], "weight": "heavy"}]}),
        }
    )
)
