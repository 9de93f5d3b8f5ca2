// Discord's webhooks as their senders call them (contracts/webhooks-bridges-widget.md C2; discord-api-docs,
// resources/webhook): execute, with files, threads and `wait`; get, edit and delete a message of the hook; /slack and /github.
import * as v from 'valibot';
import type { ConversationNumber, FileNumber } from '../domain/ids.ts';
import { parseConversation, parseMessage } from '../domain/ids.ts';
import type { JsonObject, MessageEntry } from '../domain/model.ts';
import type { RemoteAuthor, RemoteSaid } from '../domain/remote.ts';
import { json } from '../http/respond.ts';
import { appCaller } from '../hub/apps.ts';
import { arrivedIn } from '../hub/arrivals.ts';
import { attach } from '../hub/arriving-files.ts';
import { messageOf } from '../hub/messages.ts';
import { isPlaceOf } from '../hub/places.ts';
import { content, embeds, type Kept, poll, wordsOf } from './discord-embeds.ts';
import { discordRefusal, discordRefused, rationed } from './discord-errors.ts';
import { attachmentId, messageObject } from './discord-message.ts';
import { checked, formFields, isForm, name, perhaps } from './fields.ts';
import { dropFiles, readForm } from './forms.ts';
import { githubEvent } from './github.ts';
import { bytesOf, callerName, type Knock, type Shape, tell, textOf } from './knock.ts';
import { repairedJson } from './repaired.ts';
import { takeSlack } from './slack.ts';

const username = v.optional(
  v.nullable(v.pipe(v.string(), v.maxLength(80, 'Must be 80 or fewer in length.'))),
);
const execution = v.object({
  content,
  embeds,
  username,
  avatar_url: perhaps(v.nullable(v.string())),
  thread_name: v.optional(
    v.nullable(v.pipe(v.string(), v.minLength(1), v.maxLength(100, 'Must be between 1 and 100 in length.'))),
  ),
  poll,
});
type Execution = v.InferOutput<typeof execution>;

/** `attachments`: those that the message keeps, by their ids; a number among them names a file of this form. */
const change = v.object({
  content,
  embeds,
  attachments: perhaps(v.nullable(v.pipe(v.array(v.object({ id: name })), v.maxLength(50)))),
});

const AUTHOR_NOBODY = 'hook';

async function answer(knock: Knock): Promise<Response> {
  const { hook, ration, request, rest } = knock;
  try {
    const response = await answerTo(knock);
    return rationed(response ?? notAllowed(), hook.number, ration);
  } finally {
    // An answer must not leave a body unread, or its sender may never see it.
    if (rest[0] !== 'messages' && request.body && !request.bodyUsed) await request.body.cancel();
  }
}

/** Null: not by this method. */
async function answerTo(knock: Knock): Promise<Response | null> {
  const { request, rest } = knock;
  const [what, id = '', ...more] = rest;
  const { method } = request;
  if (what === undefined || (what === '' && rest.length === 1)) {
    if (method === 'GET') return json(webhookObject(knock));
    return method === 'POST' ? execute(knock) : null;
  }
  if (what === 'messages' && id !== '' && more.length === 0) {
    if (method === 'GET') return show(knock, id);
    if (method === 'PATCH') return edit(knock, id);
    return method === 'DELETE' ? remove(knock, id) : null;
  }
  if (method !== 'POST' || rest.length !== 1) return null;
  if (what === 'slack') return slackAt(knock);
  return what === 'github' ? githubAt(knock) : null;
}

const notAllowed = (): Response => json({ message: '405: Method Not Allowed', code: 0 }, 405);

const webhookObject = (knock: Knock) => ({
  id: String(knock.hook.number),
  type: 1,
  name: callerName(knock),
  avatar: null,
  channel_id: 'conversation' in knock.source.target ? String(knock.source.target.conversation) : null,
  guild_id: null,
  application_id: null,
});

/** What is sent, with the files that came along. */
async function bodyOf(knock: Knock): Promise<{ body: unknown; files: FileNumber[] }> {
  const form = await readForm(knock);
  if (form) {
    const { payload_json, ...fields } = form.fields;
    try {
      return { body: payload_json === undefined ? fields : parsed(payload_json), files: form.files };
    } catch (error) {
      dropFiles(knock, form.files);
      throw error;
    }
  }
  const text = textOf(await bytesOf(knock));
  return { body: isForm(knock.request.headers, text) ? formFields(text) : parsed(text), files: [] };
}

