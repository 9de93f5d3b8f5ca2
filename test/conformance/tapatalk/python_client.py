"""Python's own xmlrpc.client, driven line by line: a JSON call in, a JSON answer out. bridge.ts starts it."""
import base64
import json
import sys
import xmlrpc.client


class Transport(xmlrpc.client.Transport):
    """The library's transport, which keeps what the server sets and shows the headers of the last answer."""

    cookies = {}
    seen = None
    document = b""

    def send_headers(self, connection, headers):
        if self.cookies:
            headers = headers + [("Cookie", "; ".join(f"{k}={v}" for k, v in self.cookies.items()))]
        super().send_headers(connection, headers)

    def parse_response(self, response):
        self.seen = response
        for line in response.headers.get_all("Set-Cookie") or []:
            name, value = line.split(";")[0].split("=")
            self.cookies[name] = value
        self.document = response.read()
        parser, unmarshaller = self.getparser()
        parser.feed(self.document)
        parser.close()
        return unmarshaller.close()


def argument(value):
    if isinstance(value, dict):
        return xmlrpc.client.Binary(value["b64"].encode("utf-8"))
    if isinstance(value, list):
        return [argument(item) for item in value]
    return value


def typed(value):
    if isinstance(value, xmlrpc.client.Binary):
        return {"b64": value.data.decode("utf-8")}
    if isinstance(value, xmlrpc.client.DateTime):
        return {"dt": value.value}
    if isinstance(value, dict):
        return {name: typed(member) for name, member in value.items()}
    if isinstance(value, list):
        return [typed(item) for item in value]
    if isinstance(value, (bool, int, str)):
        return value
    raise TypeError(type(value).__name__)


transport = Transport()
server = xmlrpc.client.ServerProxy(sys.argv[1], transport=transport)
for line in sys.stdin:
    call = json.loads(line)
    try:
        answer = {"value": typed(getattr(server, call["method"])(*map(argument, call["params"])))}
    except xmlrpc.client.Fault as fault:
        answer = {"fault": {"code": fault.faultCode, "text": fault.faultString}}
    except Exception as error:
        answer = {"broken": repr(error)}
    answer["signedIn"] = transport.seen and transport.seen.headers.get("Mobiquo_is_login")
    answer["xml"] = base64.b64encode(transport.document).decode()
    print(json.dumps(answer), flush=True)
