// What the description says of one operation, and how that becomes a part of the document. Operations themselves are in
// the folders of their doors.
import type { Plain, Schema } from './schema.ts';

/** Whose credentials may call: contracts/sunshine.md 4, and `user`, an addition of this hub. */
export type Scope = 'account' | 'app' | 'integration' | 'user';

/** A parameter of the query or a header. */
export interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'header';
  readonly description: string;
  readonly schema: Schema;
  readonly required?: boolean;
  /** `name[key]=value` for each key; the schema is an object. */
  readonly deep?: boolean;
  /** An addition of this hub. */
  readonly own?: boolean;
}

export interface Operation {
  readonly id: string;
  readonly method: 'get' | 'post' | 'patch' | 'delete';
  /** With parameters in braces. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** Empty: credentials are none of its business. `admin`: the operator's token. */
  readonly scopes: readonly Scope[] | 'admin';
  readonly parameters?: readonly Parameter[];
  readonly body?: Body;
  readonly answer: {
    readonly status: 200 | 201;
    /** By default JSON. */
    readonly type?: string;
    readonly says: string;
    readonly schema: Schema;
    readonly example: Plain;
  };
  /** Names of `Catalogue`; those that every operation of a door has are added by the door. */
  readonly errors: readonly string[];
  /** An addition of this hub. */
  readonly own?: boolean;
}

export interface Body {
  /** By default JSON. */
  readonly type?: string;
  readonly schema: Schema;
  readonly example?: Plain;
  /** May be left out: every field may. */
  readonly optional?: boolean;
}

/** One error that operations give: several of a status are alternatives. */
export interface KnownError {
  readonly status: number;
  readonly code: string;
  /** The words; a schema where they vary. */
  readonly title: string | Schema;
  readonly when: string;
}
export type Catalogue = Readonly<Record<string, KnownError>>;

/** What a door has of its own in the document. */
export interface Door {
  readonly operations: readonly Operation[];
  /** What the parameters of paths name. */
  readonly parameters: Readonly<Record<string, { readonly description: string; readonly schema: Schema }>>;
  readonly errors: Catalogue;
  /** Names of every error of an operation. */
  errorsOf(operation: Operation): string[];
  /** Whose credentials, by the names of `components.securitySchemes`. */
  security(operation: Operation): Plain;
  /** The body of an answer with one of these errors, all of one status. */
  refusal(status: number, names: readonly string[]): Schema;
  /** Headers of such an answer, by name, as names of `components.headers`. */
  headers(status: number): Readonly<Record<string, string>>;
}
