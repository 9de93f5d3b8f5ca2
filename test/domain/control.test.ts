// Who speaks for the business, and who hears of a conversation: the decisions alone.
import { describe, expect, test } from 'vitest';
import {
  type Control,
  controlled,
  controlNow,
  hears,
  type Switching,
  speakerOf,
} from '../../src/domain/control.ts';
import { integrationNumber, lineNumber } from '../../src/domain/ids.ts';

const lineOf = (number: number, name: string, standby = true) => ({
  line: lineNumber(number),
  integration: integrationNumber(number + 10),
  name,
  type: 'custom',
  next: null,
  standby,
});
const [bot, desk, law] = [lineOf(1, 'bot'), lineOf(2, 'desk', false), lineOf(3, 'law')];
const switching = { defaultLine: bot.line, lines: [bot, desk, law] };
const holder = ({ line, integration, name, type }: typeof bot) => ({ line, integration, name, type });
const facts = (control: Control | null, more: object = {}) => ({
  kind: 'support' as const,
  door: 'tapatalk' as const,
  control,
  ...more,
});
const by = (line: typeof bot) => line.integration;

describe('who speaks', () => {
  test('is whoever has control, else the default one, where there is one at all', () => {
    expect(speakerOf(facts(null), switching)?.name).toBe('bot');
    expect(speakerOf(facts({ active: holder(law), pending: null }), switching)?.name).toBe('law');
    expect(speakerOf(facts(null, { kind: 'group' }), switching)).toBeNull();
    expect(speakerOf(facts(null, { kind: 'group', door: 'sunshine' }), switching)?.name).toBe('bot');
  });

  test('is known by the names that lines have now; a line that ended has nothing', () => {
    const renamed: Switching = { ...switching, lines: [bot, { ...law, name: 'lawyers' }] };
    const control = { active: holder(law), pending: holder(desk) };
    expect(controlNow(control, renamed)).toEqual({
      active: { ...holder(law), name: 'lawyers' },
      pending: null,
    });
    expect(speakerOf(facts({ active: holder(desk), pending: null }), renamed)?.name).toBe('bot');
  });

  test('is decided by who may: every command of every integration, with and without an offer', () => {
    const outcomes = [null, bot, desk, law].flatMap((who) =>
      [null, holder(law)].map((pending) => {
        const now = facts({ active: holder(desk), pending });
        const commands = [
          { action: 'pass', to: bot.line },
          { action: 'offer', to: bot.line },
          { action: 'accept' },
          { action: 'release' },
        ] as const;
        const results = commands.map((command) => {
          const decided = controlled(now, switching, command, who && by(who));
          if ('refusal' in decided) return decided.refusal.code;
          return [decided.control?.active?.name ?? '-', decided.control?.pending?.name ?? '-'].join('/');
        });
        return [who?.name ?? 'app', pending?.name ?? '-', ...results];
      }),
    );
    expect(outcomes).toEqual([
      ['app', '-', 'bot/-', 'desk/bot', 'invalid', '-/-'],
      ['app', 'law', 'bot/-', 'desk/bot', 'law/-', '-/-'],
      ['bot', '-', 'forbidden', 'forbidden', 'forbidden', 'forbidden'],
      ['bot', 'law', 'forbidden', 'forbidden', 'forbidden', 'forbidden'],
      ['desk', '-', 'bot/-', 'desk/bot', 'forbidden', '-/-'],
      ['desk', 'law', 'bot/-', 'desk/bot', 'forbidden', '-/-'],
      ['law', '-', 'forbidden', 'forbidden', 'forbidden', 'forbidden'],
      ['law', 'law', 'forbidden', 'forbidden', 'law/-', 'forbidden'],
    ]);
  });
});

test('who hears: those with control or an offer of it, those that stand by, and those on no line', () => {
  const heard = (control: Control | null) =>
    [bot, desk, law, lineOf(9, 'free')]
      .filter((line) => hears(facts(control), switching, by(line)))
      .map(({ name }) => name);
  expect(heard(null)).toEqual(['bot', 'law', 'free']);
  expect(heard({ active: holder(desk), pending: null })).toEqual(['bot', 'desk', 'law', 'free']);
  expect(heard({ active: holder(bot), pending: holder(desk) })).toEqual(['bot', 'desk', 'law', 'free']);
});
