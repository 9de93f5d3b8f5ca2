# What Python's html.parser finds in pages: a JSON list of HTML in, a JSON list of {tags, text} out, each tag with its
# attributes as they are decoded.
import json
import sys
from html.parser import HTMLParser


class Seen(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.tags, self.text, self.other = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append([tag, attrs])

    def handle_data(self, data):
        self.text.append(data)

    def handle_comment(self, data):
        self.other.append(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def seen(page):
    parser = Seen()
    parser.feed(page)
    parser.close()
    return {"tags": parser.tags, "text": "".join(parser.text), "other": parser.other}


json.dump([seen(page) for page in json.load(sys.stdin)], sys.stdout)
