// GitHub's events at a Discord-shaped hook (`/github`): a sentence with its links, and what was written.
import * as v from 'valibot';
import type { RemoteSaid } from '../domain/remote.ts';
import { lineBreak, link, type Node, text as words } from '../text/tree.ts';
import { name, perhaps } from './fields.ts';
import { markdownOf, readMarkdownWords } from './words.ts';

const text = perhaps(v.nullable(v.string()));
/** What has a title, a number, a text and an address, all of them perhaps. */
const thing = perhaps(
  v.object({ title: text, name: text, tag_name: text, number: perhaps(name), body: text, html_url: text }),
);
const envelope = v.object({
  action: text,
  repository: perhaps(v.object({ full_name: text, html_url: text })),
  organization: perhaps(v.object({ login: text })),
  sender: perhaps(v.object({ login: text, avatar_url: text, id: perhaps(name) })),
  ref: text,
  ref_type: text,
  compare: text,
  forced: perhaps(v.boolean()),
  commits: perhaps(
    v.array(
      v.object({ id: v.string(), message: v.string(), url: text, author: perhaps(v.object({ name: text })) }),
    ),
  ),
  issue: thing,
  pull_request: thing,
  comment: thing,
  review: perhaps(v.object({ state: text, body: text, html_url: text })),
  release: thing,
  discussion: thing,
  forkee: perhaps(v.object({ full_name: text, html_url: text })),
  pusher: perhaps(v.object({ name: text })),
});
type Envelope = v.InferOutput<typeof envelope>;

const COMMITS = 10;
const BODY_CHARS = 1_000;

interface Sentence {
  verb: string;
  /** What it is about, and where that is. */
  about: string;
  url: string | null | undefined;
  body?: string | null;
}

/** Actions that tell of nothing but bookkeeping. */
const QUIET = new Set(['labeled', 'unlabeled', 'assigned', 'unassigned', 'synchronize', 'edited', 'deleted']);

/** By the name of the event; null: nothing to say. */
const SENTENCES: Readonly<Record<string, (event: Envelope) => Sentence | null>> = {
  issues: ({ action, issue }) => titled(action, 'issue', issue, action === 'opened'),
  pull_request: ({ action, pull_request: pull }) => titled(action, 'pull request', pull, action === 'opened'),
  issue_comment: ({ action, issue, comment }) => commented(action, 'issue', issue, comment),
  commit_comment: ({ action, comment }) => commented(action, 'a commit', undefined, comment),
  pull_request_review_comment: ({ action, pull_request: pull, comment }) =>
    commented(action, 'pull request', pull, comment),
  discussion: ({ action, discussion }) => titled(action, 'discussion', discussion, action === 'created'),
  discussion_comment: ({ action, discussion, comment }) =>
    commented(action, 'discussion', discussion, comment),
  pull_request_review: ({ action, pull_request: pull, review }) =>
    action === 'submitted' && review
      ? {
          verb: `reviewed (${(review.state ?? 'commented').replace('_', ' ')})`,
          about: labelOf('pull request', pull),
          url: review.html_url ?? pull?.html_url,
          body: review.body,
        }
      : null,
  release: ({ action, release }) =>
    action === 'published' && release
      ? {
          verb: 'published release',
          about: release.name || release.tag_name || '',
          url: release.html_url,
          body: release.body,
        }
      : null,
  create: ({ ref, ref_type, repository }) => ({
    verb: `created ${ref_type ?? 'reference'}`,
    about: ref ?? '',
    url: repository?.html_url,
  }),
  delete: ({ ref, ref_type, repository }) => ({
    verb: `deleted ${ref_type ?? 'reference'}`,
    about: ref ?? '',
    url: repository?.html_url,
  }),
  fork: ({ forkee }) => ({ verb: 'forked to', about: forkee?.full_name ?? '', url: forkee?.html_url }),
  watch: ({ repository }) => ({
    verb: 'starred',
    about: repository?.full_name ?? '',
    url: repository?.html_url,
  }),
  public: ({ repository }) => ({
    verb: 'made public',
    about: repository?.full_name ?? '',
    url: repository?.html_url,
  }),
};

const labelOf = (kind: string, one: v.InferOutput<typeof thing>): string =>
  [kind, one?.number ? `#${one.number}` : '', one?.title ?? ''].filter((part) => part !== '').join(' ');

function titled(
  action: string | null | undefined,
  kind: string,
  one: v.InferOutput<typeof thing>,
  withBody: boolean,
): Sentence | null {
  if (!action || QUIET.has(action)) return null;
  const body = withBody ? one?.body : null;
  return { verb: action.replaceAll('_', ' '), about: labelOf(kind, one), url: one?.html_url, body };
}

function commented(
  action: string | null | undefined,
  kind: string,
  one: v.InferOutput<typeof thing>,
  comment: v.InferOutput<typeof thing>,
): Sentence | null {
  if (action !== 'created') return null;
  return { verb: 'commented on', about: labelOf(kind, one), url: comment?.html_url, body: comment?.body };
}

/** `delivery`: GitHub's name of this call, the same when it is made again. Null: nothing to say. */
export function githubEvent(event: string, delivery: string | null, body: unknown): RemoteSaid | null {
  const parsed = v.safeParse(envelope, body);
  if (!parsed.success) return null;
  const given = parsed.output;
  const nodes = event === 'push' ? pushNodes(given) : sentenceNodes(given, SENTENCES[event]?.(given) ?? null);
  if (nodes.length === 0) return null;
  const { sender } = given;
  const login = sender?.login ?? given.pusher?.name ?? 'GitHub';
  return {
    kind: 'message',
    id: delivery === null ? null : `github ${delivery}`,
    place: '',
    author: {
      id: `github ${sender?.id ?? login}`,
      name: login,
      avatar: sender?.avatar_url ?? null,
      bot: true,
    },
    words: { text: markdownOf(nodes), markup: 'markdown' },
    files: [],
    at: null,
  };
}

const where = ({ repository, organization }: Envelope): Node[] => {
  const shown = repository?.full_name ?? organization?.login ?? '';
  return shown === '' ? [] : [words(`[${shown}] `)];
};

function sentenceNodes(given: Envelope, sentence: Sentence | null): Node[] {
  if (!sentence) return [];
  const { verb, about, url, body } = sentence;
  const said = (body ?? '').slice(0, BODY_CHARS).toWellFormed().trim();
  return [
    ...where(given),
    words(`${verb} `),
    ...(url ? link(url, [words(about || url)]) : [words(about)]),
    ...(said === ''
      ? []
      : [lineBreak, { type: 'quote', author: null, children: readMarkdownWords(said) } satisfies Node]),
  ];
}

function pushNodes(given: Envelope): Node[] {
  const { commits = [], ref, compare, forced } = given;
  if (commits.length === 0) return [];
  const branch = (ref ?? '').replace(/^refs\/(heads|tags)\//, '');
  const count = `${commits.length} new commit${commits.length === 1 ? '' : 's'}`;
  const items = commits
    .slice(0, COMMITS)
    .map(({ id, message, url, author }): Node[] => [
      ...(url ? link(url, [words(id.slice(0, 7))]) : [words(id.slice(0, 7))]),
      words(` ${message.split('\n')[0] ?? ''}${author?.name ? ` – ${author.name}` : ''}`),
    ]);
  return [
    ...where(given),
    ...(compare ? link(compare, [words(count)]) : [words(count)]),
    words(` ${forced ? 'forced ' : ''}to ${branch}`),
    { type: 'list', start: null, items },
    ...(commits.length > COMMITS ? [words(`and ${commits.length - COMMITS} more`)] : []),
  ];
}
