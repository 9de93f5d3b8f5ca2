// What a call of the operator API asks: names in its path, its body. What it must look like is schemas.ts.
import type { IRequest } from 'itty-router';
import * as v from 'valibot';
import { invalid, Refused } from '../domain/errors.ts';
import { readBody } from '../http/body.ts';
import { appBySlug } from '../hub/apps.ts';
import type { App, Hub } from '../hub/context.ts';
import { problemsOf } from './schemas.ts';

export const BODY_BYTES = 100 * 1024;

/** itty-router does not decode parameters. */
export function param(request: IRequest, name: string): string {
  try {
    return decodeURIComponent(request.params[name] ?? '');
  } catch {
    throw new Refused(invalid(`The ${name} in the address is not valid percent-encoding.`));
  }
}

/** The app in the path. */
export const appOf = (request: IRequest, hub: Hub): Promise<App> => appBySlug(hub, param(request, 'slug'));

/** A JSON body of this shape; an absent one is an empty object. */
export async function body<S extends v.GenericSchema>(
  request: IRequest,
  schema: S,
): Promise<v.InferOutput<S>> {
  const bytes = await readBody(request as unknown as Request, BODY_BYTES);
  let value: unknown = {};
  if (bytes.byteLength > 0) {
    try {
      value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes));
    } catch {
      throw new Refused(invalid('The body is not valid JSON.'));
    }
  }
  // valibot takes a list for an object, and one without items for an object in which nothing is given.
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Refused(invalid('The body is not a JSON object.'));
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return parsed.output;
  throw new Refused(invalid('Some fields are wrong.', problemsOf(parsed.issues)));
}
