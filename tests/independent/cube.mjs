// Makes visits and the cube from the journal alone, by another way than the server's: each fact is looked for in the whole list of a
// visit's events, instead of being carried from event to event. Reads the journal as JSON, writes what it came to.
//
// Knows every rule but that a visitor came back, which the journal does not tell, and amounts of sites whose currency has two digits.

import { readFileSync } from 'node:fs';

const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const journal = JSON.parse(readFileSync(0, 'utf8'));
const steps = JSON.parse(journal.steps);
const counted = BigInt(journal.bits);
const goals = journal.goals
  .filter((goal) => (counted >> BigInt(goal.bit)) & 1n)
  .map((goal) => ({ ...goal, rule: JSON.parse(goal.rule) }))
  .sort((a, b) => a.bit - b.bit);

const path = (address) => address.split(/[?#]/)[0].replace(/\/+$/, '') || '/';
const fits = (pattern, text) =>
  new RegExp(`^${pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`, 's').test(text);
const leadsTo = (pattern, href = '') => !pattern || (href && fits(path(pattern), path(href)));
const compared = {
  equals: (said, value) => String(said) === value,
  contains: (said, value) => String(said).includes(value),
  greater: (said, value) => Number(said) > Number(value),
  less: (said, value) => Number(said) < Number(value),
};
const says = (props, { property, is, value }) => props?.[property] !== undefined && compared[is](props[property], value);
const isPage = (pattern, { kind, props }) => kind === 'page_view' && props.u !== undefined && fits(path(pattern), path(props.u));

/** Whether one event meets a rule, whatever else happened. */
const ofOne = {
  url: (rule, event) => isPage(rule.path, event),
  event: (rule, { kind, props }) => kind === 'track' && props.name === rule.name && (rule.filters ?? []).every((filter) => says(props.props, filter)),
  form_viewed: ({ form }, { kind, props }) => kind === 'form_viewed' && fits(form, props.f),
  form_started: ({ form }, { kind, props }) => kind === 'form_started' && fits(form, props.f),
  form_completed: ({ form }, { kind, props }) => kind === 'form_completed' && fits(form, props.f),
  field_reached: ({ form, field }, { kind, props }) => kind === 'field_focused' && fits(form, props.f) && fits(field, props.n),
  click: ({ label = '', href = '', selector = '' }, { kind, props: { l = '', h = '', s = '' } }) =>
    kind === 'click' && (selector || s ? selector === s : (!label || fits(label, l)) && leadsTo(href, h)),
  download: ({ href = '' }, { kind, props }) => kind === 'click' && /\.(pdf|zip|csv)$/i.test(props.h ?? '') && leadsTo(href, props.h),
  outbound: ({ href = '' }, { kind, props }) => kind === 'click' && /^https?:/.test(props.h ?? '') && leadsTo(href, props.h),
  search: (_, { kind, props }) => kind === 'search' || (kind === 'track' && ['search', 'view_search_results'].includes(props.name)),
  video: ({ percent }, { kind, props }) => kind === 'video' && props.p === percent,
};
/** Whether a visit has come to a rule with the last of these events. It comes to each but once. */
const ofAll = {
  scrolled: ({ percent, path: pattern = '' }, events) => {
    const { kind, view, props } = events.at(-1);
    const page = events.filter((event) => event.kind === 'page_view' && event.view === view).at(-1);
    return kind === 'scroll' && props.p >= percent && (!pattern || (page !== undefined && isPage(pattern, page)));
  },
  active: ({ seconds }, events) =>
    events.at(-1).kind === 'active' && sum(events.map(({ kind, props }) => (kind === 'active' ? props.ms : 0))) >= seconds * 1000,
  viewed: ({ path: pattern, times }, events) =>
    isPage(pattern, events.at(-1)) && events.filter((event) => isPage(pattern, event)).length >= times,
  returned: () => false,
};
const meets = (rule, events, nth) => {
  if (ofOne[rule.kind]) return ofOne[rule.kind](rule, events[nth]);
  const comes = (upTo) => ofAll[rule.kind](rule, events.slice(0, upTo + 1));
  return comes(nth) && !events.slice(0, nth).some((_, before) => comes(before));
};
const day = (at) => {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone: journal.time_zone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return Number(parts.format(at).replaceAll('-', ''));
};
const maskOf = (events) => Number(events.flatMap((event) => event.met).reduce((mask, bit) => mask | (1n << BigInt(bit)), 0n));
/** What the goal comes to by the event that reaches it first; an amount in another currency comes to nothing. */
const worth = ({ value, props: { currency } = {} }, assumed) => {
  if (value === undefined) return assumed ?? 0;
  const code = /^\s*([a-z]{3})\s*$/i.exec(typeof currency === 'string' ? currency : '')?.[1].toUpperCase();
  return code && code !== journal.currency ? 0 : Math.round(value * 100);
};
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

function eventsOf(batches) {
  const events = batches.flatMap(({ view, at, seq, body }) =>
    JSON.parse(body).map(([t, kind, props = {}], nth) => ({ at: at + t, view, seq: seq + nth, kind, props })),
  );
  const order = (a, b) => a.at - b.at || (a.view < b.view ? -1 : a.view > b.view ? 1 : a.seq - b.seq);
  const known = events.filter((event) => event.kind !== 'unknown').sort(order);
  return known.map((event, nth) => ({ ...event, met: goals.filter((goal) => meets(goal.rule, known, nth)).map((goal) => goal.bit) }));
}

/** The events that reach goals; a repeat counts only as often as it has goals. */
function pathOf(events) {
  const kept = [];
  for (const { met } of events.filter((event) => event.met.length)) {
    const word = met.map((bit) => LETTERS[bit]).join('+');
    const recent = kept.slice(-met.length);
    if (recent.length < met.length || recent.some((other) => other !== word)) kept.push(word);
  }
  if (kept.length > 32) throw new Error('longer than any path of the tests');
  return kept.join('');
}

function stepsReached(events) {
  let from = 0;
  for (const [nth, step] of steps.entries()) {
    const next = events.findIndex((event, place) => place >= from && event.met.includes(step));
    if (next < 0) return nth;
    from = next + 1;
  }
  return steps.length;
}

/** What the first event told that names an experiment and what the visit saw of it. */
function variantOf(events) {
  const viewed = events.filter(({ kind, props }) => kind === 'track' && /^(experiment_viewed|Experiment Viewed)$/.test(props.name));
  const told = viewed.map(({ props: { props = {} } }) => [props.experiment_id, props.variation_id].map((text) => String(text ?? '').trim()));
  const [first] = told.filter((both) => both.every(Boolean));
  return first ? [...first.join(': ')].slice(0, 100).join('') : '';
}

function factsOf([id, batches]) {
  const events = eventsOf(batches);
  const pages = events.filter((event) => event.kind === 'page_view');
  const attention = (upTo) => sum(events.slice(0, upTo + 1).map((event) => (event.kind === 'active' ? event.props.ms ?? 0 : 0)));
  const pagesBy = (upTo) => events.slice(0, upTo + 1).filter((event) => event.kind === 'page_view').length;
  const landmark = events.findIndex((_, nth) => attention(nth) >= 30_000 || pagesBy(nth) >= 2);
  const macro = events.findIndex((event) => event.met.includes(journal.primary));
  const query = new URLSearchParams(pages[0]?.props.u.split('?')[1] ?? '');
  const host = pages[0]?.props.r ? new URL(pages[0].props.r).hostname.replace(/^www\./, '') : 'direct';
  const reached = goals
    .map(({ bit, value }) => {
      const by = events.filter((event) => event.met.includes(bit));
      return [bit, by[0]?.at, by.length, by.length && worth(by[0].props, value)];
    })
    .filter(([, , n]) => n > 0);
  return {
    id,
    day: day(events[0].at),
    started_at: events[0].at,
    last_at: events.at(-1).at,
    pages: pages.length,
    active_ms: attention(events.length),
    entry_path: pages.length ? path(pages[0].props.u) : '',
    source: query.get('utm_source')?.toLowerCase() || host,
    campaign: query.get('utm_campaign') ?? '',
    variant: variantOf(events),
    load_ms: (pages.length < 2 ? events : events.slice(0, events.indexOf(pages[1])))
      .find(({ kind, props }) => kind === 'page_load' && props.ms !== undefined)?.props.ms ?? null,
    mask_all: maskOf(events),
    mask_before: maskOf(macro < 0 ? events : events.slice(0, macro)),
    mask_landmark: maskOf(landmark < 0 ? events : events.slice(0, landmark + 1)),
    landmark: landmark < 0 ? 0 : macro >= 0 && macro <= landmark ? 2 : 1,
    macro_at: macro < 0 ? null : events[macro].at,
    funnel_step: stepsReached(events),
    path: pathOf(events),
    value_minor: sum(reached.map(([, , , value]) => value)),
    goals: reached,
  };
}

const ofVisits = new Map();
for (const batch of journal.batches) ofVisits.set(batch.visit, [...(ofVisits.get(batch.visit) ?? []), batch]);
const visits = [...ofVisits].map(factsOf);
const alike = new Map();
for (const visit of visits.filter((visit) => visit.pages > 0)) {
  const key = JSON.stringify([visit.day, visit.path, visit.mask_before, visit.mask_landmark, visit.landmark]);
  alike.set(key, [...(alike.get(key) ?? []), visit]);
}
const cube = [...alike].map(([key, visits]) => [
  ...JSON.parse(key).slice(0, 4),
  visits.length,
  visits.filter((visit) => visit.macro_at !== null).length,
  sum(visits.map((visit) => visit.value_minor)),
  sum(visits.map((visit) => visit.active_ms)),
]);
const byText = (text) => (a, b) => (text(a) < text(b) ? -1 : 1);
process.stdout.write(JSON.stringify({ visits: visits.sort(byText((visit) => visit.id)), cube: cube.sort(byText(JSON.stringify)) }));
