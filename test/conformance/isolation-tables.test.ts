// The tables that isolation.test.ts takes its cases from notice what is new: a route, a parameter, a field that nobody has
// said how to make foreign.
import { expect, test } from 'vitest';
import { conversationCreateBody, leaveBody } from '../../src/dialects/sunshine/schemas.ts';
import type { Method } from '../../src/dialects/tapatalk/method.ts';
import { id } from '../../src/dialects/tapatalk/params.ts';
import * as operator from './calls/operator.ts';
import * as sunshine from './calls/sunshine.ts';
import { METHODS } from './calls/tapatalk.ts';
import { operatorPlaces } from './isolation/operator.ts';
import { framePlaces } from './isolation/realtime.ts';
import { fieldsOf, idPaths } from './isolation/schema-ids.ts';
import { idPlaces } from './isolation/sunshine.ts';
import { namePlaces } from './isolation/tapatalk.ts';

const [route] = sunshine.ROUTES as [sunshine.Route, ...sunshine.Route[]];

test('a new parameter of a path', () => {
  const params = ['appId', 'deskId'];
  expect(() => idPlaces([{ ...route, params }])).toThrow(
    'say how to make a foreign :deskId of createConversation',
  );
  const desk = { method: 'GET', path: '/admin/apps/:slug/desks/:desk', params: ['slug', 'desk'] };
  expect(() => operatorPlaces([desk])).toThrow(
    'say how to make a foreign desk of GET /admin/apps/:slug/desks/:desk',
  );
});

test('a new operation, whatever it takes', () => {
  expect(() => idPlaces([{ ...route, operation: 'listDesks' }])).toThrow('say how to call listDesks');
  expect(() => operatorPlaces([{ method: 'GET', path: '/admin/desks', params: [] }])).toThrow(
    'say how to call GET /admin/desks',
  );
});

test('a new parameter of a method', () => {
  const method = METHODS.get('get_inbox_stat') as Method;
  const methods = new Map([['get_desk', { ...method, parameters: [id('desk_id')] }]]);
  expect(() => namePlaces(methods)).toThrow('say how to make a foreign "desk_id" of get_desk');
});

test('a new field of a frame', () => {
  expect(() => framePlaces([{ t: 'call', fields: ['ref', 'c', 'desk'] }])).toThrow(
    'say how to make a foreign "desk" of a frame "call"',
  );
});

test('ids are found wherever a schema holds them', () => {
  expect(idPaths(conversationCreateBody)).toEqual(['participants[].userId', 'participants[].userExternalId']);
  expect(idPaths(leaveBody)).toEqual(['userId', 'userExternalId', 'participantId']);
  expect(fieldsOf(leaveBody)).toEqual(['userId', 'userExternalId', 'participantId']);
  expect(operator.ROUTES.length).toBeGreaterThan(10);
});
