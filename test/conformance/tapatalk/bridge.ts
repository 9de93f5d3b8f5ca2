// Clients that this project did not write, behind one interface: each is a program that takes calls line by line and
// answers with the types that its own library read. What the door must answer is in the tests.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { canonicalText } from '../../support/canonical.ts';
import type { Client } from '../../support/clients.ts';
import { sampled } from '../../support/sampled.ts';

/** A parameter: text is sent as `<string>`, `b64` as `<base64>` of its UTF-8. */
export type Argument = string | number | boolean | { b64: string } | Argument[];
/** A value as the client's library typed it; dates as they stood on the wire. */
export type Told = string | number | boolean | { b64: string } | { dt: string } | Told[] | ToldStruct;
export interface ToldStruct {
  [name: string]: Told;
}

/** What a client made of an answer; its program also sends `xml`, the base64 of the document. `broken`: its library could not read it. `signedIn`: the header, as it stood. */
export type Answer = (
  | { value: ToldStruct }
  | { fault: { code: number; text: string } }
  | { broken: string }
) & { signedIn: string | null };

const PROGRAMS = {
  python3: ['python3', 'python_client.py'],
  'perl RPC::XML': ['perl', 'perl_client.pl'],
  'php xmlrpc': ['php', 'php_client.php'],
} as const satisfies Partial<Record<Client, readonly [string, string]>>;

export type XmlRpcClient = keyof typeof PROGRAMS;
/** Where objects are thrown out all the time, one of them: how each reads an answer was said in the first run. */
export const XML_RPC_CLIENTS = sampled(Object.keys(PROGRAMS) as XmlRpcClient[]);

/** A client that does not answer must not hold the run up. */
const ANSWER_TIMEOUT_MS = 60_000;

/** One running client with its cookies: one device of one person. */
export class Device {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  #errors = '';

  constructor(client: XmlRpcClient, url: string) {
    const [program, file] = PROGRAMS[client];
    this.#child = spawn(program, [join(import.meta.dirname, file), url]);
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
    });
    // biome-ignore lint/style/noNonNullAssertion: spawned with pipes
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  /** Whatever the door answers. Throws where the document itself is not in the form that all clients read. */
  async ask(method: string, ...params: Argument[]): Promise<Answer> {
    this.#child.stdin?.write(`${JSON.stringify({ method, params })}\n`);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${method}: no answer. ${this.#errors}`)), ANSWER_TIMEOUT_MS);
    });
    try {
      const line = await Promise.race([this.#lines.next(), late]);
      if (line.done) throw new Error(`${method}: the client ended. ${this.#errors}`);
      const { xml, ...answer } = JSON.parse(line.value) as Answer & { xml: string };
      canonicalText(Buffer.from(xml, 'base64'));
      return answer;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The struct that the door answers; throws where it is anything else. */
  async call(method: string, ...params: Argument[]): Promise<ToldStruct> {
    const answer = await this.ask(method, ...params);
    if ('value' in answer) return answer.value;
    throw new Error(`${method}: ${JSON.stringify(answer)}`);
  }

  /** {@link call} for calls that must succeed. */
  async done(method: string, ...params: Argument[]): Promise<ToldStruct> {
    const value = await this.call(method, ...params);
    if (value.result !== true) throw new Error(`${method}: ${JSON.stringify(value)}`);
    return value;
  }

  end(): void {
    this.#child.kill();
  }
}
