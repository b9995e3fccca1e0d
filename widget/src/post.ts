/** Beside the batches of the core. A module knows where it came from. */
export const post = (body: object): Promise<Response> =>
  fetch(new URL('i', import.meta.url), { body: JSON.stringify(body), method: 'POST', credentials: 'omit', referrer: '', keepalive: true });
