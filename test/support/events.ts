// Holds what an endpoint was sent against the schema of its type, as a receiver would that fetched it.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { eventSchemas } from '../../src/openapi/events.ts';

const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false });

const CHECKS = new Map<string, ValidateFunction>(
  Object.entries(eventSchemas()).map(([type, schema]) => [type, ajv.compile(schema)]),
);

/** What of this body is not as described; empty for a good one. */
export function undescribedEvent(body: Buffer): string[] {
  const text = body.toString();
  const event = JSON.parse(text);
  const { type } = event as { type: string };
  const check = CHECKS.get(type);
  if (!check) return [`no schema of ${type} (src/openapi/events.ts)`];
  if (check(event)) return [];
  const what = (check.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  return [`${type}: ${what.join('; ')}\n${text.slice(0, 1_000)}`];
}
