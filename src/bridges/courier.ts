// Takes what a bridge was told to its network: which calls that is, given what was made there already. Each call is written
// down before it is made, so that whatever is cut off goes on with what is missing. Making a call is the caller's.
import { type Bridge, sourcesOf } from '../domain/bridges.ts';
import type { Origin } from '../domain/remote.ts';
import { text } from '../text/tree.ts';
import type { Call, ComesBack, Heard, Made, Network, Part, Said } from './network.ts';
import { type Around, digestOf, editedNodes, ownWords, saidOf, wordsOf } from './said.ts';
import type { Told, Words } from './told.ts';

/** A part as it is remembered (endpoint/links.ts). */
export interface Remembered {
  seq: number;
  part: string;
  /** pending: its call is under way, or was cut off. */
  state: 'pending' | 'made' | 'going' | 'gone';
  remote: string | null;
  version: number;
}

/** What is remembered of a bridge's messages. */
export interface Memory {
  of(seq: number): Remembered[];
  /** Whether it says exactly this there already. */
  says(seq: number, part: string, content: string): boolean;
  pend(
    part: Part,
    about: { seq: number; version: number; name: string; content: string; back: ComesBack | null },
  ): void;
  /** Before the call that makes a message there say this: the news of that is an echo. */
  writes(remote: string, words: string, back: ComesBack | null): void;
  made(seq: number, part: string, remote: string | null): void;
  going(seq: number, part: string): void;
  gone(seq: number, part: string): void;
  /** The message needs nothing more. */
  done(seq: number): void;
  /** Parts that are still there, the newest first. */
  standing(which: { through: number } | { author: number }, limit: number): Remembered[];
  /** The remote side said this of one of its own messages: it need not be told. Null: that it is deleted. */
  saidThere(remote: string, words: string | null): boolean;
  count(what: 'sent' | 'edited' | 'removed' | 'digests'): void;
}

/** How a call went: `again`: what follows waits with it. */
export type Step = { ok: true; heard: Heard } | { ok: false; missing: boolean };
/** Makes one call, when it may be made. */
export type Caller = (call: Call, making: boolean) => Promise<Step>;

/** Parts that are removed for one entry at a time; the others follow. */
const REMOVED_AT_ONCE = 100;
/** In the key of a file that is there by itself. */
const FILES = 'file:';
/** Parts of their own beside those of the message. */
const EDITED = 'edited/';
const DIGEST = 'digest/';

const EMPTIED: Part = { key: '', content: '(removed by edit)', words: '' };

/** True: all is there. False: a call did not go through, or has to wait. */
export async function carry(
  told: Told,
  around: Around & { network: Network; memory: Memory; call: Caller },
): Promise<boolean> {
  const courier = new Courier(around);
  switch (told.kind) {
    case 'message':
      return courier.say(told.words);
    case 'edit':
      return courier.reword(told.words, told.version);
    case 'delete':
      return courier.remove(told);
    case 'redact':
      return courier.removeAll({ author: told.user });
    case 'digest':
      return courier.digest(told);
    case 'test':
      return courier.test(told.text);
  }
}

class Courier {
  private readonly around: Around;
  private readonly bridge: Bridge;
  private readonly network: Network;
  private readonly memory: Memory;
  private readonly call: Caller;

  constructor({
    network,
    memory,
    call,
    ...around
  }: Around & { network: Network; memory: Memory; call: Caller }) {
    this.around = around;
    this.bridge = around.bridge;
    this.network = network;
    this.memory = memory;
    this.call = call;
  }

  async say(words: Words): Promise<boolean> {
    const said = saidOf(words, this.around);
    const parts = this.network.parts(this.bridge, said);
    return (await this.create(words.seq, words.seq, said, parts)) && this.finish(words.seq, 'sent');
  }

  private finish(seq: number, what: 'sent' | 'edited' | 'removed' | 'digests'): true {
    this.memory.done(seq);
    this.memory.count(what);
    return true;
  }

  /** Makes those parts that are not there. */
  private async create(
    seq: number,
    version: number,
    said: Said,
    parts: readonly Part[],
    prefix = '',
  ): Promise<boolean> {
    for (const part of parts) {
      const key = prefix + part.key;
      const made = this.partsOf(seq);
      // An echo may have told its id before the answer that was cut off.
      const known = this.memory.of(seq).find((one) => one.part === key);
      if (known && (known.state !== 'pending' || known.remote !== null)) continue;
      const back = this.network.comesBack?.(this.bridge, part, made) ?? null;
      const name = said.author.name;
      this.memory.pend({ ...part, key }, { seq, version, name, content: printOf(part), back });
      const step = await this.call(await this.network.create(this.bridge, said, part, made), true);
      if (!step.ok) return false;
      this.memory.made(seq, key, this.network.made(step.heard));
    }
    return true;
  }

  private partsOf(seq: number): Made {
    const known = this.memory
      .of(seq)
      .flatMap(({ part, remote }) => (remote === null ? [] : [[part, remote] as const]));
    return new Map(known);
  }

