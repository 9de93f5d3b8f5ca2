// What the page reads of the document, and how it finds its way in it. No elements: those are made by the other files.

export interface Schema {
  $ref?: string;
  type?: string | string[];
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
  format?: string;
  pattern?: string;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  contentMediaType?: string;
  'x-max-bytes'?: number;
  'x-parlance'?: boolean;
}

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  description?: string;
  required?: boolean;
  style?: string;
  schema: Schema;
  'x-parlance'?: boolean;
}

export interface Media {
  schema: Schema;
  example?: unknown;
}

export interface Operation {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  security: Record<string, string[]>[];
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content: Record<string, Media> };
  responses: Record<string, { description: string; content?: Record<string, Media> }>;
  'x-parlance'?: boolean;
}

export interface Document {
  info: { title: string; version: string; summary?: string; description?: string };
  servers: { url: string }[];
  tags: { name: string; description?: string }[];
  paths: Record<string, Record<string, Operation> & { parameters?: Parameter[] }>;
  components: {
    schemas: Record<string, Schema>;
    securitySchemes: Record<string, { type: string; scheme: string; description?: string }>;
  };
}

/** An operation with where it is, as a form can call it. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
  /** Of the path and of the operation. */
  readonly parameters: readonly Parameter[];
}

const METHODS = ['get', 'post', 'patch', 'delete'];

/** Every operation of a tag, in the order of the document. */
export function callsOf({ paths }: Document, tag: string): Call[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      if (!operation?.tags.includes(tag)) return [];
      const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])];
      return [{ method, path, operation, parameters }];
    }),
  );
}

/** The name that a reference ends in. */
export const nameOf = (reference: string): string => reference.slice(reference.lastIndexOf('/') + 1);

/** The schema behind a reference; any other is itself. */
export function resolved({ components }: Document, schema: Schema): Schema {
  if (schema.$ref === undefined) return schema;
  return components.schemas[nameOf(schema.$ref)] ?? {};
}

/** Who may call, each once: `account, app`. */
export function callersOf({ security }: Operation): string {
  if (security.some((each) => 'operator' in each)) return 'the operator';
  return [...new Set(security.flatMap((each) => Object.values(each).flat()))].join(', ') || 'anybody';
}

/** Every code and title that an answer of refusal can have. */
export function errorsIn(document: Document, media: Media | undefined): { code: string; title: string }[] {
  const items = media?.schema.properties?.errors?.items;
  if (!items) return [];
  return (items.anyOf ?? [items]).map((each) => {
    const { code, title } = resolved(document, each).properties ?? {};
    return { code: String(code?.const ?? ''), title: String(title?.const ?? '…') };
  });
}
