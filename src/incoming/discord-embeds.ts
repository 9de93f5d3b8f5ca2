// What a Discord-shaped message holds beside its content: its limits (discord-api-docs, resources/message), and embeds as the
// document tree has them.
import * as v from 'valibot';
import type { Json } from '../domain/model.ts';
import { image, link, type Node, text as words } from '../text/tree.ts';
import { lines } from './slack-blocks.ts';
import { readDiscord } from './words.ts';

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
/** What is kept of it with the message, and shown again to its sender. */
export type KeptEmbeds = Json[];

const bold = (children: Node[]): Node => ({ type: 'bold', children });
const linked = (address: string | null | undefined, text: string): Node[] =>
  address ? link(address, [words(text)]) : [words(text)];

/** Embeds below each other, each behind a line as Discord draws it. */
export const embedNodes = (all: readonly Embed[]): Node[] => lines(all.map(embedNode));

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
