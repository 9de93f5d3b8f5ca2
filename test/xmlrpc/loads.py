# Reads XML-RPC documents with Python's own reader: a JSON list of base64 documents in, a JSON list of outcomes out.
# Each outcome is {"method", "value"} with every value tagged by its type, or {"error"}.
import base64
import json
import sys
import xmlrpc.client


def tagged(value):
    if value is None:
        return ["nil"]
    if isinstance(value, bool):
        return ["boolean", value]
    if isinstance(value, int):
        return ["int", str(value)]
    if isinstance(value, float):
        return ["double", repr(value)]
    if isinstance(value, str):
        return ["string", value]
    if isinstance(value, xmlrpc.client.Binary):
        return ["base64", base64.b64encode(value.data).decode()]
    if isinstance(value, xmlrpc.client.DateTime):
        return ["date", value.value.strip()]
    if isinstance(value, dict):
        return ["struct", [[name, tagged(value[name])] for name in value]]
    if not isinstance(value, list):
        return [type(value).__name__, str(value)]
    return ["array", [tagged(item) for item in value]]


def outcome(document):
    try:
        params, method = xmlrpc.client.loads(base64.b64decode(document))
        return {"method": method, "value": tagged(list(params))}
    except xmlrpc.client.Fault as fault:
        return {"fault": [fault.faultCode, fault.faultString]}
    except Exception as error:
        return {"error": type(error).__name__}


json.dump([outcome(document) for document in json.load(sys.stdin)], sys.stdout)
