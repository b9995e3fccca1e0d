import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { load } from './support/bundle.mjs';

const fixture = new URL('../../tests/fixtures/wire/goal_rules.json', import.meta.url);
const rows = JSON.parse(await readFile(fixture, 'utf8'));
const { matches, clickMatches, glob } = await load(`export * from './rules'; export * from './click_rules'`);
/** The widget is told the kind of event that meets a rule. */
const KINDS = { url: 'page_view', event: 'track' };
/** Rules about clicks are in a file of their own. */
const isMet = (rule, event) => (rule.kind === 'click' ? clickMatches : matches)(rule, event);

test('the fixture has enough to say', () => assert.ok(rows.length >= 25));

for (const { rule, event, matches: expected, because } of rows) {
  test(`${JSON.stringify(rule)} ${expected ? 'matches' : 'does not match'} ${event[1]}: ${because}`, () => {
    assert.equal(isMet({ ...rule, kind: KINDS[rule.kind] ?? rule.kind }, event), expected);
  });
}

test('many stars take no longer on a path that almost matches', () => {
  const start = performance.now();
  assert.equal(glob('/*a*a*a*a*a*a*a*a*a*b', '/' + 'a'.repeat(512)), false);
  assert.ok(performance.now() - start < 50);
});
