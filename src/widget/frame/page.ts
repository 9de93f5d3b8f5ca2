// The page that shows the frame: one channel, which its script opens and hands over once (loader/main.ts).

type Answer = (value: unknown, error: unknown) => void;

export interface Page {
  /** How the page wants it. */
  locale?: string;
  theme?: string;
  /** Tells the page of something. */
  tell(event: string, detail?: unknown): void;
  /** The page's word on who looks. Rejects: it cannot say now. */
  userToken(): Promise<string | undefined>;
}

export type Verbs = Record<string, (...args: never[]) => unknown>;

/** Resolves when the page has handed over its channel; at once where nobody shows the frame but the browser itself. */
export function pageAround(verbs: Verbs): Promise<Page> {
  if (window.parent === window)
    return Promise.resolve({ tell: () => undefined, userToken: async () => undefined });
  return new Promise((resolve) => {
    const opened = ({ source, data, ports: [port] }: MessageEvent): void => {
      // Whoever is around it may show it, says the page's policy; other windows may not speak to it.
      if (source !== window.parent || !data?.parlance || !port) return;
      removeEventListener('message', opened);
      resolve(speakingOn(port, data.parlance, verbs));
    };
    addEventListener('message', opened);
  });
}

function speakingOn(port: MessagePort, wishes: { locale?: string; theme?: string }, verbs: Verbs): Page {
  const waiting = new Map<number, Answer>();
  let asked = 0;
  // Each of them, also the empty ones: what a word does not have the page may have given to every object.
  const speak = (word: { id?: number; value?: unknown; error?: string; event?: string; detail?: unknown }) =>
    port.postMessage({ id: 0, value: null, error: '', event: '', detail: null, ...word });
  port.onmessage = async ({ data: { id, verb, args = [], value, error } }) => {
    if (verb === undefined) {
      waiting.get(id)?.(value, error);
      waiting.delete(id);
      return;
    }
    try {
      if (!Object.hasOwn(verbs, verb)) throw new Error(`There is no "${verb}".`);
      speak({ id, value: await verbs[verb]?.(...(args as never[])) });
    } catch (error) {
      speak({ id, error: (error instanceof Error && error.message) || String(error) });
    }
  };
  return {
    ...wishes,
    tell: (event, detail) => speak({ event, detail }),
    userToken: () =>
      new Promise((resolve, reject) => {
        waiting.set(++asked, (value, error) => {
          // Whatever else it gave, nobody is taken for a stranger for it.
          if (!error && typeof (value ?? '') === 'string') return resolve((value as string) || undefined);
          const wrong = new TypeError('identify: no token of the page');
          console.error(wrong.message);
          reject(wrong);
        });
        speak({ event: 'token', id: asked });
      }),
  };
}
