# Writes calls as Python's xmlrpc.client does: a JSON list of {method, params} in, a JSON list of documents out.
import json
import sys
import xmlrpc.client


def argument(value):
    if isinstance(value, dict):
        return xmlrpc.client.Binary(value["b64"].encode("utf-8"))
    return [argument(item) for item in value] if isinstance(value, list) else value


calls = json.load(sys.stdin)
documents = [xmlrpc.client.dumps(tuple(map(argument, call["params"])), call["method"]) for call in calls]
json.dump(documents, sys.stdout)
