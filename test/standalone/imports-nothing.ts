// A module that cannot be bundled, for trace.test.ts.
// @ts-expect-error There is no such file.
import './no-such-file.ts';
