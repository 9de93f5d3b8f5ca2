// The parts of a Slack-shaped message beside its text (contracts/webhooks-bridges-widget.md C1): blocks and attachments, as
// the document tree has them. Rocket.Chat's and Mattermost's attachments are the same, in another markup.
import * as v from 'valibot';
import { apart, image, lineBreak, link, type Node, text as words } from '../text/tree.ts';
import { name, perhaps } from './fields.ts';

/** A text in the markup of whoever sends it, as nodes. */
export type ReadText = (text: string) => Node[];

const text = perhaps(v.nullable(v.string()));

const MOST_BLOCKS = 100;
const MOST_DEPTH = 8;

const field = v.object({ title: perhaps(v.nullable(name)), value: perhaps(v.nullable(name)) });
const attachment = v.object({
  fallback: text,
  pretext: text,
  author_name: text,
  author_link: text,
  title: text,
  title_link: text,
  text,
  fields: perhaps(v.nullable(v.pipe(v.array(field), v.maxLength(MOST_BLOCKS)))),
  image_url: text,
  thumb_url: text,
  footer: text,
  blocks: perhaps(v.array(v.unknown())),
});
export const attachments = v.pipe(v.array(attachment), v.maxLength(MOST_BLOCKS));
export const blocks = v.pipe(v.array(v.unknown()), v.maxLength(MOST_BLOCKS));

const bold = (children: Node[]): Node => ({ type: 'bold', children });

/** Each part on lines of its own; what is empty takes none. */
export const lines = (parts: readonly (readonly Node[])[]): Node[] =>
  parts.filter((part) => part.length > 0).flatMap((part, i) => (i === 0 ? [...part] : [lineBreak, ...part]));

/** Attachments below each other, each behind a line as Slack draws it. */
export const attachmentNodes = (given: v.InferOutput<typeof attachments>, read: ReadText): Node[] =>
  lines(given.map((one) => attachmentNode(one, read)));

function attachmentNode(one: v.InferOutput<typeof attachment>, read: ReadText): Node[] {
  const author = one.author_name ? link(one.author_link ?? '', [words(one.author_name)]) : [];
  const title = one.title ? [bold(link(one.title_link ?? '', [words(one.title)]))] : [];
  const body = lines([
    one.author_link ? author : author.length > 0 ? [words(one.author_name as string)] : [],
    title,
    one.text ? read(one.text) : [],
    ...(one.blocks ? [blockNodes(one.blocks, read)] : []),
    ...(one.fields ?? []).map(({ title: label, value }) => fieldNodes(label, value, read)),
    picture(one.image_url ?? one.thumb_url, one.title ?? ''),
    one.footer ? [words(one.footer)] : [],
  ]);
  const shown = body.length > 0 ? body : one.fallback ? [words(one.fallback)] : [];
  const quoted: Node[] = shown.length > 0 ? [{ type: 'quote', author: null, children: shown }] : [];
  return lines([one.pretext ? read(one.pretext) : [], quoted]);
}

const fieldNodes = (
  label: string | null | undefined,
  value: string | null | undefined,
  read: ReadText,
): Node[] => [...(label ? [bold([words(`${label}:`)]), words(' ')] : []), ...(value ? read(value) : [])];

const picture = (url: string | null | undefined, alt: string): Node[] => (url ? image(url, alt) : []);

const textObject = v.object({ type: text, text: v.string() });
const block = v.object({
  type: v.string(),
  text: perhaps(v.union([textObject, v.string()])),
  fields: perhaps(v.pipe(v.array(v.unknown()), v.maxLength(MOST_BLOCKS))),
  elements: perhaps(v.pipe(v.array(v.unknown()), v.maxLength(MOST_BLOCKS))),
  accessory: perhaps(v.unknown()),
  image_url: text,
  alt_text: text,
  title: perhaps(textObject),
});

/** Blocks below each other. What is no words and no picture (buttons, inputs) is left out. */
export const blockNodes = (given: readonly unknown[], read: ReadText): Node[] =>
  lines(given.slice(0, MOST_BLOCKS).map((one) => blockNode(one, read)));

function blockNode(given: unknown, read: ReadText): Node[] {
  const parsed = v.safeParse(block, given);
  if (!parsed.success) return [];
  const { type, text: said, fields = [], elements = [], accessory } = parsed.output;
  switch (type) {
    case 'header':
      return said ? [bold(textNodes(said, () => [words(typeof said === 'string' ? said : said.text)]))] : [];
    case 'section':
      return lines([
        said ? textNodes(said, read) : [],
        ...fields.map((each) => textNodes(each, read)),
        imageNodes(accessory),
      ]);
    case 'context':
      return elements.flatMap((each, i) => [...(i > 0 ? [words(' ')] : []), ...elementNodes(each, read)]);
    case 'image':
      return imageNodes(given);
    case 'markdown':
      return typeof said === 'string' ? read(said) : [];
    case 'rich_text':
      return lines(elements.map((each) => richNodes(each, 0)));
    default:
      return [];
  }
}

