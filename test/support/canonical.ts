// Checks an XML-RPC answer against the narrow form that every reader in the field parses (contracts/tapatalk.md 3.1).
// It shares no code with the codec, so that the codec cannot vouch for itself.

export interface CanonicalOptions {
  /** Check rule 12 as well: members called `id` or `…_id`, and items of such, are no numbers. On by default. */
  readonly ids?: boolean;
}

/**
 * Every breach of rules 1 to 12 in a methodResponse, as "rule 4: …"; none for a canonical document. What is no rule but
 * breaks every reader (unknown elements, tags that do not match) is reported as "rule 0".
 */
export function checkCanonical(xml: string, options: CanonicalOptions = {}): string[] {
  const checker = new Checker(xml, options.ids ?? true);
  checker.document();
  return checker.breaches;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The text of an answer off the wire, every rule checked: whatever reads an answer of the hub in a test takes it through
 * here. Throws for bytes that are no UTF-8, and with every breach of {@link checkCanonical}.
 */
export function canonicalText(answer: Uint8Array | string): string {
  const xml = typeof answer === 'string' ? answer : UTF8.decode(answer);
  const breaches = checkCanonical(xml);
  if (breaches.length > 0)
    throw new Error(`not the canonical subset: ${breaches.join('; ')}\n${xml.slice(0, 2000)}`);
  return xml;
}

/** {@link canonicalText} for a reader of bytes: they are handed on as they came. */
export function canonicalBytes(answer: Uint8Array): Uint8Array {
  canonicalText(answer);
  return answer;
}

type Token = { readonly tag: string; readonly close: boolean } | { readonly text: string };

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>';
const SCALARS = ['string', 'int', 'boolean', 'base64', 'dateTime.iso8601'];
const FOREIGN_NUMBERS = ['i1', 'i2', 'i4', 'i8', 'double', 'float', 'ex:i8', 'bigdecimal', 'biginteger'];
const NESTABLE = [
  'methodResponse',
  'params',
  'param',
  'fault',
  'value',
  'struct',
  'member',
  'name',
  'array',
  'data',
];
/** conv_id, ignored_uids, and what a list of ids is called. */
const IDS = /(?:^|_)u?ids?(?:_array)?$/;

class Checker {
  readonly breaches: string[] = [];
  private readonly ids: boolean;
  private readonly tokens: Token[] = [];
  private at = 0;

  constructor(xml: string, ids: boolean) {
    this.ids = ids;
    this.declaration(xml);
    this.tokenize(
      xml.startsWith(DECLARATION) ? xml.slice(DECLARATION.length) : xml.replace(/^<\?xml .*?\?>/s, ''),
    );
  }

  private breach(rule: number, what: string): void {
    this.breaches.push(`rule ${rule}: ${what}`);
  }

  private declaration(xml: string): void {
    if (!xml.startsWith(DECLARATION)) this.breach(3, `the document does not start with ${DECLARATION}`);
  }

  /** Cuts the document up, and notes tags that may not be written as they are. */
  private tokenize(xml: string): void {
    const pattern = /<!--.*?-->|<!\[CDATA\[(.*?)\]\]>|<\?.*?\?>|<!.*?>|<(\/?)([^\s/>]*)([^>]*)>|([^<]+)|</gs;
    for (const [whole, cdata, slash, name, rest, text] of xml.matchAll(pattern)) {
      if (text !== undefined) this.tokens.push({ text });
      else if (cdata !== undefined) {
        this.breach(3, 'CDATA');
        this.tokens.push({ text: '' });
      } else if (name === undefined)
        this.breach(3, `${whole.slice(0, 12)} (comment, instruction or declaration)`);
      else {
        const selfClosed = rest?.endsWith('/') ?? false;
        if (selfClosed) this.breach(2, `<${name}/> is self-closed`);
        if (rest?.replace(/\/$/, '')) this.breach(3, `<${name}> has attributes or white space in it`);
        this.tokens.push({ tag: name, close: slash === '/' });
        if (selfClosed) this.tokens.push({ tag: name, close: true });
      }
    }
  }

  document(): void {
    this.open('methodResponse');
    if (this.peek('fault')) this.fault();
    else {
      this.open('params');
      let count = 0;
      for (; this.peek('param'); count++) {
        this.open('param');
        this.value('');
        this.close('param');
      }
      if (count !== 1) this.breach(10, `${count} params instead of one`);
      this.close('params');
    }
    this.close('methodResponse');
    if (this.at < this.tokens.length) this.breach(10, 'something follows </methodResponse>');
  }

  private fault(): void {
    this.open('fault');
    const start = this.at;
    this.value('');
    const types = this.memberTypes(start, this.at);
    if (types.faultCode !== 'int' || types.faultString !== 'string') {
      this.breach(0, 'a fault has an int faultCode and a string faultString');
    }
    this.close('fault');
  }

  /** Type of each member of the one struct between two tokens. */
  private memberTypes(from: number, to: number): Record<string, string> {
    const types: Record<string, string> = {};
    for (let i = from; i < to; i++) {
      const [open, name, , value, type] = this.tokens.slice(i, i + 5);
      if (open && 'tag' in open && open.tag === 'name' && !open.close && name && 'text' in name) {
        if (value && 'tag' in value && type && 'tag' in type) types[name.text] = type.tag;
      }
    }
    return types;
  }

  /** One `<value>`; `name` is that of the member it belongs to. */
  private value(name: string): void {
    this.open('value');
    const token = this.tokens[this.at];
    if (!token || 'text' in token) {
      this.breach(1, 'bare text in a value');
      this.at++;
    } else if (token.close) {
      this.breach(1, 'an empty value');
    } else {
      this.typed(token.tag, name);
    }
    for (
      let next = this.tokens[this.at];
      next && !('tag' in next && next.close);
      next = this.tokens[this.at]
    ) {
      this.breach(1, 'more than one typed element in a value');
      if ('tag' in next) this.typed(next.tag, name);
      else this.at++;
    }
    this.close('value');
  }

  private typed(type: string, name: string): void {
    if (type === 'array') this.array(name);
    else if (type === 'struct') this.struct();
    else this.scalarElement(type, name);
  }

  private scalarElement(type: string, name: string): void {
    if (this.ids && IDS.test(name) && (type === 'int' || FOREIGN_NUMBERS.includes(type))) {
      this.breach(12, `${name} is <${type}>, not <string>`);
    }
    this.open(type);
    const content = this.text();
    if (FOREIGN_NUMBERS.includes(type)) this.breach(4, `<${type}> instead of <int>`);
    else if (type === 'nil' || type === 'ex:nil') this.breach(6, 'nil');
    else if (SCALARS.includes(type)) this.scalar(type, content);
    else this.breach(0, `<${type}> is no type of XML-RPC`);
    this.close(type);
  }

  private scalar(type: string, content: string): void {
    switch (type) {
      case 'string':
        this.escapes(content);
        return;
      case 'int':
        if (!/^(?:0|-?[1-9]\d{0,9})$/.test(content) || Number(content) !== (Number(content) | 0)) {
          this.breach(4, `"${content}" is no int`);
        }
        return;
      case 'boolean':
        if (content !== '1' && content !== '0') this.breach(5, `boolean "${content}"`);
        return;
      case 'base64':
        if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(content)) {
          this.breach(8, 'base64 in several lines, without padding or with other characters');
        }
        return;
      default:
        this.date(content);
    }
  }

  private date(content: string): void {
    const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d:\d\d:\d\d)\+00:00$/.exec(content);
    const iso = parts ? `${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}.000Z` : '';
    const time = Date.parse(iso);
    if (Number.isNaN(time) || new Date(time).toISOString() !== iso) this.breach(9, `date "${content}"`);
  }

  private escapes(content: string): void {
    const odd = content.replace(/&(?:amp|lt|gt|quot|apos);/g, '').match(/&[^;]{0,10};?|>/);
    if (odd) this.breach(7, `"${odd[0]}" in a string`);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are the subject
    if (/[\0-\x08\x0b-\x1f\ufffe\uffff]/.test(content))
      this.breach(7, 'a character that XML 1.0 does not allow, or CR');
    if (!content.isWellFormed()) this.breach(7, 'half of a surrogate pair');
  }

  private array(name: string): void {
    this.open('array');
    if (!this.peek('data')) this.breach(11, '<array> without <data>');
    else {
      this.open('data');
      while (this.peek('value')) this.value(name);
      this.close('data');
    }
    this.close('array');
  }

  private struct(): void {
    this.open('struct');
    const seen = new Set<string>();
    while (this.peek('member')) {
      this.open('member');
      this.open('name');
      const name = this.text();
      this.escapes(name);
      if (seen.has(name)) this.breach(0, `two members called ${name}`);
      seen.add(name);
      this.close('name');
      this.value(name);
      this.close('member');
    }
    this.close('struct');
  }

  private text(): string {
    let out = '';
    for (let token = this.tokens[this.at]; token && 'text' in token; token = this.tokens[++this.at])
      out += token.text;
    return out;
  }

  private peek(tag: string): boolean {
    const token = this.tokens[this.at];
    return token !== undefined && 'tag' in token && token.tag === tag && !token.close;
  }

  private open(tag: string): void {
    this.expect(tag, false);
  }

  private close(tag: string): void {
    this.expect(tag, true);
  }

  /** Takes the tag if it comes next; else reports it, and goes on where it is, so that one slip gives few reports. */
  private expect(tag: string, close: boolean): void {
    const token = this.tokens[this.at];
    if (token && 'tag' in token && token.tag === tag && token.close === close) {
      this.at++;
      return;
    }
    const found = !token ? 'the end' : 'text' in token ? 'text' : `<${token.close ? '/' : ''}${token.tag}>`;
    this.breach(0, `<${close ? '/' : ''}${tag}> expected, found ${found}`);
    if (token && !('tag' in token && NESTABLE.includes(token.tag))) this.at++;
  }
}
