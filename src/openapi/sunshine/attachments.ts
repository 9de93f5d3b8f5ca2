// Attachments of the Sunshine door: upload and remove.
import type { Operation } from '../operation.ts';
import { closed, type Fields, literal, open, ref, says, string } from '../schema.ts';

export const ATTACHMENT_SCHEMAS: Fields = {
  Attachment: closed({
    mediaUrl: says(ref('Address'), 'Where it can be read for a while, and what a message names it by.'),
    mediaType: says(string(1), 'The type that its bytes have.'),
  }),
  AttachmentForm: open({
    source: { type: 'string', contentMediaType: 'application/octet-stream', description: 'The file.' },
  }),
  AttachmentDeletion: open({
    mediaUrl: says(string(1, 2048), 'The address that the upload was answered with.'),
  }),
};

const ATTACHMENTS = '/v2/apps/{appId}/attachments';
const EVERYBODY = ['account', 'app', 'integration', 'user'] as const;

export const ATTACHMENT_OPERATIONS: readonly Operation[] = [
  {
    id: 'uploadAttachment',
    method: 'post',
    path: ATTACHMENTS,
    tag: 'Attachments',
    summary: 'Upload a file',
    description:
      'A message of type image or file that names the address takes the file with it, wherever it is read. A file that no message names is gone after a day. With a user’s own token it is that user’s.',
    scopes: EVERYBODY,
    parameters: [
      {
        name: 'access',
        in: 'query',
        required: true,
        description: 'Who may read it.',
        schema: literal('public'),
      },
      { name: 'for', in: 'query', description: 'What it is for.', schema: literal('message') },
      {
        name: 'conversationId',
        in: 'query',
        description: 'Where the message will be: checked, and of no other effect.',
        schema: ref('Id'),
      },
    ],
    body: { type: 'multipart/form-data', schema: ref('AttachmentForm') },
    answer: {
      status: 201,
      says: 'The file’s address and type.',
      schema: closed({ attachment: ref('Attachment') }),
      example: {
        attachment: { mediaUrl: 'https://hub.example.org/files/…/picture.png', mediaType: 'image/png' },
      },
    },
    errors: ['conversation_not_found', 'too_many_requests'],
  },
  {
    id: 'deleteAttachment',
    method: 'post',
    path: `${ATTACHMENTS}/remove`,
    tag: 'Attachments',
    summary: 'Remove an uploaded file',
    description:
      'Also out of its message. With a user’s own token: one of their own that is in no message yet.',
    scopes: EVERYBODY,
    body: {
      schema: ref('AttachmentDeletion'),
      example: { mediaUrl: 'https://hub.example.org/files/…/picture.png' },
    },
    answer: { status: 200, says: 'It is gone.', schema: ref('Empty'), example: {} },
    errors: ['attachment_not_found', 'conflict'],
  },
];