  async reword(words: Words, version: number): Promise<boolean> {
    const known = this.memory.of(words.seq).filter(({ part }) => !part.startsWith(DIGEST));
    const said = saidOf(words, this.around);
    const { network } = this;
    if (known.length === 0) return this.rewordOthers(words, said);
    const there = known.filter(
      ({ state, remote }) => remote !== null && (state === 'made' || state === 'pending'),
    );
    // It was changed there, and that is how it came to be changed here.
    const texts = there.filter(({ part }) => !part.includes(FILES));
    if (texts.length === 1 && this.memory.saidThere(texts[0]?.remote ?? '', wordsOf(words))) return true;
    if (!network.edit) return this.announce(words.seq, version, said, known);
    for (const part of network.parts(this.bridge, said)) {
      const before = known.find(({ part: key }) => key === part.key);
      // One whose making was cut off is made again.
      const lost = before?.state === 'pending' && before.remote === null;
      const done =
        before && !lost
          ? await this.change(before, version, said, part)
          : await this.create(words.seq, version, said, [part]);
      if (!done) return false;
    }
    const keys = new Set(network.parts(this.bridge, said).map(({ key }) => key));
    for (const surplus of known.filter(({ part }) => !keys.has(part) && !/[:/]/.test(part)))
      if (!(await this.change(surplus, version, said, { ...EMPTIED, key: surplus.part }))) return false;
    return this.finish(words.seq, 'edited');
  }

  /** Something that was said there, and is said otherwise here now. */
  private async rewordOthers({ origin, text: source, markup }: Words, said: Said): Promise<boolean> {
    const { network, bridge } = this;
    if (!origin || !network.edit || !this.reaches(origin)) return true;
    if (this.memory.saidThere(origin.id, wordsOf({ text: source, markup }))) return true;
    // It stands under its author's name there already, with its files.
    const bare: Said = { ...said, quoted: null, title: null, files: [], theirs: true };
    const [part] = network.parts(bridge, bare);
    if (!part) return true;
    const made: Made = new Map();
    this.memory.writes(origin.id, part.words, network.comesBack?.(bridge, part, made) ?? null);
    const step = await this.call(await network.edit(bridge, bare, part, origin.id, made), false);
    if (step.ok) this.memory.count('edited');
    return step.ok || step.missing;
  }

  private reaches({ account, id }: Origin): boolean {
    return sourcesOf(this.bridge).includes(account) && this.network.reachesOthers?.(id) === true;
  }

  private async change(there: Remembered, version: number, said: Said, part: Part): Promise<boolean> {
    const { seq, remote, state } = there;
    if (remote === null || state === 'going' || state === 'gone') return true;
    const content = printOf(part);
    // What is pending may have been cut off before its call was made.
    if (state !== 'pending' && this.memory.says(seq, there.part, content)) return true;
    const made = this.partsOf(seq);
    const back = this.network.comesBack?.(this.bridge, part, made) ?? null;
    this.memory.pend({ ...part, key: there.part }, { seq, version, name: said.author.name, content, back });
    this.memory.writes(remote, part.words, back);
    const edit = this.network.edit as NonNullable<Network['edit']>;
    const step = await this.call(await edit(this.bridge, said, part, remote, made), false);
    if (step.ok) this.memory.made(seq, there.part, remote);
    else if (step.missing) this.memory.gone(seq, there.part);
    return step.ok || step.missing;
  }

  /** Once for each message, where its owner wants that. */
  private async announce(
    seq: number,
    version: number,
    said: Said,
    known: readonly Remembered[],
  ): Promise<boolean> {
    if (this.bridge.options.announceEdits !== true) return true;
    const before = known.filter(({ part }) => part.startsWith(EDITED));
    if (before.some((one) => one.version < version)) return true;
    const news = { ...said, quoted: null, title: null, nodes: editedNodes(said.nodes) };
    const parts = this.network.parts(this.bridge, news);
    return (await this.create(seq, version, news, parts, EDITED)) && this.finish(seq, 'edited');
  }

  async remove({ seq, through, origin }: Extract<Told, { kind: 'delete' }>): Promise<boolean> {
    if (through) return this.removeAll({ through: seq });
    const { network } = this;
    if (!network.remove) return true;
    if (origin && this.reaches(origin)) {
      if (this.memory.saidThere(origin.id, null)) return true;
      const step = await this.call(network.remove(this.bridge, origin.id), false);
      if (step.ok) this.memory.count('removed');
      return step.ok || step.missing;
    }
    const there = this.memory.of(seq).filter(({ remote, state }) => remote !== null && state !== 'gone');
    return there.length === 0 || ((await this.takeAway(there)) && this.finish(seq, 'removed'));
  }

  async removeAll(which: { through: number } | { author: number }): Promise<boolean> {
    if (!this.network.remove) return true;
    for (;;) {
      const there = this.memory.standing(which, REMOVED_AT_ONCE);
      if (there.length === 0) return true;
      if (!(await this.takeAway(there))) return false;
      for (const seq of new Set(there.map((one) => one.seq))) this.finish(seq, 'removed');
    }
  }

  private async takeAway(there: readonly Remembered[]): Promise<boolean> {
    const remove = this.network.remove as NonNullable<Network['remove']>;
    for (const { seq, part, remote } of there) {
      if (remote === null) continue;
      this.memory.going(seq, part);
      const step = await this.call(remove(this.bridge, remote), false);
      if (!step.ok && !step.missing) return false;
      this.memory.gone(seq, part);
    }
    return true;
  }

  async digest({ seq, lines }: Extract<Told, { kind: 'digest' }>): Promise<boolean> {
    const said = ownWords(digestOf(lines), this.around);
    const parts = this.network.parts(this.bridge, said);
    return (await this.create(seq, seq, said, parts, DIGEST)) && this.finish(seq, 'digests');
  }

  /** Its own words, remembered nowhere. */
  async test(words: string): Promise<boolean> {
    const said = ownWords([text(words)], this.around);
    for (const part of this.network.parts(this.bridge, said)) {
      const step = await this.call(await this.network.create(this.bridge, said, part, new Map()), true);
      if (!step.ok) return false;
    }
    return true;
  }
}

/** All that a part says, its files too. */
const printOf = ({ content, files = [] }: Part): string =>
  files.length === 0
    ? content
    : `${content}\n${JSON.stringify(files.map(({ name, bytes }) => [name, bytes]))}`;
