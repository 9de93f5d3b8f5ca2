// A worker that fails, for trace.test.ts: line 5 is where.
export const worker = {
  fetch(request: Request): Response {
    if (request.url === 'never') return new Response();
    throw new Error('kaboom');
  },
};
