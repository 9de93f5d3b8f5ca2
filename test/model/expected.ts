// What a conversation must be after any sequence of calls: the rules of DESIGN.md 2 and 4, said as simply as possible.

export interface ExpectedMessage {
  author: string;
  text: string;
  deleted: boolean;
  clientId: string | null;
}

interface ExpectedMember {
  active: boolean;
  barred: boolean;
  /** Ordinal up to which they have read explicitly. */
  read: number;
  /** Own messages up to this ordinal do not count as read: marked unread after them. */
  ownAfter: number;
  /** Hidden until there are more messages than this; null: not hidden. */
  hidden: number | null;
}

export class Expected {
  readonly messages: ExpectedMessage[] = [];
  private readonly members = new Map<string, ExpectedMember>();

  constructor(people: readonly string[]) {
    for (const person of people) this.enter(person);
  }

  isActive(person: string): boolean {
    return this.members.get(person)?.active ?? false;
  }

  isBarred(person: string): boolean {
    return this.members.get(person)?.barred ?? false;
  }

  private enter(person: string): void {
    const read = this.messages.length;
    this.members.set(person, { active: true, barred: false, read, ownAfter: 0, hidden: null });
  }

  join(person: string): void {
    if (!this.isActive(person)) this.enter(person);
  }

  leave(person: string, forEver: boolean): void {
    const member = this.member(person);
    member.active = false;
    member.barred = forEver;
  }

  /** The ordinal that the post gets, or 'conflict'; a known client id with the same words is the first message. */
  post(author: string, text: string, clientId: string | null): number | 'conflict' {
    const known = clientId === null ? -1 : this.messages.findIndex((m) => m.clientId === clientId);
    const first = this.said[known];
    if (first) return first.author === author && first.text === text ? known + 1 : 'conflict';
    this.messages.push({ author, text, deleted: false, clientId });
    this.said.push({ author, text });
    return this.messages.length;
  }
  /** What was posted first, whatever became of it since. */
  private readonly said: { author: string; text: string }[] = [];

  edit(ordinal: number, text: string): void {
    (this.messages[ordinal - 1] as ExpectedMessage).text = text;
  }

  remove(ordinal: number): void {
    const message = this.messages[ordinal - 1] as ExpectedMessage;
    message.deleted = true;
    message.text = '';
  }

  private member(person: string): ExpectedMember {
    return this.members.get(person) as ExpectedMember;
  }

  /** How far they have read: their mark, or their own last message. */
  mark(person: string): number {
    const member = this.member(person);
    const own = this.messages.findLastIndex((m) => m.author === person) + 1;
    return own > Math.max(member.read, member.ownAfter) ? own : member.read;
  }

  readTo(person: string, ordinal: number): void {
    if (ordinal <= this.mark(person)) return;
    Object.assign(this.member(person), { read: ordinal, ownAfter: 0 });
  }

  unreadFrom(person: string): void {
    const target = this.messages.findLastIndex((m) => m.author !== person && !m.deleted) + 1;
    if (target === 0 || this.mark(person) < target) return;
    Object.assign(this.member(person), { read: target - 1, ownAfter: this.messages.length });
  }

  unread(person: string): number {
    const mark = this.mark(person);
    return this.messages.filter((m, i) => i + 1 > mark && !m.deleted).length;
  }

  hide(person: string): void {
    this.member(person).hidden = this.messages.length;
  }

  isListed(person: string): boolean {
    const member = this.member(person);
    return member.active && (member.hidden === null || this.messages.length > member.hidden);
  }
}
