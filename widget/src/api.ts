// What few pages ask for: commands that are not in the core, and what is remembered of visitors who agree to it.
import type { Hooks } from './module_hooks';
import type { Props } from './wire';
import { choose, forget, identify, obey, remember } from './memory';
import { clean } from './labels';
import { tell } from './tell_console';
import { ask } from './visit_token';

let hooks: Hooks;

function on(name: string, run: (detail: unknown) => void): () => void {
  const listener = (event: Event): void => {
    try {
      run((event as CustomEvent).detail);
    } catch {}
  };
  addEventListener('exitpoll:' + name, listener);
  return () => removeEventListener('exitpoll:' + name, listener);
}

const COMMANDS: { [name: string]: ((...values: never[]) => unknown) | undefined } = {
  on,
  identify: (user: unknown, traits?: object) => {
    if (traits) hooks[0]('set', { props: { ...traits } as Props[string] });
    return identify(user);
  },
  reset: forget,
  page: () => hooks[10](),
  token: (tell?: (token: string | undefined) => void) => ask(hooks, tell),
  widget_closed: (name: unknown) => hooks[0]('widget_closed', { n: clean(name + '') }),
  debug: () => tell(hooks),
  // What the page says of consent has been done by the core, as far as it stops or starts recording.
  granted: () => choose('granted'),
  anonymous: () => choose('anonymous'),
  off: () => choose('off'),
  // What the consent banner says, unless the page has said something itself.
  banner: obey,
};

/** Called for each command, and with none when the browser is that of a visitor who has agreed before. */
export function start(core: Hooks, name?: string, values: unknown[] = []): unknown {
  hooks = core;
  remember(core);
  return name && COMMANDS[name]?.(...(values as never[]));
}
