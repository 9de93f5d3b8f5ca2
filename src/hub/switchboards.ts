// Switchboards: which of an app's integrations may speak for the business, and in which order. What a conversation does
// with one is control.ts.
import { directoryFor, takenColumn } from '../directory/door.ts';
import {
  changeSwitchboard as changeIn,
  changeLine as changeLineIn,
  endLine,
  endSwitchboard,
  findSwitchboard,
  insertLine,
  insertSwitchboard,
  type Line,
  type NewLine,
  type Switchboard,
  type SwitchboardChange,
} from '../directory/switchboards.ts';
import { invalid, notFound, Refused, tooMany } from '../domain/errors.ts';
import type { LineNumber } from '../domain/ids.ts';
import { forgetApp } from './apps.ts';
import type { App, Hub } from './context.ts';
import { ask } from './directory.ts';
import { integrationOf } from './integrations.ts';

export type { Line, NewLine, Switchboard, SwitchboardChange } from '../directory/switchboards.ts';

/** Lines of one switchboard (contracts/sunshine.md 1). */
export const MOST_LINES = 10;

const keyOf = (app: App): string => String(app.number);

/** As it was a moment ago, for conversations: from memory as a rule, and while the directory is away. Null: there is none. */
export async function rememberedSwitchboard(hub: Hub, app: App): Promise<Switchboard | null> {
  if (app.switchboard === null) return null;
  return hub.isolate.switchboards.get(keyOf(app), () =>
    findSwitchboard(directoryFor(hub.env, app.number), app.number),
  );
}

/** The app's switchboard as the directory has it; null: there is none. */
export const switchboardOf = (hub: Hub, app: App): Promise<Switchboard | null> =>
  ask(hub, app.number, (d1) => findSwitchboard(d1, app.number));

/** The same after a change, for everybody who asks this isolate. */
async function changed(hub: Hub, app: App): Promise<Switchboard> {
  forgetApp(hub, app);
  hub.isolate.switchboards.forget(keyOf(app));
  const board = await switchboardOf(hub, app);
  if (!board) throw new Refused(notFound('switchboard'));
  return board;
}

/** A new one, off and without lines. Invalid: the app has one. */
export async function addSwitchboard(hub: Hub, app: App): Promise<Switchboard> {
  const made = await ask(hub, app.number, (d1) => insertSwitchboard(d1, app.number, Date.now()));
  const board = await changed(hub, app);
  if (!made) throw new Refused(invalid('Only one switchboard can be created per app'));
  return board;
}

/** Not found: the line is none of this switchboard, or it would be enabled without a default one. */
export async function changeSwitchboard(
  hub: Hub,
  app: App,
  board: Switchboard,
  change: SwitchboardChange,
): Promise<Switchboard> {
  if (change.enabled && change.defaultLine === null) throw new Refused(notFound('default line'));
  if (!(await ask(hub, app.number, (d1) => changeIn(d1, board.number, change))))
    throw new Refused(notFound((await isLiving(hub, app, board)) ? 'line' : 'switchboard'));
  return changed(hub, app);
}

const isLiving = async (hub: Hub, app: App, { number }: Switchboard): Promise<boolean> =>
  (await switchboardOf(hub, app))?.number === number;

/** Its lines end with it; the integrations stay. */
export async function deleteSwitchboard(hub: Hub, app: App, { number }: Switchboard): Promise<void> {
  await ask(hub, app.number, (d1) => endSwitchboard(d1, app.number, number, Date.now()));
  forgetApp(hub, app);
  hub.isolate.switchboards.forget(keyOf(app));
}

/** A line of the switchboard. Not found: of another one, ended, never made. */
export function lineIn({ lines }: Switchboard, number: LineNumber | null): Line {
  const line = lines.find((each) => each.line === number);
  if (!line) throw new Refused(notFound('line'));
  return line;
}

/**
 * A new line. Too many: there are as many as there may be. Not found: the integration, or the next line. Invalid: the
 * name or the integration has a line already.
 */
export async function addLine(hub: Hub, app: App, board: Switchboard, line: NewLine): Promise<Line> {
  const insert = (d1: D1Database) => insertLine(d1, board.number, line, MOST_LINES, Date.now());
  const number = await taking(() => ask(hub, app.number, insert));
  const now = await changed(hub, app);
  if (number !== null) return lineIn(now, number);
  await integrationOf(hub, app, line.integration);
  if (line.next !== null) lineIn(now, line.next);
  const message = `Switchboard has reached the max number of switchboard integrations (${MOST_LINES})`;
  throw new Refused(tooMany('line', message));
}

/** Refusals as above. */
export async function changeLine(
  hub: Hub,
  app: App,
  board: Switchboard,
  { line: number }: Line,
  line: NewLine,
): Promise<Line> {
  const write = (d1: D1Database) => changeLineIn(d1, board.number, number, line);
  const done = await taking(() => ask(hub, app.number, write));
  const now = await changed(hub, app);
  if (done) return lineIn(now, number);
  await integrationOf(hub, app, line.integration);
  throw new Refused(notFound('line'));
}

async function taking<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (takenColumn(error) === null) throw error;
    throw new Refused(invalid('Another switchboard integration has this name, or links this integration.'));
  }
}

/** Invalid while it is the default one or another one's next. */
export async function deleteLine(hub: Hub, app: App, board: Switchboard, { line }: Line): Promise<void> {
  const ended = await ask(hub, app.number, (d1) => endLine(d1, board.number, line, Date.now()));
  const now = await changed(hub, app);
  if (ended) return;
  lineIn(now, line);
  const message =
    'The default switchboard integration, and one that is the next of another, cannot be deleted.';
  throw new Refused(invalid(message));
}
