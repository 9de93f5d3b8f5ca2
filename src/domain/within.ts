// Waiting no longer than somebody may be kept waiting. What is done about what was late is the caller's.

/** The work's outcome, or an Error after `ms` that says `who` took longer. What becomes of the work after that nobody hears. */
export async function within<T>(ms: number, work: Promise<T>, who = 'The answer'): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${who} took longer than ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
