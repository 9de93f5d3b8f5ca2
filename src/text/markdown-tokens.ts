// What Discord writes in angle brackets: people, roles, channels, signs of a server, commands and times
// (Discord's reference, "Message formatting").
import { type Meter, type Node, text } from './tree.ts';

const TOKEN =
  /<(?:@[!&]?(\d{1,20})|#(\d{1,20})|a?:(\w{1,32}):\d{1,20}|\/([-\w ]{1,100}):\d{1,20}|t:(-?\d{1,12})(?::[tTdDfFR])?)>/y;
const LONGEST_TOKEN = 130;

/** The node that a token at `at` is and where it ends, or null. A mention's name is its id until somebody knows better. */
export function tokenAt(source: string, at: number, meter: Meter): { node: Node; end: number } | null {
  TOKEN.lastIndex = at;
  const found = TOKEN.exec(source);
  meter.steps += found ? found[0].length : Math.min(LONGEST_TOKEN, 8);
  if (!found) return null;
  const [whole, person, channel, sign, command, time] = found;
  const node: Node = person
    ? { type: 'mention', name: person, id: person }
    : text(said(channel, sign, command, time));
  return { node, end: at + whole.length };
}

function said(channel?: string, sign?: string, command?: string, time?: string): string {
  if (channel !== undefined) return `#${channel}`;
  if (sign !== undefined) return `:${sign}:`;
  if (command !== undefined) return `/${command}`;
  const at = new Date(Number(time) * 1000);
  return Number.isNaN(at.getTime())
    ? `<t:${time}>`
    : `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
