import type { Hooks } from './module_hooks';
import type { AskAt, PromptRule } from './wire';
import { now } from './clock';

/** What has come on this page, and when a question is due whose time runs. */
let came: { [prompt: string]: Set<AskAt> } = {};
let due: { [prompt: string]: [time: number, at: AskAt] } = {};

export function newPageWaits(): void {
  came = {};
  due = {};
}

/** Whether the question may be asked for now: all its moments have come where all are needed, and its time is over. */
export function holdBack(at: AskAt, { id, at: all, hold }: PromptRule): boolean {
  const own = (came[id] ??= new Set()).add(at);
  if (hold?.all && !all.every((moment) => own.has(moment))) return false;
  const [time] = (due[id] ??= [now() + (hold?.delay ?? 0), at]);
  return now() >= time;
}

/** Once a second: those whose time is over are asked for by the same rules as if the moment came now. */
export function lookAtWaiting(ask: Hooks[6]): void {
  for (const [id, [time, at]] of Object.entries(due)) {
    if (now() >= time) ask(at, (prompt) => prompt.id === id, 0);
  }
}
