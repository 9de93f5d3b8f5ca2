// What tests of incoming hooks stand in: a hub, an app with one reader, hooks that other networks' senders call, and what the
// reader sees at another door.
import { createRequire } from 'node:module';
import type { MadeUser } from '../support/operator.ts';
import type { Frame } from '../support/realtime.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { type World, worldOf } from './realtime-world.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers of other networks' forms, compared whole.
export type Json = any;

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  /** The text as JSON; undefined: it is none. */
  body: Json;
}

/** A message as a reader at the realtime door sees it now. */
export interface Seen {
  by: string;
  text: string;
  [field: string]: Json;
}

export async function call(url: string, init: RequestInit = {}): Promise<Reply> {
  const response = await fetch(url, { method: 'POST', ...init });
  const text = await response.text();
  let body: Json;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  return { status: response.status, headers: response.headers, text, body };
}

export class IncomingHook {
  readonly world: IncomingWorld;
  readonly number: number;
  readonly secret: string;
  /** The conversation that it is bound to. */
  readonly c: string;
  url: string;

  constructor(world: IncomingWorld, made: Json, c: string) {
    this.world = world;
    this.number = made.hook.number;
    this.secret = made.secret;
    this.url = made.url;
    this.c = c;
  }

  send(body: string | Uint8Array, headers: Record<string, string> = {}, path = ''): Promise<Reply> {
    return call(this.url + path, { body: body as BodyInit, headers });
  }

  json(body: object, headers: Record<string, string> = {}, path = ''): Promise<Reply> {
    return this.send(JSON.stringify(body), { 'content-type': 'application/json', ...headers }, path);
  }

  /** What is in the conversation now, oldest first. */
  seen(c: string = this.c): Promise<Seen[]> {
    return this.world.seen(c);
  }

  async last(c?: string): Promise<Seen> {
    return (await this.seen(c)).at(-1) as Seen;
  }

  async about(): Promise<Json> {
    return (await this.world.operate('GET', `/hooks/${this.number}`)).body.hook;
  }
}

export class IncomingWorld {
  readonly hub: TestHub;
  readonly realtime: World;
  readonly ann: MadeUser;

  constructor(hub: TestHub, realtime: World, ann: MadeUser) {
    this.hub = hub;
    this.realtime = realtime;
    this.ann = ann;
  }

  async operate(method: string, path: string, body?: object): Promise<Reply> {
    const response = await this.realtime.operate(method, path, body);
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: JSON.parse(text) };
  }

  /** A hook into a new conversation of the reader's; `open`: one for each topic instead. */
  async hook(shape: string, more: Json = {}): Promise<IncomingHook> {
    const c = more.open ? '' : await this.realtime.group(this.ann);
    const target = more.open ? {} : { conversation: Number(c) };
    const made = await this.operate('POST', '/hooks', { shape, ...target, ...more });
    if (made.status !== 201) throw new Error(made.text);
    return new IncomingHook(this, made.body, c);
  }

  async seen(c: string): Promise<Seen[]> {
    const events = await this.events(c);
    const messages = new Map<number, Seen>();
    for (const event of events) {
      const { seq, author, kind, target } = event;
      if (kind === 'message') messages.set(seq, { ...event, by: author?.name ?? '', text: event.text });
      const at = messages.get(target);
      if (kind === 'edit' && at)
        Object.assign(at, { text: event.text, markup: event.markup, attachments: event.attachments ?? [] });
      if (kind === 'delete') messages.delete(target);
    }
    return [...messages.values()].filter(({ deleted }) => !deleted);
  }

  /** All that happened in a conversation, as its reader is told at the realtime door. */
  async events(c: string): Promise<Frame[]> {
    const socket = await this.realtime.connect(this.ann);
    const { seq } = await socket.ask({ t: 'subscribe', c, since: 0 });
    if (seq) await socket.event(c, seq);
    await socket.settled();
    const events = socket.events(c);
    await socket.close();
    return events;
  }

  /** Conversations of the reader by their titles. */
  async titles(): Promise<Map<string, string>> {
    return new Map((await this.listed()).map(({ id, displayName }) => [displayName, numberOf(id)]));
  }

  /** What Sunshine calls the reader's conversations, by their numbers. */
  async sunshineIds(): Promise<Map<string, string>> {
    return new Map((await this.listed()).map(({ id }) => [numberOf(id), id]));
  }

  private async listed(): Promise<{ id: string; displayName: string }[]> {
    const { basePath, appId, keyId, secret } = this.realtime.app.sunshine;
    const query = `filter[userId]=${this.ann.sunshineId}&page[size]=100`;
    const { body } = await call(`${basePath}/v2/apps/${appId}/conversations?${query}`, {
      method: 'GET',
      headers: { authorization: `Basic ${btoa(`${keyId}:${secret}`)}` },
    });
    return body.conversations;
  }
}

/** Digits 9 to 16 of a conversation's id are its number (DESIGN.md 3). */
const numberOf = (id: string): string => String(Number.parseInt(id.slice(8, 16), 16));

export async function startIncoming(env: Record<string, string> = {}): Promise<IncomingWorld> {
  const hub = await startTestHub({ env });
  const realtime = await worldOf(hub);
  return new IncomingWorld(hub, realtime, await realtime.person('ann'));
}

/** Senders that this project did not write, without their types: a checkout that has not installed them yet still compiles. */
export const sender = <T>(name: string): T => createRequire(import.meta.url)(name) as T;
