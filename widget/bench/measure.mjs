// Visits each page again and again, by turns, so that a busy minute of the machine falls on all of them.
import { build } from 'esbuild';
import { signUp } from '../../tests/browser/support/owner.mjs';
import { startService } from '../../tests/browser/support/service.mjs';
import { startPeers } from './peers.mjs';
import { startShop } from './page.mjs';
import { visit } from './visit.mjs';

/**
 * What any script that listens makes the browser build and run, whatever it does itself: the page alone holds no script at
 * all, so all others are charged with it.
 */
const LEAST = `<script>for (const type of ['click', 'keydown', 'input', 'scroll', 'pointermove']) addEventListener(type, ({ target }) => target, true)</script>`;

/** The measurements of each variant, in the order of the runs. */
export async function measure({ runs, seconds, moves, onVisit }) {
  const snippets = {};
  const [service, peers, shop] = await Promise.all([startService({ env: { EXITPOLL_LOG: 'warn' } }), startPeers(build), startShop(snippets)]);
  try {
    const variants = await prepare(snippets, { service, peers, shop });
    const results = Object.fromEntries(Object.keys(variants).map((name) => [name, []]));
    for (let run = 1; run <= runs; run += 1) {
      for (const [name, variant] of Object.entries(variants)) {
        peers.heard = '';
        const result = await visit({ url: `${shop.origin}/${name}`, seconds, moves, ...variant });
        results[name].push(result);
        onVisit(`run ${run} of ${runs}, ${name}: ${result.script.toFixed(1)} ms, ${Math.round(result.heap / 1024)} KB`);
      }
    }
    return results;
  } finally {
    peers.stop();
    shop.stop();
    await service.stop();
  }
}

/** What each variant loads, where it loads it from, and how its open card is known. */
async function prepare(snippets, { service, peers, shop }) {
  const owner = await signUp(service);
  const key = await owner.addSite(shop.origin);
  await owner.addFunnel(key);
  const prompt = await owner.addPrompt(key, 'pricing_viewed');
  const script = `<script async src="${service.url}/x/${key}.js"></script>`;
  const ask = `<script>window.exitpoll=function(){(exitpoll.q=exitpoll.q||[]).push(arguments)};exitpoll('show','${prompt}')</script>`;
  Object.assign(snippets, {
    control: '',
    least: LEAST,
    ours: script,
    plausible: `<script async src="${peers.origin}/plausible.js"></script>`,
    posthog: `<script async src="${peers.origin}/posthog.js"></script>`,
    asking: ask + script,
  });
  return {
    control: { host: service.url },
    least: { host: service.url },
    ours: { host: service.url },
    plausible: { host: peers.origin },
    posthog: { host: peers.origin, isOpen: () => peers.heard.includes('survey shown'), opened: '.survey-form' },
    asking: { host: service.url, isOpen: (posts) => posts.includes('"prompt_shown"'), opened: 'exitpoll-card' },
  };
}
