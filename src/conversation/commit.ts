// Group commit: the first post goes in at once; what arrives until the next turn of the event loop goes in together.
// One transaction and one wait for the disk for all of them (contracts/prototype-measurements.md 0.1 and 2).

interface Waiting<In, Out> {
  input: In;
  resolve(out: Out): void;
  reject(error: unknown): void;
}

/** Gathers inputs and hands them to `commit` in arrival order; `commit` gives one output per input or throws for all. */
export class GroupCommit<In, Out> {
  private readonly commit: (inputs: In[]) => Out[];
  private waiting: Waiting<In, Out>[] = [];
  private gathering = false;

  constructor(commit: (inputs: In[]) => Out[]) {
    this.commit = commit;
  }

  run(input: In): Promise<Out> {
    return new Promise<Out>((resolve, reject) => {
      this.waiting.push({ input, resolve, reject });
      if (this.gathering) return;
      this.gathering = true;
      this.turn();
    });
  }

  private turn(): void {
    const group = this.waiting;
    if (group.length === 0) {
      this.gathering = false;
      return;
    }
    this.waiting = [];
    try {
      const outputs = this.commit(group.map((w) => w.input));
      for (const [i, w] of group.entries()) w.resolve(outputs[i] as Out);
    } catch (error) {
      for (const w of group) w.reject(error);
    }
    // A macrotask, not a microtask: a microtask gathers nothing, and answers would be served last-in-first-out.
    setTimeout(() => this.turn(), 0);
  }
}
