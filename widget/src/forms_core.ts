import type { Forms } from './module_hooks';
import type { AskAt } from './wire';
import { guard, later, listen } from './guard';
import { hooks } from './hooks';
import { loadModule } from './module';
import { ask } from './moments';
import { record } from './record';
import { glob } from './rules';

/** Set once the form watcher is there. */
export let forms: Forms | undefined;

export const completed = new Set<string>();

export function complete(key: string, by = 'call'): void {
  if (!completed.has(key)) record('form_completed', { f: key, by }, true);
  completed.add(key);
}

export function askAboutForm(at: AskAt, key: string): void {
  ask(at, ({ moment: { form } }) => !form || glob(form, key));
}

/**
 * Most pages are left without a look at a form, so what watches forms is in the second file. It is
 * fetched when a form comes into sight.
 */
export function watchForForms(): void {
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
    observer.disconnect();
    loadModule().then((module) => (forms ??= module.watchForms(hooks)), () => {});
  });
  const look = guard(() => {
    for (const form of document.querySelectorAll('form:not([role=search]),[data-exitpoll-form]')) observer.observe(form);
  });
  // A click may open a dialog with a form.
  listen(window, 'load click', () => forms || later(look, 300));
  look();
}
