// The calls of the client SDK, by method and name (contracts/qiscus.md 9). Both of its addresses take all of them: routes.ts.
import type { Operation } from '../call.ts';
import {
  commentReceipt,
  deleteMessages,
  loadComments,
  postComment,
  updateCommentStatus,
  updateMessage,
} from './comments.ts';
import { fileList, search, searchComments } from './finding.ts';
import { roomParticipants } from './participants.ts';
import {
  blockUser,
  getBlockedUsers,
  getUserList,
  myProfile,
  removeUserDeviceToken,
  setUserDeviceToken,
  unblockUser,
  updateMyProfile,
  usersStatus,
} from './profile.ts';
import { userRooms } from './room-list.ts';
import {
  addRoomParticipants,
  clearRoomMessages,
  createRoom,
  getOrCreateRoomWithTarget,
  getOrCreateRoomWithUniqueId,
  getRoomById,
  getRoomUnreadCount,
  removeRoomParticipants,
  roomsInfo,
  totalUnreadCount,
  updateRoom,
} from './rooms.ts';
import {
  config,
  expireUserToken,
  loginOrRegister,
  logout,
  nonce,
  refreshUserToken,
  verifyIdentityToken,
} from './session.ts';
import { sync, syncEvent } from './sync.ts';

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** Before anybody has signed in. */
export const BY_APP: readonly (readonly [Method, string, Operation])[] = [
  ['GET', 'config', config],
  ['POST', 'login_or_register', loginOrRegister],
  ['POST', 'auth/nonce', nonce],
  ['POST', 'auth/verify_identity_token', verifyIdentityToken],
  ['POST', 'refresh_user_token', refreshUserToken],
];

/** By a person. */
export const BY_PERSON: readonly (readonly [Method, string, Operation])[] = [
  ['POST', 'expire_user_token', expireUserToken],
  ['POST', 'logout', logout],
  ['GET', 'my_profile', myProfile],
  ['PATCH', 'my_profile', updateMyProfile],
  ['GET', 'user_rooms', userRooms],
  ['POST', 'rooms_info', roomsInfo],
  ['GET', 'get_room_by_id', getRoomById],
  ['POST', 'get_or_create_room_with_target', getOrCreateRoomWithTarget],
  ['POST', 'get_or_create_room_with_unique_id', getOrCreateRoomWithUniqueId],
  ['POST', 'create_room', createRoom],
  ['POST', 'update_room', updateRoom],
  ['POST', 'add_room_participants', addRoomParticipants],
  ['POST', 'remove_room_participants', removeRoomParticipants],
  ['GET', 'room_participants', roomParticipants],
  ['POST', 'post_comment', postComment],
  ['GET', 'load_comments', loadComments],
  ['POST', 'update_comment_status', updateCommentStatus],
  ['GET', 'comment_receipt', commentReceipt],
  ['GET', 'sync', sync],
  ['GET', 'sync_event', syncEvent],
  ['GET', 'total_unread_count', totalUnreadCount],
  ['GET', 'get_room_unread_count', getRoomUnreadCount],
  ['DELETE', 'delete_messages', deleteMessages],
  ['DELETE', 'clear_room_messages', clearRoomMessages],
  ['POST', 'search', search],
  ['POST', 'search_messages', searchComments],
  ['POST', 'file_list', fileList],
  ['POST', 'update_message', updateMessage],
  ['POST', 'block_user', blockUser],
  ['POST', 'unblock_user', unblockUser],
  ['GET', 'get_blocked_users', getBlockedUsers],
  ['POST', 'users/status', usersStatus],
  ['GET', 'get_user_list', getUserList],
  ['POST', 'set_user_device_token', setUserDeviceToken],
  ['POST', 'remove_user_device_token', removeUserDeviceToken],
];
