// Turns positions in the bundle into positions in the sources, in what the runtime prints.
import { SourceMap } from 'node:module';

/** Where the bundle's own code appears in a line of a stack: "at handle (file:///index.js:10:7)". */
const POSITION = /(?:file:\/\/\/|\b)index\.js:(\d+):(\d+)/g;

/** A function that rewrites one line of output. `map` is the bundle's source map, as JSON. */
export function traceMapper(map: string): (line: string) => string {
  // Parsed when the first stack is printed: most servers never print one.
  let parsed: SourceMap | undefined;
  return (line) =>
    line.replace(POSITION, (position, row: string, column: string) => {
      parsed ??= new SourceMap(JSON.parse(map));
      const origin = parsed.findEntry(Number(row) - 1, Number(column) - 1);
      if (!('originalSource' in origin)) return position;
      return `${origin.originalSource}:${origin.originalLine + 1}:${origin.originalColumn + 1}`;
    });
}
