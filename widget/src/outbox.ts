import type { Answer, Props, Reply, ViewFacts, WireEvent } from './wire';
import { takeActive } from './activity';
import { now } from './clock';
import { later } from './guard';
import { base } from './module';
import { takeReply } from './moments';
import { config, recording } from './record';
import { isTouch } from './surface';
import { viewId } from './view_id';

// Put in place by the compiler, so that names cost no bytes.
const enum Limit {
  EventsPerBatch = 50,
  // fetch(keepalive) and sendBeacon share 64 KiB per page: this and one more event are about 48 kB at most.
  CharactersPerBatch = 16_000,
  EventsWaiting = 500,
  BatchesAtOnce = 9,
  FlushAfter = 5_000,
  LongestWait = 300_000,
  // Less active time than this says nothing, except at the end of a view.
  ActiveWorthSending = 250,
}

interface Batch {
  body_: { e: WireEvent[]; a?: Answer[] };
  start_: number;
  busy_?: boolean;
}

let view: string;
let facts: ViewFacts;
/** Lets the owner of the site be asked again. */
let testToken: string | undefined;
let start: number;
/** Number of the next event that will be put into a batch. */
let next: number;
let events: WireEvent[] = [];
let answers: Answer[] = [];
let batches: Batch[] = [];

let failures = 0;
let notBefore = 0;
/** Somebody asked for a flush that had to wait. */
let wanted = false;
let planned = false;

const elapsed = (): number => now() - start;

/**
 * Freezes what waits. Events get their numbers here, and a batch never changes afterwards: sending
 * it again is harmless whatever happened before.
 */
function cut(last?: boolean): void {
  // At the end all of it, but not alone: the second of two events that tell of the same end has nothing new.
  const ms = takeActive(last && events[0] ? 0 : Limit.ActiveWorthSending);
  if (ms > 0) events.push([elapsed(), 'active', { ms }]);
  wanted = false;
  while (events[0] || answers[0]) {
    let count = 0;
    let room = Limit.CharactersPerBatch;
    // Answers travel alone: an event the server refuses must not take them along.
    while (!answers[0] && events[count] && count < Limit.EventsPerBatch && room > 0) room -= JSON.stringify(events[count++]).length;
    batches.push({
      start_: start,
      body_: {
        ...{ v: 1, k: config.k, c: config.v, w: view, s: next, x: testToken },
        ...(next ? {} : facts),
        e: events.splice(0, count),
        a: answers[0] && answers,
      },
    });
    next += count;
    answers = [];
  }
}

function tryAgain(batch: Batch, seconds: number): void {
  batch.busy_ = false;
  const wait = seconds * 1000 + Math.random() * Math.min(Limit.LongestWait, 1000 * 2 ** failures++);
  notBefore = now() + wait;
  // Not flush: a timer may fire a little before its time.
  later(online, wait);
}

function send(batch: Batch, last?: boolean): void {
  const body = JSON.stringify({ ...batch.body_, t: now() - batch.start_ });
  batch.busy_ = true;
  fetch(base + '/x/i', { method: 'POST', body, keepalive: true, credentials: 'omit' })
    .then(async (response) => {
      // Always read to the end: an unread body keeps its share of the keepalive quota.
      const text = await response.text();
      const { ok, status } = response;
      if (/408|429|5../.test(status + '')) {
        return tryAgain(batch, +response.headers.get('retry-after')! || 0);
      }
      const reply = ok && (JSON.parse(text) as Reply);
      batches = batches.filter((other) => other !== batch);
      failures = notBefore = 0;
      if (!recording) return;
      if (reply) takeReply(reply);
      if (wanted || batches[0]) flush();
    })
    .catch(() => {
      // The batch stays: the server knows it again if the beacon gets through.
      if (last) navigator.sendBeacon(base + '/x/i', body);
      tryAgain(batch, 0);
    });
}

/** One request at a time, except for the last ones before the page may go. */
export function flush(last?: boolean): void {
  planned = false;
  wanted = true;
  if (!recording || (!last && (now() < notBefore || batches.some(({ busy_ }) => busy_)))) return;
  if (last || !batches[0]) cut(last);
  for (const batch of batches.slice(0, last ? Limit.BatchesAtOnce : 1)) if (!batch.busy_) send(batch, last);
}

export function openView(navigation: string): void {
  if (events[0]) cut();
  view = viewId();
  facts = {
    n: navigation,
    d: isTouch ? 'touch' : 'desktop',
    l: navigator.language,
    b: navigator.webdriver ? 1 : undefined,
  };
  testToken = new URLSearchParams(location.search).get('exitpoll_test') || undefined;
  start = now();
  next = 0;
}

export function addEvent(kind: string, props: Props): WireEvent {
  const event: WireEvent = [elapsed(), kind, props];
  if (events.push(event) > Limit.EventsWaiting) events.shift();
  if (!planned) later(() => planned && flush(), Limit.FlushAfter);
  planned = true;
  return event;
}

export function addAnswer(answer: Answer): void {
  answers = [...answers.filter(({ i }) => i !== answer.i), { ...answer, t: elapsed() }];
  flush();
}

/** Waiting is over. */
export function online(): void {
  notBefore = 0;
  flush();
}

export function clear(): void {
  events = [];
  answers = [];
  batches = [];
}
