// Who may do what in a conversation: the rules of DESIGN.md 4, as a table.
import { describe, expect, test } from 'vitest';
import {
  mayInvite,
  refuseChange,
  refuseJoin,
  refusePost,
  refuseRead,
  refuseRemove,
  refuseUpdate,
} from '../../src/domain/access.ts';
import type { Refusal } from '../../src/domain/errors.ts';
import type { Actor, Kind, Member, Standing } from '../../src/domain/model.ts';

const ME = 1;
const OTHER = 2;

const facts = (kind: Kind, more: { locked?: boolean; public?: boolean } = {}) => ({
  kind,
  locked: false,
  public: false,
  ...more,
});
const actor = (powers: Actor['powers'], user: number | null = powers === 'app' ? null : ME) =>
  ({ app: 1, user, card: null, powers, shelves: 1 }) as Actor;
const member = (standing: Standing, removedBy: number | null = null) => ({ standing, removedBy }) as Member;
const code = (refusal: Refusal | null) => refusal?.code ?? 'allowed';

const KINDS: Kind[] = ['direct', 'group', 'support'];
const STANDINGS: (Standing | null)[] = ['active', 'left', 'barred', 'outside', null];
const me = (standing: Standing | null) => (standing ? member(standing) : undefined);

describe('reading and posting', () => {
  for (const kind of KINDS) {
    for (const standing of STANDINGS) {
      const expected = standing === 'active' ? 'allowed' : 'not_found';
      test(`${kind}, ${standing ?? 'a stranger'}: ${expected}; the team in support; the app always`, () => {
        const f = facts(kind);
        expect(code(refuseRead(f, actor('member'), me(standing)))).toBe(expected);
        expect(code(refusePost(f, actor('member'), me(standing)))).toBe(expected);
        expect(code(refusePost(f, actor('team'), me(standing)))).toBe(
          kind === 'support' ? 'allowed' : expected,
        );
        expect(code(refusePost(f, actor('app'), me(standing)))).toBe('allowed');
      });
    }
  }

  test('a public conversation is joined before it is read', () => {
    expect(code(refuseRead(facts('group', { public: true }), actor('member'), undefined))).toBe('not_found');
  });

  test('nobody posts in a locked one, and strangers do not learn that it is', () => {
    const f = facts('group', { locked: true });
    expect(code(refusePost(f, actor('member'), member('active')))).toBe('locked');
    expect(code(refusePost(f, actor('app'), undefined))).toBe('locked');
    expect(code(refusePost(f, actor('member'), undefined))).toBe('not_found');
    expect(code(refuseRead(f, actor('member'), member('active')))).toBe('allowed');
  });
});

describe('changing a message', () => {
  const change = (powers: Actor['powers'], kind: Kind, author: number | null, what: 'edit' | 'delete') =>
    code(refuseChange(facts(kind), actor(powers), member('active'), author, what));

  test('its author and the app; the team only takes away, only in support', () => {
    for (const kind of KINDS) {
      for (const what of ['edit', 'delete'] as const) {
        expect(change('member', kind, ME, what)).toBe('allowed');
        expect(change('member', kind, OTHER, what)).toBe('forbidden');
        expect(change('app', kind, OTHER, what)).toBe('allowed');
        expect(change('team', kind, OTHER, what)).toBe(
          kind === 'support' && what === 'delete' ? 'allowed' : 'forbidden',
        );
      }
    }
  });

  test('a message of nobody belongs to no caller who is nobody', () => {
    expect(change('member', 'group', null, 'edit')).toBe('forbidden');
  });

  test('an author who left changes nothing any more', () => {
    expect(code(refuseChange(facts('group'), actor('member'), member('left'), ME, 'edit'))).toBe('not_found');
  });
});

describe('adding people', () => {
  const add = (
    by: Actor,
    mine: Member | undefined,
    target: Member | undefined,
    f = facts('group'),
    user = OTHER,
  ) => code(refuseJoin(f, by, mine, { user, member: target, name: 'Bob' }));
  const active = member('active');

  test('any active member of a group invites; nobody else does', () => {
    expect(add(actor('member'), active, undefined)).toBe('allowed');
    expect(add(actor('member'), active, member('left'))).toBe('allowed');
    expect(add(actor('member'), undefined, undefined)).toBe('not_found');
    expect(add(actor('member'), member('left'), undefined)).toBe('not_found');
  });

  test('a direct conversation is frozen, also for the app', () => {
    for (const powers of ['member', 'team', 'app'] as const)
      expect(add(actor(powers), active, undefined, facts('direct'))).toBe('forbidden');
  });

  test('who left for ever comes back by themselves or by the app, not by another member', () => {
    expect(add(actor('member'), active, member('barred'))).toBe('forbidden');
    expect(add(actor('team'), active, member('barred'), facts('support'))).toBe('forbidden');
    expect(add(actor('app'), undefined, member('barred'))).toBe('allowed');
    const self = member('barred');
    expect(add(actor('member'), self, self, facts('group'), ME)).toBe('allowed');
  });

  test('who was removed does not come back by themselves', () => {
    const self = member('left', OTHER);
    expect(add(actor('member'), self, self, facts('group'), ME)).toBe('not_found');
    expect(add(actor('member'), self, self, facts('group', { public: true }), ME)).toBe('forbidden');
    expect(add(actor('member'), active, self)).toBe('allowed');
  });

  test('anybody enters a public group, for themselves', () => {
    const open = facts('group', { public: true });
    expect(add(actor('member'), undefined, undefined, open, ME)).toBe('allowed');
    expect(add(actor('member'), undefined, undefined, open, OTHER)).toBe('not_found');
  });

  test('a customer invites nobody into support; the team does', () => {
    expect(add(actor('member'), active, undefined, facts('support'))).toBe('forbidden');
    expect(add(actor('team'), undefined, undefined, facts('support'))).toBe('allowed');
  });

  test('the button is shown to those who could', () => {
    expect(mayInvite(facts('group'), actor('member'), active)).toBe(true);
    expect(mayInvite(facts('group'), actor('member'), undefined)).toBe(false);
    expect(mayInvite(facts('direct'), actor('app'), undefined)).toBe(false);
    expect(mayInvite(facts('support'), actor('member'), active)).toBe(false);
    expect(mayInvite(facts('support'), actor('team'), undefined)).toBe(true);
  });
});

test('removing others and changing facts: the app, and the team in support', () => {
  for (const refuse of [refuseRemove, refuseUpdate]) {
    for (const kind of KINDS) {
      expect(code(refuse(facts(kind), actor('app'), undefined))).toBe('allowed');
      expect(code(refuse(facts(kind), actor('member'), member('active')))).toBe('forbidden');
      expect(code(refuse(facts(kind), actor('member'), undefined))).toBe('not_found');
      expect(code(refuse(facts(kind), actor('team'), undefined))).toBe(
        kind === 'support' ? 'allowed' : 'not_found',
      );
    }
  }
});
