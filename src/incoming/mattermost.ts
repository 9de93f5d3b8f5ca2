// Mattermost's outgoing webhooks (contracts/webhooks-bridges-widget.md C5): messages of public channels, as JSON or a form.
import * as v from 'valibot';
import type { RemoteEvent } from '../domain/remote.ts';
import { sameSecret } from '../http/secrets.ts';
import { onlyPost, refusalOf } from './answers.ts';
import { checked, formFields, isForm, perhaps, someName } from './fields.ts';
import { bytesOf, jsonOf, type Knock, type Shape, tell, textOf, unproven } from './knock.ts';
import { wordsFrom } from './words.ts';

const call = v.object({
  token: v.optional(v.string(), ''),
  channel_id: someName,
  channel_name: perhaps(v.string()),
  /** Trap: milliseconds in JSON, seconds in a form. */
  timestamp: perhaps(v.pipe(v.union([v.number(), v.string()]), v.transform(Number), v.finite())),
  user_id: someName,
  user_name: v.optional(v.string(), ''),
  post_id: someName,
  text: v.optional(v.string(), ''),
  file_ids: perhaps(v.string()),
});
type Call = v.InferOutput<typeof call>;

/** `unitMs`: of the time. */
export function mattermostEvent(said: Call, unitMs: 1 | 1000): RemoteEvent {
  const files = said.file_ids?.split(',').filter((id) => id.trim() !== '').length ?? 0;
  // They are opened to people of that server alone: all that can be said is that there are some.
  const note = files === 0 ? '' : `*(${files} file${files === 1 ? '' : 's'} at Mattermost)*`;
  const { text, markup } = wordsFrom.mattermost(said.text);
  return {
    kind: 'message',
    id: said.post_id,
    place: said.channel_id,
    title: said.channel_name || null,
    author: { id: said.user_id, name: said.user_name, avatar: null, bot: false },
    words: { text: [text, note].filter((part) => part !== '').join('\n\n'), markup },
    files: [],
    at: said.timestamp === undefined ? null : said.timestamp * unitMs,
  };
}

async function answer(knock: Knock): Promise<Response> {
  const { request, secret } = knock;
  if (request.method !== 'POST') return onlyPost();
  const body = textOf(await bytesOf(knock));
  const form = isForm(request.headers, body);
  const said = checked(call, form ? formFields(body) : jsonOf(body));
  if (secret !== null && !sameSecret(said.token, secret)) throw unproven('the token in the body is wrong');
  await tell(knock, mattermostEvent(said, form ? 1000 : 1));
  // An answer with a text would be posted there.
  return new Response(null, { status: 200 });
}

export const mattermost: Shape = { answer, refusal: refusalOf };