function parsed(text: string): unknown {
  let body: unknown;
  try {
    body = repairedJson(text);
  } catch {
    throw discordRefused('badJson');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw discordRefused('badJson');
  return body;
}

/** The knock with the thread that the query names as its only place. */
async function inThread(knock: Knock, threadName: string | null | undefined): Promise<Knock> {
  const { hub, source, request } = knock;
  const thread = new URL(request.url).searchParams.get('thread_id');
  const open = 'open' in source.target;
  if (threadName && thread !== null) throw discordRefused('twoThreads');
  if (threadName && !open) throw discordRefused('noThreads');
  if (open && !threadName && thread === null) throw discordRefused('needsThread');
  if (thread === null) return knock;
  const c = parseConversation(thread);
  if (c === null || !(await isPlaceOf(hub, source, c))) throw discordRefused('unknownChannel');
  return into(knock, c);
}

const into = (knock: Knock, conversation: ConversationNumber): Knock => ({
  ...knock,
  source: { ...knock.source, target: { conversation } },
});

async function execute(knock: Knock): Promise<Response> {
  const { body, files } = await bodyOf(knock);
  try {
    const said = checked(execution, body);
    const placed = await inThread(knock, said.thread_name);
    const event = saidBy(knock, said, files);
    const arrived = await tell(placed, event);
    if (!arrived || arrived.result === 'dropped' || arrived.result === 'changed')
      throw discordRefused('empty');
    // Whoever sends files waits for them, and is told, asked or not.
    const waits = files.length > 0 || new URL(knock.request.url).searchParams.get('wait') === 'true';
    if (!waits) return new Response(null, { status: 204 });
    const { hub, source } = knock;
    const entry = await messageOf(hub, appCaller(source.app, 'bridge'), arrived.conversation, arrived.seq);
    return json(messageObject(knock, arrived.conversation, entry));
  } catch (error) {
    dropFiles(knock, files);
    throw error;
  }
}

function authorOf(knock: Knock, { username: given, avatar_url }: Execution): RemoteAuthor {
  const by = given?.trim() ?? '';
  return {
    id: by === '' ? AUTHOR_NOBODY : `name ${by}`,
    name: by || callerName(knock),
    avatar: avatar_url ?? null,
    bot: true,
  };
}

function saidBy(knock: Knock, said: Execution, files: readonly FileNumber[]): RemoteSaid {
  const kept: Kept = {
    content: said.content ?? '',
    embeds: said.embeds ?? [],
    username: said.username ?? null,
  };
  const words = wordsOf(kept, said.poll);
  if (words.trim() === '' && files.length === 0) throw discordRefused('empty');
  return {
    kind: 'message',
    // So that the next call finds it by its number here, and it by this.
    id: crypto.randomUUID(),
    place: said.thread_name ? crypto.randomUUID() : '',
    title: said.thread_name ?? null,
    author: authorOf(knock, said),
    words: { text: words, markup: 'markdown' },
    files: files.map((uploaded) => ({ uploaded })),
    at: null,
    said: kept as unknown as JsonObject,
  };
}

/** The hook's own message of this number. Refused not_found: there is none, or it is another's. */
async function own(knock: Knock, id: string): Promise<{ c: ConversationNumber; entry: MessageEntry }> {
  const number = parseMessage(id);
  const found = number === null ? null : await arrivedIn(knock.hub, knock.source, number);
  if (!found || found.entry.message.deleted) throw discordRefused('unknownMessage');
  return { c: found.conversation, entry: found.entry };
}

async function show(knock: Knock, id: string): Promise<Response> {
  const { c, entry } = await own(knock, id);
  return json(messageObject(knock, c, entry));
}

async function edit(knock: Knock, id: string): Promise<Response> {
  const { c, entry } = await own(knock, id);
  const { body, files } = await bodyOf(knock);
  try {
    await rewrite(knock, { c, entry }, checked(change, body), files);
  } catch (error) {
    dropFiles(knock, files);
    throw error;
  }
  return show(knock, id);
}

async function rewrite(
  knock: Knock,
  { c, entry }: { c: ConversationNumber; entry: MessageEntry },
  given: v.InferOutput<typeof change>,
  files: readonly FileNumber[],
): Promise<void> {
  const before = (entry.message.origin?.said ?? {}) as unknown as Partial<Kept>;
  const kept: Kept = {
    content: given.content === undefined ? (before.content ?? entry.message.text) : (given.content ?? ''),
    embeds: given.embeds === undefined ? (before.embeds ?? []) : (given.embeds ?? []),
    username: before.username ?? null,
  };
  const words = wordsOf(kept);
  const named = given.attachments && new Set(given.attachments.map((one) => one.id));
  const keep = named ? (index: number) => named.has(attachmentId(entry, index)) : undefined;
  const left = (entry.message.attachments ?? []).filter((_, i) => keep?.(i) ?? true).length;
  if (words.trim() === '' && left + files.length === 0) throw discordRefused('empty');
  await tell(into(knock, c), {
    kind: 'edit',
    id: entry.message.origin?.id ?? null,
    place: '',
    author: { id: AUTHOR_NOBODY, name: '', avatar: null, bot: true },
    words: { text: words, markup: 'markdown' },
    files: [],
    at: null,
    said: kept as unknown as JsonObject,
  });
  if (files.length > 0 || keep) await attach(knock.hub, knock.source, c, entry.seq, { files, keep });
}

async function remove(knock: Knock, id: string): Promise<Response> {
  const { c, entry } = await own(knock, id);
  await tell(into(knock, c), { kind: 'delete', id: entry.message.origin?.id ?? '', place: '' });
  return new Response(null, { status: 204 });
}

async function slackAt(knock: Knock): Promise<Response> {
  const placed = await inThread(knock, null);
  const { body } = await bodyOf(knock);
  const given = (body as { payload?: unknown }).payload;
  await takeSlack(placed, typeof given === 'string' ? parsed(given) : body);
  return new Response('ok', { headers: { 'content-type': 'text/plain; charset=utf-8' } });
}

async function githubAt(knock: Knock): Promise<Response> {
  const placed = await inThread(knock, null);
  const { body } = await bodyOf(knock);
  const given = (body as { payload?: unknown }).payload;
  const { headers } = knock.request;
  const event = githubEvent(
    headers.get('x-github-event') ?? '',
    headers.get('x-github-delivery'),
    typeof given === 'string' ? parsed(given) : body,
  );
  if (event) await tell(placed, event);
  return new Response(null, { status: 204 });
}

export const discord: Shape = { answer, refusal: discordRefusal };
