// What a job is made of: the order that begins it, the steps that its work takes, and what callers may ask of its object.
import type { AppNumber, JobNumber } from '../domain/ids.ts';
import type { Json, JsonObject } from '../domain/model.ts';

/** What a job is to do. Everything that its work must know comes with it: nobody is asked later. */
export interface JobOrder {
  job: JobNumber;
  app: AppNumber;
  /** Names the work (see JobPort). */
  work: string;
  /** What the file that it makes is called, and where it goes in the store; null: it makes none. */
  output: { name: string; mime: string; key: string } | null;
  /** Where the hub was reached by whoever asked for it: for addresses in what it makes. */
  origin?: string;
  params: JsonObject;
}

/** One bounded step of a job's work. All of it is kept in one transaction, or the step is done again. */
export interface Step {
  /** Where the next step goes on. */
  state: Json;
  /** Rows that were done so far, and per cent of the whole. */
  rows?: number;
  percentage?: number;
  /** Goes to the end of the file that the job makes. */
  text?: string;
  /** Values for later steps, by list and place. */
  keep?: readonly { list: string; place: number; value: Json }[];
  /** From here on it is not given up any more: half of it may be seen. */
  committed?: boolean;
  /** Absent: there is more to do. */
  end?: { failed: JobError | null };
}

/** Why a job failed: words for whoever asked for it, and what they are about. */
export interface JobError {
  message: string;
  data: Json;
}

/** What a step may use beside what its work brings along. */
export interface Tools {
  readonly order: JobOrder;
  /** ms since 1970. */
  now(): number;
  /** What the order came with, whole. */
  given(): string;
  /** A value that an earlier step kept; null: there is none. */
  kept<T extends Json>(list: string, place: number): T | null;
}

/** What a kind of job does. A step may be done twice: what it changes elsewhere must be the same then. */
export interface Work {
  /** `state` null: the first one. */
  step(tools: Tools, state: Json | null): Promise<Step>;
  /** A job is given up: where to go on to take back what others see of it; null: there is nothing. */
  abandon?(state: Json | null, error: JobError): Json | null;
}

/** How far a job is. */
export interface Progress {
  job: JobNumber;
  app: AppNumber;
  state: 'started' | 'finished' | 'failed';
  rows: number;
  percentage: number;
  /** Of the file that it made. */
  bytes: number;
  file: string | null;
  error: JobError | null;
}

/** What the object gets from outside. */
export interface JobPort {
  /** Null: this version knows no such work. */
  work(name: string): Work | null;
  /** Tells whoever keeps the list of jobs. Twice is once. */
  report(progress: Progress): Promise<void>;
}

export interface JobApi {
  /** Begins, with `given` at hand. Again changes nothing while it runs. */
  begin(order: JobOrder, given: string): Promise<void>;
  /** Makes sure that it goes on. False: nothing was ever begun here, or it is over. */
  nudge(): Promise<boolean>;
  /** Ends it, wherever it is, and takes its file out. Twice is once. */
  end(file: string | null): Promise<void>;
}
