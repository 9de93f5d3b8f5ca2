// The element names of XML-RPC, found without allocating. What may stand where is known in decode.ts.

// Each name stands in the slot that its length, first and last letter make. A tag's name is compared in place and this
// very string is handed out: nothing is allocated per tag, and comparing names compares pointers.
const SLOTS = 64;
const NAMES: string[] = Array.from({ length: SLOTS }, () => '');
const ALL =
  'methodCall methodResponse methodName params param fault value struct member name array data ' +
  'string base64 int i4 i8 boolean double dateTime.iso8601 nil';
for (const name of ALL.split(' ')) {
  NAMES[slot(name, 0, name.length)] = name; // the factors in slot() give each name one of its own
}

const END_TAGS: ReadonlyMap<string, string> = new Map(
  NAMES.filter((name) => name !== '').map((name) => [name, `</${name}>`]),
);

function slot(text: string, from: number, to: number): number {
  return (text.charCodeAt(from) + text.charCodeAt(to - 1) * 2 + (to - from) * 10) % SLOTS;
}

/** The text between two positions; for a name of XML-RPC, always the same string. */
export function nameAt(text: string, from: number, to: number): string {
  if (from === to) return '';
  const name = NAMES[slot(text, from, to)] as string;
  return name.length === to - from && text.startsWith(name, from) ? name : text.slice(from, to);
}

/** `</name>`. */
export function endTag(name: string): string {
  return END_TAGS.get(name) ?? `</${name}>`;
}
