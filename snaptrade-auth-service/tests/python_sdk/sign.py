"""Signs with the published Python SDK's own function.

    python3 -m pip install --target <dir> -r requirements.txt
    PYTHONPATH=<dir> python3 sign.py < requests

Reads requests from standard input, a line of JSON each:

    {"path": "/snapTrade/login", "query": "clientId=A&timestamp=1", "body": "{\\"broker\\":\\"X\\"}", "consumer_key": "k"}

`body` is the text that is sent, or null if none is. Prints a line of JSON for each request, in their order:
`{"signature": "..."}`, or `{"error": "..."}` with the name of the exception if the SDK cannot sign it.
"""

import json
import sys

from snaptrade_client import Configuration
from snaptrade_client import schemas
from snaptrade_client.auth import SnapTradeAuth
from snaptrade_client.request_after_hook import request_after_hook

# What the SDK passes for each operation that a commercial key signs.
CONTEXT = {
    "request_signing_by_auth_mode": {"commercialApiKey": {"secret_parameter": "consumer_key"}}
}


def sign(request):
    body = request["body"]
    auth = SnapTradeAuth.commercial_api_key(client_id="any", consumer_key=request["consumer_key"])
    headers = {}
    request_after_hook(
        resource_path=f"{request['path']}?{request['query']}",
        method="any",
        configuration=Configuration(auth=auth),
        headers=headers,
        body=schemas.unset if body is None else json.loads(body),
        auth_settings=[],
        operation_auth_context=CONTEXT,
    )
    return headers["Signature"]


def main():
    # JSON is UTF-8 whatever the locale says.
    for line in sys.stdin.buffer:
        request = json.loads(line)
        try:
            answer = {"signature": sign(request)}
        except Exception as error:  # whatever stops the SDK is the answer
            answer = {"error": type(error).__name__}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
