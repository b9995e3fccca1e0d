import type { Hooks } from './module_hooks';
import { post } from './post';

const enum Limit {
  Tries = 9,
  Between = 1000,
}

/** The page load may not have been heard of yet. */
export async function ask([, , , , , , , , , state]: Hooks, tell?: (token: string | undefined) => void): Promise<string | undefined> {
  let token: string | undefined;
  for (let tries = 0; !token && tries < Limit.Tries; tries++) {
    if (tries) await new Promise((resolve) => setTimeout(resolve, Limit.Between));
    try {
      const [config, view] = state();
      const response = await post({ v: 1, k: config.k, c: config.v, w: view, s: 1, t: 0, e: [], q: true });
      if (response.ok) token = ((await response.json()) as { token?: string }).token;
    } catch {}
  }
  tell?.(token);
  return token;
}
