// When a team is there, by the clocks of its zone, also where these are put forward or back.

import { describe, expect, test } from 'vitest';
import { type Hours, isZone, presenceAt, type Span, WEEKDAYS } from '../../src/domain/hours.ts';
import { fc } from '../fuzz/made-up.ts';

const hours = (zone: string, week: Hours['week'], dates: Hours['dates'] = {}): Hours => ({
  zone,
  week,
  dates,
});
const daily = (...spans: Span[]): Hours['week'] => Object.fromEntries(WEEKDAYS.map((day) => [day, spans]));
const at = (iso: string): number => Date.parse(iso);
/** Whether it is open at a moment, and the next changes, as ISO texts. */
const seen = (given: Hours, now: string, count = 2) => {
  const { open, changes } = presenceAt(given, at(now));
  return [open, ...changes.slice(0, count).map((each) => new Date(each).toISOString().slice(0, 16))];
};

const office = hours('Europe/Berlin', {
  mon: ['09:00-12:30', '13:30-18:00'],
  tue: ['09:00-12:30', '13:30-18:00'],
  fri: ['22:00-02:00'],
});

describe('a week', () => {
  test.each([
    ['2026-11-23T07:59:59Z', [false, '2026-11-23T08:00', '2026-11-23T11:30']],
    ['2026-11-23T08:00:00Z', [true, '2026-11-23T11:30', '2026-11-23T12:30']],
    ['2026-11-23T11:30:00Z', [false, '2026-11-23T12:30', '2026-11-23T17:00']],
    ['2026-11-24T17:00:00Z', [false, '2026-11-27T21:00', '2026-11-28T01:00']],
    // Friday's night is Saturday's morning.
    ['2026-11-27T23:30:00Z', [true, '2026-11-28T01:00', '2026-11-30T08:00']],
    ['2026-11-28T01:00:00Z', [false, '2026-11-30T08:00', '2026-11-30T11:30']],
  ])('at %s', (now, expected) => {
    expect(seen(office, now)).toEqual(expected);
  });

  test('spans that touch or overlap are one, also over midnight', () => {
    const given = hours('UTC', { mon: ['18:00-24:00', '08:00-12:00', '11:00-13:00'], tue: ['00:00-03:00'] });
    expect(seen(given, '2026-11-23T11:30:00Z', 9)).toEqual([
      true,
      '2026-11-23T13:00',
      '2026-11-23T18:00',
      '2026-11-24T03:00',
      '2026-11-30T08:00',
      '2026-11-30T13:00',
      '2026-11-30T18:00',
    ]);
  });

  test('a date has hours of its own, or none; the night before goes on into it', () => {
    const given = hours('UTC', daily('20:00-02:00'), {
      '2026-12-24': [],
      '2026-12-25': ['10:00-12:00'],
    });
    expect(seen(given, '2026-12-23T21:00:00Z', 4)).toEqual([
      true,
      '2026-12-24T02:00',
      '2026-12-25T10:00',
      '2026-12-25T12:00',
      '2026-12-26T20:00',
    ]);
  });

  test('whoever is always there, or never, changes nothing; whoever is away for long is found', () => {
    expect(presenceAt(hours('Asia/Tokyo', daily('00:00-24:00')), at('2026-11-23T00:00:00Z'))).toEqual({
      open: true,
      changes: [],
    });
    expect(presenceAt(hours('Asia/Tokyo', {}), at('2026-11-23T00:00:00Z'))).toEqual({
      open: false,
      changes: [],
    });
    // What comes after that day may go on with it: of that nothing is told yet.
    const far = hours('UTC', {}, { '2027-10-01': ['08:00-24:00'], '2027-10-02': ['00:00-09:00'] });
    expect(seen(far, '2026-11-23T00:00:00Z')).toEqual([false, '2027-10-01T08:00']);
  });
});

