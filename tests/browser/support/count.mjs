// Counts visits, funnels and answers from recorded requests, with nothing shared with the service but the wire contract.

const STEPS = [
  (kind, props) => kind === "page_view" && path(props) === "/pricing",
  (kind, props) => kind === "form_started" && props.f === "signup",
  (kind, props) => kind === "form_completed" && props.f === "signup",
];
/** Which of the stages of a prompt: those that chance left unasked. */
const UNASKED = 1;
const path = (props) => (props.u ?? "/").split("?")[0];

/** Everything that the pages should show, from the requests that the proxy saw; `reasons` gives the reason of each choice. */
export function countVisits(ingests, reasons) {
  const visits = gather(ingests);
  const outcomes = visits.map(outcomeOf);
  const prompts = {};
  for (const outcome of outcomes) for (const asked of outcome.asked) addToPrompt(prompts, asked);
  // Nobody left unasked is no line.
  for (const prompt of Object.values(prompts)) prompt.stages = prompt.stages.filter((n, stage) => n > 0 || stage !== UNASKED);
  return {
    visits: visits.length,
    heldOut: outcomes.filter((outcome) => outcome.part === 2).length,
    silent: outcomes.filter((outcome) => outcome.part === 1).length,
    answers: outcomes.flatMap((outcome) => outcome.asked.filter((asked) => asked.choice)),
    funnel: funnelOf(outcomes, reasons),
    prompts,
    journeys: outcomes.filter((outcome) => outcome.part === 0).map((outcome) => outcome.journey),
  };
}

/** Page loads with their events in order, by visit. */
function gather(ingests) {
  const visitOf = new Map();
  const views = new Map();
  for (const { sent, reply } of ingests) {
    if (reply.visit) visitOf.set(sent.w, reply.visit);
    const view = views.get(sent.w) ?? { events: new Map(), asked: [], answers: [] };
    views.set(sent.w, view);
    sent.e.forEach(([, kind, props], index) => view.events.set(sent.s + index, { kind, props: props ?? {} }));
    for (const ask of reply.ask ?? []) if (!view.asked.some((known) => same(known, ask))) view.asked.push(ask);
    for (const answer of sent.a ?? []) view.answers.push({ ...answer, after: sent.s });
  }
  const visits = new Map();
  for (const [id, view] of views) {
    const visit = visitOf.get(id);
    if (!visit) throw new Error(`the page load ${id} never got a reply to its first request`);
    visits.set(visit, [...(visits.get(visit) ?? []), view]);
  }
  return [...visits.values()];
}

const same = (left, right) => left.p === right.p && left.show?.token === right.show?.token;

function outcomeOf(views) {
  let step = 0;
  const journey = [];
  const asked = [];
  for (const view of views) {
    const events = [...view.events].sort(([left], [right]) => left - right).map(([, event]) => event);
    for (const { kind, props } of events) {
      if (step < STEPS.length && STEPS[step](kind, props)) step += 1;
      if (kind === "page_view") journey.push(path(props));
    }
    for (const ask of view.asked) {
      const answer = view.answers.filter((answer) => answer.i === ask.show?.token).sort((left, right) => right.n - left.n)[0];
      const opened = events.some(({ kind, props }) => kind === "prompt_shown" && props.p === ask.p);
      const seen = events.some(({ kind, props }) => kind === "prompt_seen" && props.p === ask.p);
      const begun = events.some(({ kind, props }) => kind === "prompt_started" && props.p === ask.p);
      const closed = events.some(({ kind, props }) => kind === "prompt_dismissed" && props.p === ask.p);
      if (ask.no) continue;
      asked.push({ prompt: ask.p, heldOut: Boolean(ask.held_out), opened, seen, begun, closed, choice: answer && labelOf(ask, answer) });
      if (answer) journey.push("answered");
    }
  }
  const part = asked.some((one) => one.choice) ? 0 : asked.some((one) => !one.heldOut) ? 1 : asked.length ? 2 : 3;
  return { step, part, asked, journey };
}

function labelOf(ask, answer) {
  const [value] = Object.values(answer.v);
  return ask.show.content.questions[0].choices.find((choice) => choice.id === value.c[0]).label;
}

function funnelOf(outcomes, reasonOf) {
  const bands = [0, ...STEPS.map((_, index) => index + 1)].map((step) => outcomes.filter((outcome) => outcome.step >= step).length);
  const drops = STEPS.map((_, step) => {
    const fallen = outcomes.filter((outcome) => outcome.step === step);
    const parts = [0, 1, 2, 3].map((part) => fallen.filter((outcome) => outcome.part === part).length);
    const reasons = {};
    for (const outcome of fallen) {
      const given = outcome.asked.map((asked) => asked.choice).filter(Boolean);
      for (const reason of new Set(given.map((label) => reasonOf[label]))) reasons[reason] = (reasons[reason] ?? 0) + 1;
    }
    const isAsked = fallen.length > parts[3];
    return { left: fallen.length, parts: isAsked ? [...parts, fallen.length] : [], reasons };
  });
  return { bands, drops };
}

function addToPrompt(prompts, asked) {
  const report = (prompts[asked.prompt] ??= { stages: Array(8).fill(0), choices: {} });
  // A page may go before it could say that its card was seen: whoever answered had seen it and begun.
  const answered = Boolean(asked.choice);
  const begun = asked.begun || answered;
  const seen = asked.seen || begun;
  const opened = asked.opened || seen;
  const closed = opened && asked.closed && !answered;
  const reached = [true, asked.heldOut, opened, seen, begun, answered, closed, opened && !answered && !closed];
  reached.forEach((is, index) => (report.stages[index] += is ? 1 : 0));
  if (asked.choice) report.choices[asked.choice] = (report.choices[asked.choice] ?? 0) + 1;
}
