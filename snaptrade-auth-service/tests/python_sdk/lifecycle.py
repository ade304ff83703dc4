"""Takes users from their registration to their deletion with the published Python SDK, against any server.

    python3 -m pip install --target <dir> -r requirements.txt
    PYTHONPATH=<dir> python3 lifecycle.py --host http://127.0.0.1:8080 --client-id ID --consumer-key KEY

Prints a line of JSON for each call: `step`, `user_id`, `status`, `expected`, `body`, and `headers` (their names, in
lower case). The exit code is 1 if a status was not the expected one, and 2 if an answer did not come at all.

The SDK signs the path without the one in `host`, so `host` must have none.
"""

import argparse
import json
import sys
from urllib.parse import urlsplit

import urllib3
from snaptrade_client import Configuration, SnapTrade
from snaptrade_client.auth import SnapTradeAuth
from snaptrade_client.exceptions import ApiException

USER_IDS = [
    "plain-user_1.~",
    "with two  spaces",
    "someone@example.com",
    "plus+sign",
    "a&b=c?d#e",
    "percent%20 and 100%",
    "slash/and;'quote\"",
    "é",
    "日本",
    "😀 e\u0301",
]

# Each way to ask for a login, as the SDK names the options.
LOGIN_OPTIONS = [
    {"broker": "ALPACA"},
    {"immediate_redirect": True},
    {"immediate_redirect": False},
    {"custom_redirect": "https://example.com/back?from=snaptrade&name=é"},
    {"reconnect": "8b5f262d-4bb9-365d-888a-202bd3b15fa1"},
    {"connection_type": "read"},
    {"connection_type": "trade"},
    {"connection_type": "trade-if-available"},
    {"show_close_button": True},
    {"show_close_button": False},
    {"dark_mode": True},
    {"dark_mode": False},
    {"locale": "fr-CA"},
    {"connection_portal_version": "v4"},
    {"connection_portal_version": "v3"},
    {"connection_portal_version": "v2"},
]

ALL_OPTIONS = {
    "broker": "ALPACA",
    "immediate_redirect": True,
    "custom_redirect": "https://example.com/日本",
    "reconnect": "8b5f262d-4bb9-365d-888a-202bd3b15fa1",
    "connection_type": "trade",
    "show_close_button": True,
    "dark_mode": True,
    "locale": "en",
    "connection_portal_version": "v4",
}


class Run:
    """Calls, prints what came back, and remembers whether it was what was expected."""

    def __init__(self):
        self.failed = False

    def step(self, step, expected, call, user_id=None, **arguments):
        if user_id is not None:
            arguments["user_id"] = user_id
        try:
            answer = call(**arguments)
        except ApiException as error:
            answer = error
        self.failed |= answer.status != expected
        line = {
            "step": step,
            "user_id": user_id,
            "status": answer.status,
            "expected": expected,
            "body": answer.body,
            "headers": sorted(name.lower() for name in answer.headers),
        }
        print(json.dumps(line, default=bytes.decode), flush=True)
        return answer.body


def connect(host, client_id, consumer_key):
    auth = SnapTradeAuth.commercial_api_key(client_id=client_id, consumer_key=consumer_key)
    configuration = Configuration(host=host, auth=auth)
    # urllib3 would repeat a call whose connection broke, and hide that it did.
    configuration.retries = False
    return SnapTrade(configuration=configuration, auth=auth).authentication


def lifecycle(run, api, user_id):
    registered = run.step("register", 200, api.register_snap_trade_user, user_id)
    run.step("register-again", 400, api.register_snap_trade_user, user_id)
    run.step("list", 200, api.list_snap_trade_users)

    def login(step, expected, secret, **options):
        call = api.login_snap_trade_user
        run.step(step, expected, call, user_id, user_secret=secret, **options)

    secret = registered["userSecret"]
    login("login", 200, secret)
    login("login-all-options", 200, secret, **ALL_OPTIONS)
    if user_id == USER_IDS[0]:
        for options in LOGIN_OPTIONS:
            [(name, value)] = options.items()
            login(f"login-{name}={value}", 200, secret, **options)
    login("login-bad-secret", 401, secret + "+&é")

    call = api.reset_snap_trade_user_secret
    run.step("reset-bad-secret", 401, call, user_id, user_secret="none")
    reset = run.step("reset", 200, call, user_id, user_secret=secret)
    login("login-old-secret", 401, secret)
    login("login-new-secret", 200, reset["userSecret"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--host", required=True, help="scheme, name and port, without a path")
    parser.add_argument("--client-id", required=True)
    parser.add_argument("--consumer-key", required=True)
    options = parser.parse_args()
    host = options.host.rstrip("/")
    if urlsplit(host).path:
        parser.error("--host must not have a path: the SDK would not sign it")

    run = Run()
    api = connect(host, options.client_id, options.consumer_key)
    for user_id in USER_IDS:
        lifecycle(run, api, user_id)

    wrong_key = connect(host, options.client_id, options.consumer_key + "x")
    run.step("list-wrong-key", 401, wrong_key.list_snap_trade_users)
    run.step("register-wrong-key", 401, wrong_key.register_snap_trade_user, "nobody")
    run.step("delete-wrong-key", 401, wrong_key.delete_snap_trade_user, USER_IDS[0])
    wrong_id = connect(host, options.client_id + "-UNKNOWN", options.consumer_key)
    run.step("list-unknown-client", 401, wrong_id.list_snap_trade_users)
    run.step("register-unknown-client", 401, wrong_id.register_snap_trade_user, "nobody")

    run.step("list", 200, api.list_snap_trade_users)
    for user_id in USER_IDS:
        run.step("delete", 200, api.delete_snap_trade_user, user_id)
    return 1 if run.failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (urllib3.exceptions.HTTPError, KeyError, TypeError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(2)
