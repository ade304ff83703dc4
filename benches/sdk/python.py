"""Signs with the published Python SDK's own function, and measures it.

Reads a line of JSON from standard input, a list of requests:

    [{"name": "GET", "path": "/accounts", "query": "clientId=A&timestamp=1", "body": null, "consumer_key": "k"}]

Prints a line of JSON: a list of {"name", "signature", "nanos"} in the same order.
"""

import json
import sys
import time

from snaptrade_client import Configuration, schemas
from snaptrade_client.auth import SnapTradeAuth
from snaptrade_client.request_after_hook import request_after_hook

# What the SDK passes for each operation that a commercial key signs.
CONTEXT = {
    "request_signing_by_auth_mode": {"commercialApiKey": {"secret_parameter": "consumer_key"}}
}
SECONDS = 0.5


def measure(request):
    auth = SnapTradeAuth.commercial_api_key(client_id="any", consumer_key=request["consumer_key"])
    configuration = Configuration(auth=auth)
    # The SDK is given the body before it is text.
    body = schemas.unset if request["body"] is None else json.loads(request["body"])
    target = f"{request['path']}?{request['query']}"
    headers = {}

    def sign():
        request_after_hook(
            resource_path=target,
            method="any",
            configuration=configuration,
            headers=headers,
            body=body,
            auth_settings=[],
            operation_auth_context=CONTEXT,
        )

    sign()
    fastest, until = float("inf"), time.perf_counter() + SECONDS
    while time.perf_counter() < until:
        start = time.perf_counter_ns()
        for _ in range(50):
            sign()
        fastest = min(fastest, (time.perf_counter_ns() - start) / 50)
    return {"name": request["name"], "signature": headers["Signature"], "nanos": fastest}


print(json.dumps([measure(request) for request in json.loads(sys.stdin.buffer.readline())]))
