// Between a test and a client in a process of its own: commands there, answers and events back. And what an SDK finds there:
// connections.
import http from 'node:http';

/** As in support/connections.ts, for whatever agent an SDK or its browser makes: what was idle is closed by the server. */
const { Agent } = http;
http.Agent = class extends Agent {
  constructor(options?: http.AgentOptions) {
    super({ ...options, keepAlive: false });
  }
};
http.globalAgent = new http.Agent();

// biome-ignore lint/suspicious/noExplicitAny: what commands take is between the two sides.
type Commands = Record<string, (...args: any[]) => unknown>;

interface Asked {
  id: number;
  command: string;
  args: unknown[];
}

/** Only what JSON can say crosses. */
const plain = (value: unknown): unknown => (value === undefined ? null : JSON.parse(JSON.stringify(value)));

export const tell = (event: string, args: unknown[]): void => {
  process.send?.({ event, args: plain(args) });
};

export function answer(commands: Commands): void {
  process.on('message', async ({ id, command, args }: Asked) => {
    try {
      process.send?.({ id, value: plain(await commands[command]?.(...args)) });
    } catch (error) {
      const { message, status, response } = error as {
        message?: string;
        status?: number;
        response?: { status?: number; body?: unknown; data?: unknown };
      };
      const shown = { message, status: status ?? response?.status, body: response?.body ?? response?.data };
      process.send?.({ id, error: plain(shown) });
    }
  });
  process.on('disconnect', () => process.exit(0));
  // The SDKs throw some errors where nobody can catch them; the test sees that nothing comes.
  process.on('unhandledRejection', (error) => tell('failed', [String(error)]));
  process.on('uncaughtException', (error) => tell('failed', [String(error?.stack ?? error)]));
  process.send?.({ event: 'ready', args: [] });
}
