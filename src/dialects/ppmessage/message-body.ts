// Messages in the forms of this API: the short keys of a push, and the row of a history (contracts/ppmessage.md 7). What a
// client may send is sending.ts.
import type { DeviceNumber, UserNumber } from '../../domain/ids.ts';
import type {
  Attachment,
  Card,
  ConversationFacts,
  JsonObject,
  Message,
  MessageEntry,
} from '../../domain/model.ts';
import type { App, Hub } from '../../hub/context.ts';
import { convert } from '../../text/convert.ts';
import { fileId } from './file-ids.ts';
import { iconOf } from './icons.ts';
import { appUuid, conversationUuid, deviceUuid, messageUuid, stamp, userUuid } from './ids.ts';

export type Here = Pick<Hub, 'ids' | 'addressOf' | 'origin'>;

/** What a message of this door keeps of how it was sent. */
export interface Kept {
  /** Whom the client thought it was for; shown again as it was. */
  to?: { uuid: string; type: string };
  subtype?: string;
  /** Seconds of a recording. */
  dura?: number;
}

export const keptOf = ({ door, extras }: Message): Kept =>
  door === 'ppmessage' ? ((extras ?? {}) as Kept) : {};

/** A customer's conversation is P2S; every other one is S2S. */
export const conversationType = ({ kind }: Pick<ConversationFacts, 'kind'>): 'P2S' | 'S2S' =>
  kind === 'support' ? 'P2S' : 'S2S';

/** Subtype and body. One file alone is its own message; what else a message holds is told in words. */
export function contentOf(here: Here, message: Message): { subtype: string; body: string } {
  const words = [message.title, convert(message.text, message.markup, 'plain')].filter(Boolean).join('\n');
  const [first, ...others] = message.attachments ?? [];
  const id = first && others.length === 0 && words === '' ? fileId(here, first) : null;
  if (first && id !== null) return fileContent(message, first, id);
  const addresses = (message.attachments ?? []).map((each) => here.addressOf(each));
  return { subtype: 'TEXT', body: [words, ...addresses].filter(Boolean).join('\n') };
}

function fileContent(message: Message, file: Attachment, fid: string): { subtype: string; body: string } {
  const { subtype, dura } = keptOf(message);
  const { mime, bytes: size, name, width = null, height = null } = file;
  if (mime.startsWith('image/') && subtype !== 'FILE' && subtype !== 'DOCUMENT') {
    const sizes = { orig_width: width, orig_height: height, thum_width: width, thum_height: height };
    return { subtype: 'IMAGE', body: JSON.stringify({ thum: fid, orig: fid, mime, ...sizes }) };
  }
  if (subtype === 'AUDIO') {
    const form = mime === 'audio/amr' ? 'amr' : mime === 'audio/mpeg' ? 'mp3' : 'm4a';
    return { subtype, body: JSON.stringify({ [form]: { dura: dura ?? 0, fid } }) };
  }
  if (subtype === 'VIDEO') {
    return { subtype, body: JSON.stringify({ orig: fid, thum: null, dura: dura ?? 0, mime, size, name }) };
  }
  return {
    subtype: subtype === 'DOCUMENT' ? 'DOCUMENT' : 'FILE',
    body: JSON.stringify({ fid, mime, size, name }),
  };
}

/** Whose message it is: of what an app's own server said for nobody, the business's. */
const authorOf = (app: Pick<App, 'businessUser'>, { author }: MessageEntry): UserNumber =>
  author ?? app.businessUser;

/** The body of a push, without what only the push itself has (`pid`, `from_user`). */
export function messageBody(
  here: Here,
  app: App,
  facts: Pick<ConversationFacts, 'number' | 'kind'>,
  entry: MessageEntry,
): JsonObject {
  const { subtype, body } = contentOf(here, entry.message);
  const ci = conversationUuid(here, facts.number);
  const ct = conversationType(facts);
  const { to = { uuid: ci, type: ct === 'P2S' ? 'AP' : 'DU' } } = keptOf(entry.message);
  return {
    ci,
    ct,
    fi: userUuid(here, authorOf(app, entry)),
    ft: 'DU',
    ti: to.uuid,
    tt: to.type,
    mt: 'NOTI',
    ms: subtype,
    tl: entry.message.title ?? null,
    bo: body,
    ts: entry.at / 1_000_000,
    id: messageUuid(here, entry),
  };
}

/** The whole row of a message, as lists have it. */
export function messageRow(
  here: Here,
  app: App,
  facts: Pick<ConversationFacts, 'number' | 'kind'>,
  entry: MessageEntry,
): JsonObject {
  const body = messageBody(here, app, facts, entry);
  const { device } = entry.message;
  return {
    uuid: body.id as string,
    app_uuid: appUuid(here, app.number),
    conversation_uuid: body.ci as string,
    conversation_type: body.ct as string,
    message_type: body.mt as string,
    message_subtype: body.ms as string,
    from_uuid: body.fi as string,
    from_type: body.ft as string,
    from_device_uuid: device ? deviceUuid(here, device as DeviceNumber) : null,
    to_uuid: body.ti as string,
    to_type: body.tt as string,
    to_device_uuid: null,
    body: body.bo as string,
    title: body.tl ?? null,
    message_body: JSON.stringify(body),
    is_development: null,
    task_status: 'PROCESSED',
    createtime: stamp(entry.at),
    updatetime: stamp(entry.at),
  };
}

/** Who wrote it, as a push and a page of history name them; `user` where the reader may know their address. */
export function fromUser(
  here: Here,
  app: App,
  entry: MessageEntry,
  card: Card | null,
  user?: { email: string | null },
): { uuid: string; user_fullname: string; user_icon: string; user_email: string } {
  const author = authorOf(app, entry);
  const { override } = entry.message;
  return {
    uuid: userUuid(here, author),
    user_fullname: override?.name ?? card?.name ?? '',
    user_icon: override?.avatar ?? iconOf(here, author, card?.avatar ?? null),
    user_email: card ? emailShown(here, app, { number: author, email: user?.email, ...card }) : '',
  };
}

/**
 * The address by which this API calls somebody: their own, or the id that their own system has for them; of a visitor who
 * has neither a made one (contracts/ppmessage.md 6).
 */
export function emailShown(
  here: Pick<Here, 'ids'>,
  app: Pick<App, 'number'>,
  user: { number: UserNumber; externalId: string; email?: string | null },
): string {
  if (user.email) return user.email;
  if (!isAnonymous(user)) return user.externalId;
  return `${userUuid(here, user.number).slice(0, 6)}@${appUuid(here, app.number).slice(0, 6)}`;
}

/** Beginning of the external id of visitors whom nobody but their browser knows. */
export const ANONYMOUS = 'ppcom:';
export const isAnonymous = ({ externalId }: { externalId: string }): boolean =>
  externalId.startsWith(ANONYMOUS);
