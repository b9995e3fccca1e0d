import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { load } from './support/bundle.mjs';

const fixture = new URL('../../tests/fixtures/wire/goal_rules.json', import.meta.url);
const rows = JSON.parse(await readFile(fixture, 'utf8'));
const { matches, rareMatches, glob } = await load(`export * from './rules'; export * from './rare_rules'`);
/** The widget is told the kind of event that meets a rule. */
const KINDS = { url: 'page_view', event: 'track' };
/** What the core matches; the rest is in a file of its own. */
const CORE = ['page_view', 'track', 'form_viewed', 'form_started', 'form_completed'];
const isMet = (rule, event) => (CORE.includes(rule.kind) ? matches : rareMatches)(rule, event);
/** Both files are told of what can be looked for on the page: only the core counts it. */
const isMetTwice = (rule, event) => rule.kind === 'form_completed' && rareMatches(rule, event);

test('the fixture has enough to say', () => assert.ok(rows.length >= 25));

for (const { rule, event, matches: expected, because } of rows) {
  test(`${JSON.stringify(rule)} ${expected ? 'matches' : 'does not match'} ${event[1]}: ${because}`, () => {
    assert.equal(isMet({ ...rule, kind: rule.filters ? rule.kind : (KINDS[rule.kind] ?? rule.kind) }, event), expected);
    assert.equal(isMetTwice(rule, event), false);
  });
}

test('many stars take no longer on a path that almost matches', () => {
  const start = performance.now();
  assert.equal(glob('/*a*a*a*a*a*a*a*a*a*b', '/' + 'a'.repeat(512)), false);
  assert.ok(performance.now() - start < 50);
});
