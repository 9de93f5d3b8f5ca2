// A call as a command line, to be looked at and tried by hand (contracts/webhooks-bridges-widget.md W26).
import { SECRET_HEADERS } from './signing.ts';

/**
 * For a POSIX shell. What must stay secret is the name of a variable: values of the endpoint's own headers, and signatures that are
 * the secret itself.
 */
export function curlOf(
  url: string,
  headers: Readonly<Record<string, string>>,
  own: Readonly<Record<string, string>>,
  body: string,
): string {
  const named = Object.entries(headers).map(([name, value]) => {
    const hidden = name in own || SECRET_HEADERS.has(name);
    return `-H ${hidden ? `${quoted(`${name}: `)}"$${variable(name)}"` : quoted(`${name}: ${value}`)}`;
  });
  return ['curl -X POST', ...named, `--data-binary ${quoted(body)}`, quoted(url)].join(' \\\n  ');
}

/** A quotation mark ends the quotation, stands for itself and begins it again. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

const variable = (name: string): string => name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');
