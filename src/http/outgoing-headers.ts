// Headers that somebody may add to what the hub sends elsewhere (contracts/webhooks-bridges-widget.md W24).

const MOST_HEADERS = 20;
const MOST_CHARS = 4_096;

/** What the hub, the connection or the platform says, and what would pass for it. */
const RESERVED =
  /^(host|connection|keep-alive|te|trailer|transfer-encoding|upgrade|expect|accept-encoding|user-agent|cookie|cookie2|set-cookie|date|via|forwarded|x-real-ip|true-client-ip|(content|webhook|cf|x-forwarded|x-hub|x-parlance|proxy|sec)-.*)$/;

/** What is wrong with these headers, by name; none: they may be sent. */
export function refuseHeaders(
  headers: Readonly<Record<string, string>>,
): { path: string; message: string }[] {
  const entries = Object.entries(headers);
  if (entries.length > MOST_HEADERS) return [{ path: '', message: `at most ${MOST_HEADERS} headers` }];
  const seen = new Set<string>();
  return entries.flatMap(([name, value]) => {
    const folded = name.toLowerCase();
    const twice = seen.has(folded);
    seen.add(folded);
    const message = refuseName(folded, twice) ?? refuseValue(value);
    return message === null ? [] : [{ path: name, message }];
  });
}

function refuseName(name: string, twice: boolean): string | null {
  if (!/^[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/.test(name)) return 'is not the name of a header';
  if (RESERVED.test(name)) return 'is a header that the hub does not let others set';
  return twice ? 'is given twice' : null;
}

function refuseValue(value: string): string | null {
  if (value.length > MOST_CHARS) return `has more than ${MOST_CHARS} characters`;
  return /^[\x20-\x7e\t]*$/.test(value) && value.trim() === value
    ? null
    : 'holds characters that no header may hold';
}
