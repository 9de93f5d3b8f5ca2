// The calls of this API, and the one way each request takes: authenticate, parse, call the hub, render. What an operation
// does is in the file of its area.
import { Router } from 'itty-router';
import { notFound, Refused } from '../../domain/errors.ts';
import { readOver } from '../../http/body.ts';
import type { Hub } from '../../hub/context.ts';
import { authenticate } from './auth.ts';
import { createExport, createImport, deleteExport, getExport, listExports, listImports } from './backups.ts';
import type { Operation } from './call.ts';
import { broadcast, getTotalCommentsByMonth, loadComments, postComment, searchComments } from './comments.ts';
import { preflight, shown } from './cors.ts';
import { renderError } from './errors.ts';
import { readParams } from './params.ts';
import { addRoomParticipants, removeRoomParticipants, roomParticipants } from './participants.ts';
import {
  createRoom,
  getOrCreateChannel,
  getOrCreateRoomWithTarget,
  getRoomsInfo,
  getUserRooms,
  updateRoom,
} from './rooms.ts';
import { appAccess, personAccess, tokenGiven } from './sdk/access.ts';
import { upload } from './sdk/files.ts';
import { BY_APP, BY_PERSON } from './sdk/table.ts';
import { postSystemEventMessage } from './system-events.ts';
import { getUserUnreadCount, loginOrRegister, resetUserToken, updateProfile, userProfile } from './users.ts';
import { V21 } from './v21/table.ts';

export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** The call's name: the end of its path, unless several end so. */
  readonly operation: string;
  /** Whose credential it takes: the app's secret, a person's token, or none but the app's id. */
  readonly by: 'secret' | 'token' | 'app';
  readonly does: Operation;
}

const REST = '/api/v2/rest';
const REST_21 = '/api/v2.1/rest';
const SDK = '/api/v2/sdk';
/** The same calls for clients of before 2018, and those of telephones (contracts/qiscus.md 1). */
const MOBILE = '/api/v2/mobile';
/** Takes its body as it comes. */
const UPLOAD = 'upload';

const rest = (method: Route['method'], name: string, does: Operation, operation = name): Route => ({
  method,
  path: `${REST}/${name}`,
  operation,
  by: 'secret',
  does,
});

/** The calls of the app's own server; tests make their cases from it. */
export const ROUTES: readonly Route[] = [
  rest('POST', 'login_or_register', loginOrRegister),
  rest('GET', 'user_profile', userProfile),
  rest('POST', 'reset_user_token', resetUserToken),
  rest('POST', 'update_profile', updateProfile),
  rest('GET', 'get_user_unread_count', getUserUnreadCount),
  rest('GET', 'get_user_rooms', getUserRooms),
  rest('POST', 'create_room', createRoom),
  rest('POST', 'update_room', updateRoom),
  rest('GET', 'get_or_create_room_with_target', getOrCreateRoomWithTarget),
  rest('POST', 'get_or_create_room_with_target', getOrCreateRoomWithTarget),
  rest('POST', 'get_or_create_channel', getOrCreateChannel),
  rest('POST', 'get_rooms_info', getRoomsInfo),
  rest('POST', 'add_room_participants', addRoomParticipants),
  rest('POST', 'remove_room_participants', removeRoomParticipants),
  rest('GET', 'room_participants', roomParticipants),
  rest('POST', 'post_comment', postComment),
  rest('GET', 'load_comments', loadComments),
  rest('POST', 'post_system_event_message', postSystemEventMessage),
  rest('POST', 'search_messages', searchComments),
  rest('POST', 'broadcast', broadcast),
  rest('POST', 'get_total_comments_by_month', getTotalCommentsByMonth),
  rest('POST', 'exports', createExport, 'create_export'),
  rest('GET', 'exports', listExports, 'list_exports'),
  rest('GET', 'exports/:backup_unique_id', getExport, 'get_export'),
  rest('DELETE', 'exports/:backup_unique_id', deleteExport, 'delete_export'),
  rest('POST', 'imports', createImport, 'create_import'),
  rest('GET', 'imports', listImports, 'list_imports'),
];

/** The same in the words of v2.1, and what it has more. */
export const V21_ROUTES: readonly Route[] = V21.map(([method, name, does, operation = name]) => ({
  method,
  path: `${REST_21}/${name}`,
  operation,
  by: 'secret',
  does,
}));

const sdk =
  (by: Route['by']) =>
  ([method, name, does]: (typeof BY_APP)[number]): Route => ({
    method,
    path: `${SDK}/${name}`,
    operation: name,
    by,
    does,
  });

/** The calls of client SDKs, likewise. */
export const SDK_ROUTES: readonly Route[] = [...BY_APP.map(sdk('app')), ...BY_PERSON.map(sdk('token'))];

/** What the router needs of a request; it writes `params` and `query` on it. */
interface Asked {
  method: string;
  url: string;
  params?: Record<string, string>;
}

const router = Router<Asked, [Request, Hub, URL]>();
for (const route of [...ROUTES, ...V21_ROUTES, ...SDK_ROUTES]) {
  router[route.method.toLowerCase() as Lowercase<Route['method']>](route.path, (asked, request, hub, url) =>
    answer(route, asked.params ?? {}, request, hub, url),
  );
}

router.post(`${SDK}/${UPLOAD}`, (_asked, request, hub, url) => upload(request, hub, url));

/** Answers one request below `/api/v2/` and `/api/v2.1/`, in this API's envelope whatever happens. */
export async function handleQiscus(request: Request, hub: Hub): Promise<Response> {
  if (request.method === 'OPTIONS') return preflight(request);
  try {
    const url = new URL(request.url);
    // A base address that ends in a slash gives "//api/…".
    url.pathname = url.pathname.replace(/^\/+/, '/');
    if (url.pathname.startsWith(`${MOBILE}/`)) url.pathname = SDK + url.pathname.slice(MOBILE.length);
    const response = await router.fetch({ method: request.method, url: url.href }, request, hub, url);
    if (!(response instanceof Response)) throw new Refused(notFound('route'));
    return shown(response);
  } catch (error) {
    // Nobody read the body: its sender would not see the answer.
    if (request.body && !request.body.locked) await readOver(request.body.getReader());
    return shown(renderError(error, hub.requestId));
  }
}

async function answer(
  { does, by }: Route,
  encoded: Record<string, string>,
  request: Request,
  hub: Hub,
  url: URL,
): Promise<Response> {
  const call = { hub, request, url, params: decoded(encoded) };
  switch (by) {
    case 'secret': {
      const { app, caller } = await authenticate(request, hub, url);
      const raw = does.takesFile ? new Map() : await readParams(request, url);
      return does.run({ ...call, app, caller }, raw);
    }
    case 'app': {
      const app = await appAccess(request, hub, url);
      // Nobody yet, who may do nothing.
      const caller = { app, user: null, powers: 'member', door: 'qiscus' } as const;
      return does.run({ ...call, app, caller }, await readParams(request, url));
    }
    case 'token': {
      // Some clients send the token among the parameters.
      const raw = await readParams(request, url);
      const access = await personAccess(request, hub, url, tokenGiven(request, raw));
      return does.run({ ...call, ...access }, raw);
    }
  }
}

function decoded(encoded: Record<string, string>): Record<string, string> {
  try {
    return Object.fromEntries(
      Object.entries(encoded).map(([name, value]) => [name, decodeURIComponent(value)]),
    );
  } catch {
    throw new Refused(notFound('route'));
  }
}
