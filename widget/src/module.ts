import type { Forms, Hooks, Refusal } from './module_hooks';
import type { Show } from './wire';
import { config } from './record';

/** The second file: the card and what watches forms. */
interface Module {
  open(prompt: string, show: Show, focus: boolean | undefined, refusal: Refusal, hooks: Hooks): void;
  watchForms(hooks: Hooks): Forms;
}

/** Where our own script came from; works behind any path prefix of the site's own proxy. */
export const base = (document.currentScript as HTMLScriptElement | null)?.src.replace(/\/x\/[^/]*$/, '');

export const loadModule = (): Promise<Module> => import(`${base}/x/${config.u}`);
