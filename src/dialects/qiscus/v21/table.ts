// The calls of v2.1, by method and name (contracts/qiscus.md 6). Most are those of v2 under other names: what differs
// more is in the files beside this one.
import { createExport, createImport, deleteExport, getExport, listExports, listImports } from '../backups.ts';
import type { Operation } from '../call.ts';
import {
  broadcast,
  getTotalCommentsByMonth,
  loadComments,
  postComment,
  searchComments,
} from '../comments.ts';
import { getOrCreateRoomWithTarget, getUserRooms } from '../rooms.ts';
import { postSystemEventMessage } from '../system-events.ts';
import { loginOrRegister, updateProfile, userProfile } from '../users.ts';
import { deleteMessages, loadCommentsWithRange, totalComments } from './comments.ts';
import { type Names, renamed } from './renaming.ts';
import {
  addRoomParticipants,
  createRoom,
  getOrCreateChannel,
  getRoomParticipants,
  getRoomsInfo,
  getUnreadCount,
  removeRoomParticipants,
  updateRoom,
} from './rooms.ts';
import { theComment, theComments, theRoom, theRooms, theUser } from './shapes.ts';
import {
  deactivateUsers,
  getUnreadUsers,
  getUserList,
  getUserToken,
  getUserUnreadCount,
  reactivateUsers,
  resetToken,
} from './users.ts';
import { webhookLogs } from './webhook-logs.ts';

const EVENT: Names = { subject_user_id: 'subject_email', object_user_id: 'object_email' };

type Entry = readonly [method: 'GET' | 'POST' | 'DELETE', path: string, does: Operation, operation?: string];

const withTarget = renamed(
  getOrCreateRoomWithTarget,
  { user_ids: 'emails', room_options: 'options' },
  theRoom,
);

export const V21: readonly Entry[] = [
  ['POST', 'login_or_register', renamed(loginOrRegister, { user_id: 'email' }, theUser)],
  ['GET', 'user_profile', renamed(userProfile, { user_id: 'user_email' }, theUser)],
  ['POST', 'update_profile', renamed(updateProfile, { user_id: 'email' }, theUser)],
  ['POST', 'reset_user_token', resetToken],
  ['GET', 'get_user_token', getUserToken],
  ['GET', 'get_unread_users', getUnreadUsers],
  ['GET', 'get_user_unread_count', getUserUnreadCount],
  ['GET', 'get_user_list', getUserList],
  ['DELETE', 'deactivate_users', deactivateUsers],
  ['POST', 'reactivate_users', reactivateUsers],
  ['POST', 'create_room', createRoom],
  ['POST', 'update_room', updateRoom],
  ['POST', 'get_or_create_room_with_target', withTarget],
  ['GET', 'get_or_create_room_with_target', withTarget],
  ['POST', 'get_or_create_channel', getOrCreateChannel],
  ['GET', 'get_or_create_channel', getOrCreateChannel],
  ['GET', 'get_rooms_info', getRoomsInfo],
  ['POST', 'get_rooms_info', getRoomsInfo],
  ['GET', 'get_user_rooms', renamed(getUserRooms, { user_id: 'user_email' }, theRooms)],
  ['GET', 'get_unread_count', getUnreadCount],
  ['POST', 'add_room_participants', addRoomParticipants],
  ['POST', 'remove_room_participants', removeRoomParticipants],
  ['GET', 'get_room_participants', getRoomParticipants],
  ['POST', 'post_comment', renamed(postComment, { user_id: 'sender_email' }, theComment)],
  ['GET', 'load_comments', renamed(loadComments, {}, theComments)],
  ['GET', 'load_comments_with_range', loadCommentsWithRange],
  ['POST', 'post_system_event_message', renamed(postSystemEventMessage, EVENT, theComment)],
  ['POST', 'search_messages', renamed(searchComments, { user_id: 'user_email' }, theComments)],
  ['POST', 'broadcast', renamed(broadcast, { user_id: 'sender_email', user_ids: 'emails' }, theComments)],
  ['DELETE', 'delete_messages', deleteMessages],
  ['POST', 'get_total_comments_by_month', getTotalCommentsByMonth],
  ['GET', 'total_comments', totalComments],
  ['GET', 'webhook_logs', webhookLogs],
  ['POST', 'exports', createExport, 'create_export'],
  ['GET', 'exports', listExports, 'list_exports'],
  ['GET', 'exports/:backup_unique_id', getExport, 'get_export'],
  ['DELETE', 'exports/:backup_unique_id', deleteExport, 'delete_export'],
  ['POST', 'imports', createImport, 'create_import'],
  ['GET', 'imports', listImports, 'list_imports'],
];
