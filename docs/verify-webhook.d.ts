// Types of verify-webhook.js.

export class WebhookRefused extends Error {
  readonly code: 'missing_header' | 'bad_header' | 'too_old' | 'too_new' | 'no_match';
}

export function verifyWebhook(call: {
  secrets: readonly string[];
  headers: Headers | Readonly<Record<string, string>>;
  body: string | Uint8Array;
  now?: number;
  toleranceSeconds?: number;
}): Promise<void>;
