// An XML-RPC answer by the names of its XML elements, read with a parser that this project did not write: `{int: '3'}` is
// what `<int>3</int>` says. What an answer must hold is in the tests.
import { XMLParser } from 'fast-xml-parser';

/** A value: the one element inside `<value>`, and its text as it stands; base64 as the UTF-8 text that it holds. */
export type Wire =
  | { string: string }
  | { int: string }
  | { boolean: string }
  | { base64: string }
  | { 'dateTime.iso8601': string }
  | { array: Wire[] }
  | { struct: Record<string, Wire> };

type Node = Readonly<Record<string, readonly Node[] | string>>;

const parser = new XMLParser({
  preserveOrder: true,
  ignoreDeclaration: true,
  parseTagValue: false,
  trimValues: false,
});

/** The answer's value; throws for a fault and for whatever is no answer. */
export function wireOf(xml: string): Wire {
  const [document] = parser.parse(xml) as Node[];
  return valueIn(child(child(child([document as Node], 'methodResponse'), 'params'), 'param'));
}

/** The nodes inside the only element, which is called so. */
function child(nodes: readonly Node[], name: string): readonly Node[] {
  const found = nodes[0]?.[name];
  if (nodes.length !== 1 || !Array.isArray(found)) throw new Error(`one <${name}> expected`);
  return found;
}

function valueIn(nodes: readonly Node[]): Wire {
  const inside = child(nodes, 'value');
  const [type = ''] = Object.keys(inside[0] ?? {});
  const content = child(inside, type);
  switch (type) {
    case 'array':
      return { array: child(content, 'data').map((item) => valueIn([item])) };
    case 'struct':
      return { struct: Object.fromEntries(content.map(memberOf)) };
    case 'base64':
      return { base64: Buffer.from(textIn(content), 'base64').toString('utf8') };
    case 'string':
    case 'int':
    case 'boolean':
    case 'dateTime.iso8601':
      return { [type]: textIn(content) } as Wire;
    default:
      throw new Error(`<${type}> in a value`);
  }
}

function memberOf(node: Node): [name: string, value: Wire] {
  const [name, value] = child([node], 'member');
  return [textIn(child([name as Node], 'name')), valueIn([value as Node])];
}

const textIn = (nodes: readonly Node[]): string => nodes.map((node) => String(node['#text'] ?? '')).join('');

/** What lies at a path of member names and positions: "list.0.participants.7.username". Undefined: nothing. */
export function at(value: Wire | undefined, path: string): Wire | undefined {
  let found = value;
  for (const step of path.split('.')) {
    if (!found) return undefined;
    if ('struct' in found) found = found.struct[step];
    else if ('array' in found) found = found.array[Number(step)];
    else return undefined;
  }
  return found;
}
