// When an app's team is there: whether that is now, and the moments at which it changes. Pure; the clock is handed in.
// What is said to people of it is the chat's own (widget/).

export const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** From–to of one day's clock, `09:00-17:30`; one that ends no later than it begins goes over midnight. */
export type Span = string;

export interface Hours {
  /** IANA name of the time zone that the spans are in. */
  zone: string;
  /** A day that is not named is off. */
  week: Partial<Record<Weekday, Span[]>>;
  /** Days that are not like others, by date (`2026-12-24`), in place of their day of the week; none: a day off. */
  dates: Record<string, Span[]>;
}

/** What begins or ends at a moment; ms since 1970. */
export interface Stretch {
  from: number;
  to: number;
}

/** Whether the team is there, and when that changes, in order (ms since 1970); empty: not in the time looked at. */
export interface Presence {
  open: boolean;
  changes: number[];
}

const DAY_MS = 86_400_000;
/** Changes are told for so many days: as long as any page stays open. */
const TOLD_DAYS = 7;
/** A team that is away is looked for so far ahead. */
const AWAY_DAYS = 400;
/** A zone's clock is put forward or back once at most within this time on either side. */
const AROUND_MS = DAY_MS;

export const isZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
};

/** How it is at a moment, and how it goes on. `now`: ms since 1970. */
export function presenceAt(hours: Hours, now: number): Presence {
  const clock = new Clock(hours.zone);
  const stretches: Stretch[] = [];
  const today = startOfDay(clock.readingAt(now));
  let last = TOLD_DAYS;
  // Yesterday's last hours may be today's first ones.
  for (let day = -1; day <= last; day++) {
    for (const stretch of stretchesOf(hours, today + day * DAY_MS, clock)) add(stretches, stretch);
    const isFound = stretches.some(({ to }) => to > now);
    if (day === last && last < AWAY_DAYS && !isFound) last++;
  }
  // From then on days that were not looked at have their say, and before it none.
  const [end] = clock.momentOf(today + (last + 1) * DAY_MS);
  return {
    open: stretches.some(({ from, to }) => from <= now && now < to),
    changes: stretches.flatMap(({ from, to }) => [from, to]).filter((at) => at > now && at < end),
  };
}

/** The stretches of one day of the clock (as `readingAt` writes it). */
function stretchesOf({ week, dates }: Hours, day: number, clock: Clock): Stretch[] {
  const date = new Date(day).toISOString().slice(0, 10);
  const spans = dates[date] ?? week[WEEKDAYS[new Date(day).getUTCDay()] as Weekday] ?? [];
  return spans
    .map((span) => {
      const [from, to] = span.split('-').map(minutesOf) as [number, number];
      const end = to > from ? to : to + 24 * 60;
      return { from: clock.momentOf(day + from * 60_000)[0], to: clock.momentOf(day + end * 60_000)[1] };
    })
    .filter(({ from, to }) => from < to)
    .sort((a, b) => a.from - b.from);
}

/** Stretches come in the order of their days; those that touch are one. */
function add(stretches: Stretch[], stretch: Stretch): void {
  const last = stretches.at(-1);
  if (last && stretch.from <= last.to && stretch.from >= last.from) last.to = Math.max(last.to, stretch.to);
  else stretches.push(stretch);
}

const minutesOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
const startOfDay = (reading: number): number => Math.floor(reading / DAY_MS) * DAY_MS;

/** What clocks of one zone show. A reading is written as the moment at which a clock of UTC would show the same. */
class Clock {
  private readonly format: Intl.DateTimeFormat;

  constructor(zone: string) {
    this.format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  readingAt(moment: number): number {
    const part: Record<string, number> = {};
    for (const { type, value } of this.format.formatToParts(moment)) part[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second);
  }

  private offsetAt(moment: number): number {
    return this.readingAt(moment) - Math.floor(moment / 1000) * 1000;
  }

  /**
   * The first and the last moment at which clocks show a reading: the same one but where they are put back over it. Where they
   * are put forward over it, the moment of that.
   */
  momentOf(reading: number): [first: number, last: number] {
    const [before, after] = [this.offsetAt(reading - AROUND_MS), this.offsetAt(reading + AROUND_MS)];
    if (before === after) return [reading - before, reading - before];
    const moments = [before, after]
      .map((offset) => reading - offset)
      .filter((moment) => this.readingAt(moment) === reading)
      .sort((a, b) => a - b);
    const [first] = moments;
    const last = moments.at(-1);
    if (first !== undefined && last !== undefined) return [first, last];
    const jump = this.jumpBetween(reading - AROUND_MS, reading + AROUND_MS, before);
    return [jump, jump];
  }

  /** The moment, to the second, from which the offset is no longer this one. */
  private jumpBetween(from: number, to: number, offset: number): number {
    let [low, high] = [from, to];
    while (high - low > 1000) {
      const middle = Math.floor((low + high) / 2000) * 1000;
      if (this.offsetAt(middle) === offset) low = middle;
      else high = middle;
    }
    return high;
  }
}
