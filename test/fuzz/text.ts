// What the readers and writers of markup promise about any text at all (DESIGN.md 5). How texts are made up is in the
// files beside this one.
import type { Markup } from '../../src/domain/model.ts';
import { read, write } from '../../src/text/convert.ts';
import { quoteForReply, shortContent, stripToLine, toForumHtml, toForumText } from '../../src/text/forum.ts';
import { settle } from '../../src/text/settle.ts';
import { type Node, textOf } from '../../src/text/tree.ts';
import { mapped, spaced } from '../text/arbitrary.ts';
import { addressesOf, foreignTags, mentionsIn, saidBy, TAG_OF_OURS, targetsIn } from '../text/judge.ts';

export const MARKUPS: readonly Markup[] = ['plain', 'bbcode', 'markdown', 'html'];

/** What a reader may look at per character (test/text/linear.test.ts); a text of a few characters has its own cost. */
const STEPS_PER_CHARACTER = 40;
const STEPS_PER_TEXT = 200;

export interface Sample {
  readonly source: string;
  readonly from: Markup;
  readonly to: Markup;
}

const like = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
const promise = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(what);
};

/** BBCode has no description of an image. */
const undescribed = (tree: readonly Node[]) =>
  mapped(tree, (node) => [node.type === 'image' ? { ...node, alt: '' } : node]);

/** Throws where a promise is broken; gives the tree that was read. */
export function checkText({ source, from, to }: Sample): Node[] {
  const meter = { steps: 0 };
  const tree = read(source, from, meter);
  promise(
    meter.steps <= STEPS_PER_TEXT + STEPS_PER_CHARACTER * source.length,
    `slow: ${meter.steps} steps for ${source.length} characters`,
  );
  promise(like(settle(tree), tree), 'what was read is not settled');
  const written = write(tree, to);
  const again = read(written, to);
  survives(tree, written, again, to);
  if (to !== 'plain') addsNothing(tree, written, again, to);
  return tree;
}

/** Text content survives, and the tree where the markup can say all of it. */
function survives(tree: readonly Node[], written: string, again: readonly Node[], to: Markup): void {
  switch (to) {
    case 'bbcode':
      promise(like(again, undescribed(tree)), `another tree in BBCode: ${written}`);
      break;
    case 'html':
      promise(like(again, spaced(tree)), `another tree in HTML: ${written}`);
      break;
    case 'markdown':
      promise(textOf(again) === textOf(tree), `other words in Markdown: ${written}`);
      break;
    case 'plain':
      promise(isWithin(inked(textOf(tree)), inked(written)), `words are missing in plain text: ${written}`);
  }
}

/** No link, mention or tag that the tree does not hold, as others than our readers would find them. */
function addsNothing(tree: readonly Node[], written: string, again: readonly Node[], to: Markup): void {
  const held = new Set(addressesOf(tree));
  for (const url of addressesOf(again)) promise(held.has(url), `a link to ${url}: ${written}`);
  for (const target of targetsIn(written, to)) {
    promise(held.has(target), `something that looks like a link to ${target}: ${written}`);
  }
  const mentions = mentionsIn(written);
  const said = mentions.length > 0 ? saidBy(tree) : '';
  for (const name of mentions) promise(said.includes(name), `a mention of ${name}: ${written}`);
  if (to === 'html') promise(!/[<>]/.test(written.replace(TAG_OF_OURS, '')), `a foreign tag: ${written}`);
  if (to === 'bbcode') {
    const foreign = foreignTags(written, tree);
    promise(foreign.length === 0, `more [${foreign}] than the tree has: ${written}`);
  }
}

/** The forms of the forum door: they never fail, and keep what a person reads. */
export function checkForum({ source, from }: Sample, tree: readonly Node[]): void {
  const seen = inked(textOf(tree));
  const forum = toForumText(source, from);
  const shown = read(forum, 'bbcode');
  promise(isWithin(seen, inked(textOf(shown))), `words are missing for a forum: ${forum}`);
  const held = new Set(addressesOf(tree));
  for (const target of targetsIn(forum, 'bbcode')) promise(held.has(target), `a link to ${target}: ${forum}`);
  promise(
    shown.every(({ type }) => FORUM_NODES.has(type)),
    `more than a forum client knows: ${forum}`,
  );
  const html = toForumHtml(source, from).replace(FORUM_TAG, '');
  promise(!/[<>]/.test(html), `a foreign tag for a forum: ${html}`);
  const short = shortContent(source, from);
  promise([...short].length <= 200 && !/[\r\n]/.test(short), `no excerpt: ${short}`);
  promise(!/[\r\n]/.test(stripToLine(source, from)), 'no line');
  const quoted = read(quoteForReply('x', source, from), 'bbcode').filter(({ type }) => type !== 'break');
  promise(quoted.length <= 1 && (quoted[0]?.type ?? 'quote') === 'quote', 'no single quote');
}

const FORUM_NODES: ReadonlySet<Node['type']> = new Set<Node['type']>([
  'text',
  'break',
  'link',
  'image',
  'quote',
]);
const FORUM_TAG = /<\/?(?:b|i|u|font)>|<br>|<font color="[#a-z0-9]+">/g;

const inked = (text: string): string => text.replace(/\s+/g, '');

/** Whether all characters of `part` stand in `whole`, in this order. */
function isWithin(part: string, whole: string): boolean {
  let at = 0;
  for (let i = 0; i < whole.length && at < part.length; i++) if (whole[i] === part[at]) at++;
  return at === part.length;
}
