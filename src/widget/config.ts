// What the frame and the launcher are told of their app: nothing that a visitor may not know. Types alone are shared with the
// browser; what fills them is look.ts.

import type { Presence } from '../domain/hours.ts';

/** How an app's chat looks and what it can do. */
export interface Config {
  app: string;
  name: string;
  /** `#rrggbb`; null: the hub's own. */
  colour: string | null;
  /** What is written on it: white or black. */
  ink: string;
  /** Said above the first message; empty: nothing. */
  welcome: string;
  /** When the team is there, and what is said while it is not; null: nothing is said of that. */
  hours: (Presence & { away: string; now: string }) | null;
  /** Files of a visitor: none, or at most so many in a message and so many bytes each. */
  files: { most: number; bytes: number } | null;
  /** Whether a visitor may have several conversations. */
  several: boolean;
  /** Languages that there are words in, beside English. */
  locales: string[];
}

/** What the launcher shows before anything is opened. */
export interface Look {
  colour: string | null;
  /** What the launcher's style sheet has besides: colour, shape and greeting of this app. */
  style: string;
  /** DEFAULT, FLAT, MATERIAL or ANIMATE. */
  launcher: string | null;
  /** Whether the welcome stands beside the launcher: ALWAYS, ONCE or NEVER. */
  greeting: string | null;
  welcome: string;
}