describe('clocks that change', () => {
  test.each<[string, string, Span, string, unknown[]]>([
    // Forward, 02:00 to 03:00: an hour less; what begins in the missing hour begins when it is missed; nothing is in it alone.
    [
      'Europe/Berlin',
      '2026-03-28',
      '01:00-04:00',
      '2026-03-28T23:00',
      ['2026-03-29T00:00', '2026-03-29T02:00'],
    ],
    [
      'Europe/Berlin',
      '2026-03-28',
      '02:30-05:00',
      '2026-03-28T23:00',
      ['2026-03-29T01:00', '2026-03-29T03:00'],
    ],
    [
      'Europe/Berlin',
      '2026-03-28',
      '02:10-02:50',
      '2026-03-28T23:00',
      ['2026-03-30T00:10', '2026-03-30T00:50'],
    ],
    // Back, 03:00 to 02:00: an hour more, from the first time that the clock shows the beginning to the last that it shows the end.
    [
      'Europe/Berlin',
      '2026-10-24',
      '02:30-04:00',
      '2026-10-24T22:00',
      ['2026-10-25T00:30', '2026-10-25T03:00'],
    ],
    [
      'Europe/Berlin',
      '2026-10-24',
      '01:00-02:30',
      '2026-10-24T22:00',
      ['2026-10-24T23:00', '2026-10-25T01:30'],
    ],
    // By day, the clock's nine is another moment from then on.
    [
      'America/New_York',
      '2026-03-07',
      '09:00-17:00',
      '2026-03-07T22:00',
      ['2026-03-08T13:00', '2026-03-08T21:00'],
    ],
    [
      'America/New_York',
      '2026-10-31',
      '09:00-17:00',
      '2026-10-31T21:00',
      ['2026-11-01T14:00', '2026-11-01T22:00'],
    ],
    // Half an hour; in the south; a day that was left out.
    [
      'Australia/Lord_Howe',
      '2026-04-04',
      '01:45-03:00',
      '2026-04-04T13:00',
      ['2026-04-04T14:45', '2026-04-04T16:30'],
    ],
    [
      'Asia/Kathmandu',
      '2026-01-01',
      '09:00-17:00',
      '2026-01-01T00:00',
      ['2026-01-01T03:15', '2026-01-01T11:15'],
    ],
    [
      'Pacific/Apia',
      '2011-12-29',
      '09:00-17:00',
      '2011-12-30T04:00',
      ['2011-12-30T19:00', '2011-12-31T03:00'],
    ],
  ])('%s after %s: %s', (zone, _, span, now, expected) => {
    expect(seen(hours(zone, daily(span)), `${now}:00Z`).slice(1)).toEqual(expected);
  });
});

test('a change is one: just before it is otherwise, and what is told ahead is what is so then', () => {
  const minute = fc.integer({ min: 0, max: 24 * 4 - 1 }).map((quarter) => {
    const two = (n: number) => String(n).padStart(2, '0');
    return `${two(Math.floor(quarter / 4))}:${two((quarter % 4) * 15)}`;
  });
  const span = fc
    .tuple(minute, minute)
    .filter(([from, to]) => from !== to)
    .map(([from, to]) => `${from}-${to}`);
  const spans = fc.array(span, { maxLength: 3 });
  const week = fc.record(Object.fromEntries(WEEKDAYS.map((day) => [day, spans])), { requiredKeys: [] });
  const zone = fc.constantFrom(
    'UTC',
    'Europe/Berlin',
    'America/St_Johns',
    'Australia/Lord_Howe',
    'Africa/Cairo',
  );
  const dates = fc.dictionary(fc.constantFrom('2026-03-28', '2026-03-29', '2026-10-25', '2026-10-30'), spans);
  const now = fc.oneof(
    ...['2026-03-27', '2026-10-23', '2026-04-03'].map((day) =>
      fc.integer({ min: at(day), max: at(day) + 5 * 86_400_000 }),
    ),
  );
  fc.assert(
    fc.property(zone, week, dates, now, (name, days, special, moment) => {
      const given = hours(name, days, special);
      const { open, changes } = presenceAt(given, moment);
      let is = open;
      let before = moment;
      for (const change of changes.slice(0, 6)) {
        expect(change).toBeGreaterThan(before);
        expect(presenceAt(given, change - 1).open).toBe(is);
        is = !is;
        expect(presenceAt(given, change).open).toBe(is);
        before = change;
      }
    }),
    { numRuns: 150 },
  );
});

test('only names of zones are zones', () => {
  expect(['Europe/Berlin', 'UTC', 'America/Argentina/Buenos_Aires'].every(isZone)).toBe(true);
  expect(['', 'Berlin', 'Europe/Atlantis', '../UTC'].some(isZone)).toBe(false);
});
