import type { Answer, Props, Reply, ViewFacts, WireEvent } from './wire';
import { now } from './clock';
import { base } from './module';
import { takeReply } from './moments';
import { loadExtensions } from './extensions';
import { guard } from './guard';
import { config, recording } from './record';
import { isTouch } from './surface';
import { viewId } from './view_id';
import { takeActive } from './activity';

// Put in place by the compiler, so that names cost no bytes.
const enum Limit {
  // Counted from nought: the server takes fifty, the last is the active time.
  EventsPerBatch = 48,
  // At most 48 kB: requests that outlive their page share 64 KiB. A larger event is not recorded.
  CharactersPerBatch = 16_000,
  BatchesWaiting = 20,
  BatchesAtOnce = 9,
  FlushAfter = 10_000,
  AnsweredWithin = 10_000,
  LongestWait = 60_000,
}

interface Batch {
  body_: { e: WireEvent[]; a?: Answer[] };
  start_: number;
  /** When it was last sent, while that may still come to an end. */
  busy_?: number;
}

export let view: string;
/** How the page load came about. */
let navigation: string;
/** Lets the owner of the site be asked again. */
let testToken: string | undefined;
let start: number;
/** Number of the next event that will be put into a batch. */
let next: number;
let events: WireEvent[] = [];
let room: number;
let batches: Batch[] = [];

let failures = 0;
let notBefore = 0;
/** Somebody asked for a flush that had to wait. */
let wanted: boolean;

const elapsed = (): number => now() - start;

export function clear(): void {
  batches = [];
  empty();
}

function empty(): void {
  events = [];
  room = Limit.CharactersPerBatch;
  wanted = false;
}

const facts = (): ViewFacts => ({
  n: navigation,
  d: isTouch ? 'touch' : '',
  b: navigator.webdriver,
  // Of a visitor who has agreed to it; storage may throw.
  i: guard(() => localStorage.exitpoll)(),
});

/** Events get their numbers here, and a batch never changes afterwards: sending it again is harmless whatever happened before. */
function freeze(e: WireEvent[], a?: Answer[]): void {
  const body_ = { v: 1, k: config.k, c: config.v, w: view, s: next, x: testToken, ...(!next && facts()), e, a };
  next += e.length;
  batches.push({ body_, start_: start });
}

/** Freezes what waits. */
function cut(): void {
  if (events[0]) {
    const ms = takeActive();
    if (ms) events.push([elapsed(), 'active', { ms }]);
    // Memory is bounded; answers are never given up.
    if (batches.length < Limit.BatchesWaiting) freeze(events);
  }
  empty();
}

const isBusy = ({ busy_ }: Batch): boolean => now() - busy_! < Limit.AnsweredWithin;

function send(batch: Batch): void {
  const body = JSON.stringify({ ...batch.body_, t: now() - batch.start_ });
  batch.busy_ = now();
  fetch(base + 'i', { body, method: 'POST', credentials: 'omit', referrer: '', keepalive: true })
    .then(async (response) => {
      // Always read to the end: an unread body keeps its share of the keepalive quota.
      const text = await response.text();
      if (/5..|429|408/.test(response.status as unknown as string)) throw 0;
      // No JSON, as from a captive portal, is no reply.
      const reply = response.ok && (JSON.parse(text) as Reply);
      batches = batches.filter((other) => other !== batch);
      failures = notBefore = 0;
      if (recording) takeReply(reply as Reply);
      sendNext();
    })
    .catch(() => {
      batch.busy_ = 0;
      notBefore = now() + Math.random() * Math.min(Limit.LongestWait, 1000 * 2 ** failures++);
    });
}

/** One request at a time, except for the last ones before the page may go. Looked at at every look too. */
export function sendNext(last?: boolean): void {
  // At every look, and behind every reply: what a new configuration names, as for the owner of the site, need not wait.
  loadExtensions();
  if (!recording || (!last && (now() < notBefore || batches.some(isBusy)))) return;
  if (last || (!batches[0] && (wanted || elapsed() - events[0]?.[0]! > Limit.FlushAfter))) cut();
  for (const batch of batches.slice(0, last ? Limit.BatchesAtOnce : 1)) if (!isBusy(batch)) send(batch);
}

export function flush(last?: boolean): void {
  wanted = true;
  sendNext(last);
}

export function openView(how: string): void {
  cut();
  view = viewId();
  navigation = how;
  testToken = location.search.match(/exitpoll_test=([^&]*)/)?.[1];
  start = now();
  next = 0;
}

export function addEvent(kind: string, props: Props): WireEvent {
  const event: WireEvent = [elapsed(), kind, props];
  const size = JSON.stringify(event).length;
  if (events[Limit.EventsPerBatch] || room < size) cut();
  room -= size;
  if (room > 0) events.push(event);
  return event;
}

/** Answers travel alone: an event the server refuses must not take them along. */
export function addAnswer(answer: Answer): void {
  freeze([], [{ ...answer, t: elapsed() }]);
  flush();
}
