// Counts how many characters a piece of code looks at, by putting a meter on the string methods while it runs. The code
// needs no counter of its own, and a pass over the text that somebody adds later is counted without being asked.

type Method = (this: unknown, ...args: never[]) => unknown;
/** Characters that one call looked at. */
type Cost = (self: unknown, args: readonly unknown[], result: unknown, from: number) => number;

const whole: Cost = (self) => String(self).length;
const needle: Cost = (_self, args) => String(args[0]).length;
const argument: Cost = (_self, args) => String(args[0]).length;
const one: Cost = () => 1;
const produced: Cost = (_self, _args, result) => String(result).length;

/** From where the search began to where it ended. */
const searched: Cost = (self, args, result) => {
  const from = typeof args[1] === 'number' ? args[1] : 0;
  const found = typeof result === 'number' && result >= 0;
  return (found ? (result as number) + String(args[0]).length : String(self).length) - from;
};

/** From where the match was looked for to where it ended. A pattern that goes back over text is not seen to do so. */
const matched: Cost = (self, args, result, from) => {
  const match = result as RegExpExecArray | null;
  // A sticky pattern that does not match has looked at this place alone.
  if (!match && (self as RegExp).sticky) return 1;
  return (match ? match.index + match[0].length : String(args[0]).length) - from;
};

/** Items of the list, or of what is left of it. What calls back is counted in what it calls. */
const items: Cost = (self) => (self as readonly unknown[]).length;
const taken: Cost = (_self, _args, result) => (result as readonly unknown[]).length;
/** What was taken out, put in and moved up. */
const moved: Cost = (self, args, result) =>
  (result as readonly unknown[]).length + (self as readonly unknown[]).length - Number(args[0]);

const METERS: readonly (readonly [object, string, Cost])[] = [
  [String.prototype, 'charCodeAt', one],
  [String.prototype, 'codePointAt', one],
  [String.prototype, 'indexOf', searched],
  [String.prototype, 'lastIndexOf', whole],
  [String.prototype, 'includes', whole],
  [String.prototype, 'startsWith', needle],
  [String.prototype, 'endsWith', needle],
  [String.prototype, 'slice', produced],
  [String.prototype, 'substring', produced],
  [String.prototype, 'replace', whole],
  [String.prototype, 'replaceAll', whole],
  [String.prototype, 'split', whole],
  [String.prototype, 'match', whole],
  [String.prototype, 'matchAll', whole],
  [String.prototype, 'search', whole],
  [String.prototype, 'trim', whole],
  [String.prototype, 'toLowerCase', whole],
  [String.prototype, 'isWellFormed', whole],
  [RegExp.prototype, 'exec', matched], // test(), match() and replace() come through here as well
  [Buffer, 'from', argument],
  [JSON, 'stringify', produced],
  [Array.prototype, 'splice', moved],
  [Array.prototype, 'slice', taken],
  [Array.prototype, 'concat', taken],
  [Array.prototype, 'join', items],
  [Array.prototype, 'reverse', items],
  [Array.prototype, 'shift', items],
  [Array.prototype, 'unshift', items],
  [Array.prototype, 'includes', items],
  [Array.prototype, 'indexOf', items],
  [Array.prototype, 'push', (_self, args) => args.length],
];

export interface Counter {
  /** Characters looked at since the counter was put on. */
  readonly steps: () => number;
  /** Takes the meters off again. */
  readonly stop: () => void;
}

/** Puts the meters on, until they are taken off. */
export function startCounter(): Counter {
  let steps = 0;
  const originals = METERS.map(([owner, name]) => Reflect.get(owner, name) as Method);
  const put = (owner: object, name: string, value: Method) =>
    Object.defineProperty(owner, name, { value, configurable: true, writable: true, enumerable: false });
  METERS.forEach(([owner, name, cost], i) => {
    const original = originals[i] as Method;
    put(owner, name, function (this: unknown, ...args: never[]) {
      const from = this instanceof RegExp && (this.global || this.sticky) ? this.lastIndex : 0;
      const result = Reflect.apply(original, this, args);
      steps += cost(this, args, result, from);
      return result;
    });
  });
  const stop = () => {
    METERS.forEach(([owner, name], i) => {
      put(owner, name, originals[i] as Method);
    });
  };
  return { steps: () => steps, stop };
}

/** Characters looked at while `run` ran. What it throws is thrown on. */
export function countSteps(run: () => void): number {
  const counter = startCounter();
  try {
    run();
  } finally {
    counter.stop();
  }
  return counter.steps();
}
