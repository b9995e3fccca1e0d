import type { Scalar } from './wire';
import { record } from './record';

/** What the server takes: 32 flat properties. A number in `value`, also from an attribute, is the value of the event. */
export function track(name: unknown, properties: { [key: string]: unknown } = {}): void {
  const props: { [key: string]: Scalar } = {};
  for (const [key, content] of Object.entries(properties).slice(0, 32)) {
    if (/str|num|bool/.test(typeof content)) {
      props[key.slice(0, 64)] = (content as string).slice?.(0, 512) ?? (content as Scalar);
    }
  }
  record('track', { name: (name + '').slice(0, 64), props, value: +props.value! });
}
