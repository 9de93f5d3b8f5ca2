// Every method of the dialect by its name on the wire: its parameters, who may call it, what it says of itself. What a
// call does is in the file of its area; how it arrives and is answered is routes.ts and wire.ts.
import {
  createMessage,
  deleteMessage,
  getBox,
  getBoxInfo,
  getMessage,
  getQuotePm,
  markPmRead,
  markPmUnread,
} from './boxes.ts';
import { configOf } from './config.ts';
import {
  getConversation,
  getConversations,
  getQuoteConversation,
  inviteParticipant,
  newConversation,
  replyConversation,
} from './conversations.ts';
import { ignoreUser } from './ignoring.ts';
import { deleteConversation, getInboxStat, markConversationRead, markConversationUnread } from './marks.ts';
import { anyone, type Method, signedIn } from './method.ts';
import { flag, id, ids, integer, optional, text, texts } from './params.ts';
import { reportPm } from './reporting.ts';
import { login, logoutUser } from './session.ts';
import { listMethods, methodHelp, methodSignature } from './system.ts';
import { removeAttachment } from './uploads.ts';
import { getOnlineUsers, getRecommendedUser, getUserInfo, searchUser } from './users.ts';

/** With the parameters that the seed and contracts/tapatalk.md 1 give each. No system.multicall: it would be a way round the login limit. */
export const METHODS: ReadonlyMap<string, Method> = new Map<string, Method>([
  [
    'get_config',
    anyone([], async ({ app }) => configOf(app, (method) => METHODS.has(method)), {
      help: 'What this server can do. Needs no session.',
      reads: true,
    }),
  ],
  [
    'login',
    anyone([text('login_name'), optional(text('password'))], login, {
      help: 'Signs in by user name, e-mail address or external id; the answer sets the session cookie.',
      ignoresRest: true,
    }),
  ],
  ['logout_user', anyone([], logoutUser, { help: 'Ends this session.' })],

  [
    'get_inbox_stat',
    signedIn([], getInboxStat, {
      help: 'How many conversations hold something unread.',
      reads: true,
      ignoresRest: true,
    }),
  ],
  [
    'new_conversation',
    signedIn(
      [
        texts('user_name'),
        text('subject'),
        text('text_body'),
        optional(ids('attachment_id_array')),
        optional(id('group_id')),
      ],
      newConversation,
      { help: 'Opens a conversation with these people; the text is its first message.' },
    ),
  ],
  [
    'reply_conversation',
    signedIn(
      [
        id('conversation_id'),
        text('text_body'),
        optional(text('subject')),
        optional(ids('attachment_id_array')),
        optional(id('group_id')),
      ],
      replyConversation,
      { help: 'Posts a message in a conversation.' },
    ),
  ],
  [
    'invite_participant',
    signedIn(
      [texts('user_name'), id('conversation_id'), optional(text('invite_reason_text'))],
      inviteParticipant,
      { help: 'Adds people to a conversation, all or none; a reason becomes the next message.' },
    ),
  ],
  [
    'get_conversations',
    signedIn([optional(integer('start_num')), optional(integer('last_num'))], getConversations, {
      help: "A page of the caller's conversations, the one with the newest message first.",
      reads: true,
    }),
  ],
  [
    'get_conversation',
    signedIn(
      [
        id('conv_id'),
        optional(integer('start_num')),
        optional(integer('last_num')),
        optional(flag('return_html')),
      ],
      getConversation,
      { help: 'A page of messages, oldest first; what it shows is read from then on.', reads: true },
    ),
  ],
  [
    'get_quote_conversation',
    signedIn([id('conv_id'), id('msg_id')], getQuoteConversation, {
      help: 'The text that a reply to a message starts with.',
      reads: true,
    }),
  ],
  [
    'delete_conversation',
    signedIn([id('conv_id'), integer('mode')], deleteConversation, {
      help: 'Mode 1 hides a conversation until its next message, mode 2 leaves it for ever.',
    }),
  ],
  [
    'mark_conversation_unread',
    signedIn([optional(id('conv_id'))], markConversationUnread, {
      help: 'Marks conversations ("1,2") as unread.',
    }),
  ],
  [
    'mark_conversation_read',
    signedIn([optional(id('conv_id'))], markConversationRead, {
      help: 'Marks conversations ("1,2"), or all, as read.',
    }),
  ],

  [
    'remove_attachment',
    signedIn(
      [id('attachment_id'), id('forum_id'), id('group_id'), optional(id('post_id'))],
      removeAttachment,
      {
        help: 'Takes back an upload that is in no message yet. Uploads are forms sent to upload.php.',
      },
    ),
  ],

  [
    'ignore_user',
    signedIn([id('user_id'), optional(integer('mode'))], ignoreUser, {
      help: 'Mode 1 puts somebody on the list of those who cannot begin a conversation with the caller, 0 takes them off it.',
    }),
  ],

  [
    'get_user_info',
    signedIn([optional(text('user_name')), optional(id('user_id'))], getUserInfo, {
      help: 'What is told of a person, by name, or by id where one is given; of the caller without either.',
      reads: true,
    }),
  ],
  [
    'search_user',
    signedIn([text('keywords'), optional(integer('page')), optional(integer('perpage'))], searchUser, {
      help: 'People whose user name or display name begins with the keywords, a page from 1 on.',
      reads: true,
    }),
  ],
  [
    'get_recommended_user',
    signedIn(
      [optional(integer('page')), optional(integer('perpage')), optional(integer('mode'))],
      getRecommendedUser,
      {
        help: "People of the caller's newest conversations, a page from 1 on. Mode 1 is the only one.",
        reads: true,
      },
    ),
  ],
  [
    'get_online_users',
    signedIn(
      [optional(integer('page')), optional(integer('perpage')), optional(id('id')), optional(id('area'))],
      getOnlineUsers,
      {
        help: 'Who is online, a page from 1 on. An id asks for a forum or topic (area), of which there are none.',
        reads: true,
      },
    ),
  ],

  [
    'report_pm',
    signedIn([id('msg_id'), optional(text('reason'))], reportPm, {
      help: 'Tells those who answer for this forum of a message, in a conversation that they can answer.',
    }),
  ],

  [
    'get_box_info',
    signedIn([], getBoxInfo, { help: 'The boxes of private messages and how much is in them.', reads: true }),
  ],
  [
    'get_box',
    signedIn([id('box_id'), optional(integer('start_num')), optional(integer('end_num'))], getBox, {
      help: 'A page of a box ("inbox", "sent", or "unread" for what of the inbox is not read), newest first.',
      reads: true,
    }),
  ],
  [
    'get_message',
    signedIn([id('message_id'), id('box_id'), optional(flag('return_html'))], getMessage, {
      help: 'One message of a box; showing it marks it as read.',
      reads: true,
    }),
  ],
  [
    'create_message',
    signedIn(
      [
        texts('user_name'),
        text('subject'),
        text('text_body'),
        optional(integer('action')),
        optional(id('pm_id')),
      ],
      createMessage,
      {
        help: 'Sends a message; action 1 replies in the conversation of another message (pm_id), 2 forwards it.',
      },
    ),
  ],
  [
    'delete_message',
    signedIn([id('message_id'), optional(id('box_id'))], deleteMessage, {
      help: "Puts a message out of the caller's own sight; everybody else keeps it.",
    }),
  ],
  [
    'get_quote_pm',
    signedIn([id('message_id')], getQuotePm, {
      help: 'The text that a reply to a message starts with.',
      reads: true,
    }),
  ],
  [
    'mark_pm_read',
    signedIn([optional(id('message_ids'))], markPmRead, {
      help: 'Marks messages ("1,2") as read, with what came before them in their conversations; all without any.',
    }),
  ],
  [
    'mark_pm_unread',
    signedIn([optional(id('message_id'))], markPmUnread, {
      help: 'Marks messages ("1,2") as unread, with what came after them in their conversations.',
    }),
  ],

  [
    'system.listMethods',
    anyone([], async () => listMethods(METHODS), {
      help: 'The names of all methods.',
      reads: true,
      returns: 'array',
    }),
  ],
  [
    'system.methodSignature',
    anyone([text('method')], async (_call, name) => methodSignature(METHODS, name), {
      help: 'The signatures of a method: lists of types, that of the answer first.',
      reads: true,
      returns: 'array',
    }),
  ],
  [
    'system.methodHelp',
    anyone([text('method')], async (_call, name) => methodHelp(METHODS, name), {
      help: 'What a method does, in a sentence.',
      reads: true,
      returns: 'string',
    }),
  ],
]);