function textNodes(given: unknown, read: ReadText): Node[] {
  const parsed = v.safeParse(textObject, given);
  if (!parsed.success) return [];
  return parsed.output.type === 'plain_text' ? plain(parsed.output.text) : read(parsed.output.text);
}

const plain = (said: string): Node[] =>
  lines(said.split(/\r\n|\r|\n/).map((line) => (line ? [words(line)] : [])));

const elementNodes = (given: unknown, read: ReadText): Node[] => {
  const said = textNodes(given, read);
  return said.length > 0 ? said : imageNodes(given);
};

/** Of an image block or element: what may stand inside others must not hold others. */
function imageNodes(given: unknown): Node[] {
  const parsed = v.safeParse(block, given);
  if (!parsed.success || parsed.output.type !== 'image') return [];
  const { image_url, alt_text, title } = parsed.output;
  return picture(image_url, alt_text ?? title?.text ?? '');
}

const styles = perhaps(
  v.object({
    bold: perhaps(v.boolean()),
    italic: perhaps(v.boolean()),
    strike: perhaps(v.boolean()),
    code: perhaps(v.boolean()),
  }),
);
const rich = v.object({
  type: v.string(),
  style: v.optional(v.unknown()),
  elements: perhaps(v.pipe(v.array(v.unknown()), v.maxLength(1_000))),
  text,
  url: text,
  name: text,
  unicode: text,
  user_id: text,
  channel_id: text,
  range: text,
});

/** Slack's editor's own tree. */
function richNodes(given: unknown, depth: number): Node[] {
  const parsed = v.safeParse(rich, given);
  if (!parsed.success || depth > MOST_DEPTH) return [];
  const { type, style, elements = [], text: said, url, ...other } = parsed.output;
  const inner = () => elements.flatMap((each) => richNodes(each, depth + 1));
  switch (type) {
    case 'rich_text_section':
      return inner();
    case 'rich_text_quote':
      return [{ type: 'quote', author: null, children: inner() }];
    case 'rich_text_preformatted':
      return [{ type: 'codeBlock', text: elements.map(plainOf).join('') }];
    case 'rich_text_list':
      return [
        {
          type: 'list',
          start: style === 'ordered' ? 1 : null,
          items: elements.map((each) => richNodes(each, depth + 1)),
        },
      ];
    case 'text':
      return styled(said ?? '', style);
    case 'link':
      return link(url ?? '', [words(said || url || '')]);
    case 'emoji':
      return [words(signOf(other.unicode) ?? `:${other.name ?? ''}:`)];
    case 'user':
      return [words(`@${other.user_id ?? ''}`)];
    case 'channel':
      return [words(`#${other.channel_id ?? ''}`)];
    case 'broadcast':
      return [words(`@${other.range ?? ''}`)];
    default:
      return [];
  }
}

const plainOf = (given: unknown): string => {
  const parsed = v.safeParse(rich, given);
  return parsed.success ? (parsed.output.text ?? parsed.output.url ?? '') : '';
};

function styled(said: string, style: unknown): Node[] {
  const given = v.safeParse(styles, style);
  const { bold: strong, italic, strike, code } = (given.success ? given.output : undefined) ?? {};
  let nodes: Node[] = code ? [{ type: 'code', text: said.replace(/\s+/g, ' ') }] : plain(said);
  if (said === '') return [];
  if (strike) nodes = [{ type: 'strike', children: nodes }];
  if (italic) nodes = [{ type: 'italic', children: nodes }];
  if (strong) nodes = [bold(nodes)];
  return nodes;
}

/** `1f44d-1f3fd`: the code points of a sign. */
function signOf(unicode: string | null | undefined): string | null {
  if (!unicode || !/^[0-9a-f]{2,6}(-[0-9a-f]{2,6}){0,9}$/i.test(unicode)) return null;
  const points = unicode.split('-').map((hex) => Number.parseInt(hex, 16));
  return points.every((point) => point <= 0x10ffff) ? String.fromCodePoint(...points).toWellFormed() : null;
}

/** Everything that a message says, blocks apart from what stands beside them. */
export const whole = (parts: readonly (readonly Node[])[]): Node[] => apart(lines(parts));
