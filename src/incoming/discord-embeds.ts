// What a Discord-shaped message holds beside its content: its limits (discord-api-docs, resources/message), and embeds as the
// document tree has them.
import * as v from 'valibot';
import { image, link, type Node, text as words } from '../text/tree.ts';
import { perhaps } from './fields.ts';
import { lines, whole } from './slack-blocks.ts';
import { markdownOf, readDiscord } from './words.ts';

/** At most so many characters, as a reader counts them. */
const most = (max: number) =>
  v.pipe(
    v.string(),
    v.check((text) => [...text].length <= max, `Must be ${max} or fewer in length.`),
  );
const maybe = <S extends v.GenericSchema>(schema: S) => v.optional(v.nullable(schema));
const url = maybe(most(2048));
const media = maybe(v.object({ url }));

const embed = v.object({
  title: maybe(most(256)),
  description: maybe(most(4096)),
  url,
  timestamp: maybe(v.string()),
  color: maybe(v.number()),
  footer: maybe(v.object({ text: most(2048), icon_url: url })),
  image: media,
  thumbnail: media,
  video: media,
  provider: maybe(v.object({ name: maybe(v.string()), url })),
  author: maybe(v.object({ name: most(256), url, icon_url: url })),
  fields: maybe(
    v.pipe(
      v.array(v.object({ name: most(256), value: most(1024), inline: maybe(v.boolean()) })),
      v.maxLength(25, 'Must be 25 or fewer in length.'),
    ),
  ),
});
type Embed = v.InferOutput<typeof embed>;

const MOST_CHARS = 6000;

const charsOf = ({ title, description, footer, author, fields }: Embed): number =>
  [title, description, footer?.text, author?.name, ...(fields ?? []).flatMap((f) => [f.name, f.value])]
    .map((text) => [...(text ?? '')].length)
    .reduce((sum, chars) => sum + chars, 0);

export const content = maybe(most(2000));
export const embeds = maybe(
  v.pipe(
    v.array(embed),
    v.maxLength(10, 'Must be 10 or fewer in length.'),
    v.check(
      (all) => all.reduce((sum, one) => sum + charsOf(one), 0) <= MOST_CHARS,
      `Embed size exceeds maximum size of ${MOST_CHARS}`,
    ),
  ),
);
export const poll = perhaps(
  v.object({
    question: v.object({ text: v.string() }),
    answers: v.pipe(v.array(v.object({ poll_media: v.object({ text: v.string() }) })), v.maxLength(10)),
  }),
);
type Poll = v.InferOutput<typeof poll>;

/** What is kept with the message, so that an edit of a part of it leaves the rest as it is. */
export interface Kept {
  content: string;
  embeds: v.InferOutput<typeof embeds> & object;
  username: string | null;
}

const bold = (children: Node[]): Node => ({ type: 'bold', children });
const linked = (address: string | null | undefined, text: string): Node[] =>
  address ? link(address, [words(text)]) : [words(text)];

/** Embeds below each other, each behind a line as Discord draws it. */
const embedNodes = (all: readonly Embed[]): Node[] => lines(all.map(embedNode));

function embedNode(one: Embed): Node[] {
  const { title, description, author, footer, fields } = one;
  const children = lines([
    author ? linked(author.url, author.name) : [],
    title ? [bold(linked(one.url, title))] : [],
    description ? readDiscord(description) : [],
    ...(fields ?? []).map(({ name, value }) => [
      bold([words(`${name}:`)]),
      words(' '),
      ...readDiscord(value),
    ]),
    pictureOf(one.image?.url ?? one.thumbnail?.url, title),
    footer ? [words(footer.text)] : [],
  ]);
  return children.length === 0 ? [] : [{ type: 'quote', author: null, children }];
}

/** `attachment://…` names a file of the same message, which is shown with it. */
const pictureOf = (address: string | null | undefined, alt: string | null | undefined): Node[] =>
  address && /^https?:/i.test(address) ? image(address, alt ?? '') : [];

/** All of it, as the Markdown of conversations. */
export function wordsOf({ content: said, embeds: all }: Kept, asked?: Poll): string {
  const question = asked
    ? [
        { type: 'bold' as const, children: [{ type: 'text' as const, text: asked.question.text }] },
        {
          type: 'list' as const,
          start: null,
          items: asked.answers.map(({ poll_media }) => [{ type: 'text' as const, text: poll_media.text }]),
        },
      ]
    : [];
  return markdownOf(whole([said === '' ? [] : readDiscord(said), question, embedNodes(all)]));
}
