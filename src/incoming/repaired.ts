// JSON as careless senders write it: with line breaks and tabs inside its texts. Mattermost reads those, and so do we.
import { jsonOf } from './knock.ts';

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Looks at each character once. Refused invalid where that does not make it JSON. */
export function repairedJson(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    return jsonOf(repaired(source));
  }
}

function repaired(source: string): string {
  const out: string[] = [];
  let inText = false;
  let from = 0;
  for (let at = 0; at < source.length; at++) {
    const char = source[at] as string;
    if (char === '\\') at++;
    else if (char === '"') inText = !inText;
    else if (inText && ESCAPES[char] !== undefined) {
      out.push(source.slice(from, at), ESCAPES[char]);
      from = at + 1;
    }
  }
  out.push(source.slice(from));
  return out.join('');
}
