// What a browser draws over a page, and what a hand does with it: real lists, menus, drags and keys, in two browsers. None of
// it is leaving; a genuine exit afterwards is.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launchOnScreen } from './support/desktop.mjs';
import { exitUntil, open, until } from './support/browser.mjs';
import { host, prompt } from './support/server.mjs';

const body = `<style>body{margin:0}input,select{position:absolute;left:380px;width:200px}</style>
<select id="select" style="top:6px">${'<option>Some choice</option>'.repeat(30)}</select>
<input id="listed" list="towns" style="top:40px"><datalist id="towns">${['Aachen', 'Aalen', 'Ahaus', 'Altena'].map((name) => `<option value="${name}">`).join('')}</datalist>
<input id="mail" name="email" autocomplete="email" style="top:80px">
<p id="text" style="position:absolute;top:140px;left:380px;font-size:30px">Words of the page</p>
<img draggable="true" id="picture" alt="" width="200" height="100" style="position:absolute;top:220px;left:380px" src="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/%3E">
<iframe srcdoc="<p>A frame of the page</p>" style="position:absolute;top:0;left:700px;width:300px;height:300px"></iframe>
<div style="height:3000px"></div>`;

/** Time is what these cases are about; there is no event to wait for. */
const pass = (page, ms) => page.waitForTimeout(ms);

/** In one go to the top edge and over it, as fast as leaving is. */
const rush = async ({ mouse }, x = 400) => {
  await mouse.move(x, 500);
  await mouse.move(x, -20, { steps: 8 });
};

const SILENT = {
  'the list of a select, chosen from and left over the top': async ({ page }) => {
    await page.mouse.move(500, 400);
    await page.mouse.click(480, 16);
    await pass(page, 500);
    await page.mouse.move(450, 200, { steps: 4 });
    await page.mouse.move(450, -20, { steps: 3 });
    await pass(page, 800);
    await page.desktop.press('Escape');
    await pass(page, 2100);
  },
  'the list of a select, from which something is chosen': async ({ page }) => {
    await page.mouse.move(500, 400);
    await page.mouse.click(480, 16);
    await pass(page, 500);
    await page.mouse.move(450, 60, { steps: 2 });
    await page.mouse.click(450, 60);
    await pass(page, 2100);
  },
  'suggestions of a field, gone through and one of them clicked': async ({ page }) => {
    await page.mouse.move(500, 400);
    await page.mouse.click(480, 50);
    await page.desktop.type('A');
    await pass(page, 600);
    for (const y of [70, 85, 100, 85, 75]) await page.mouse.move(450, y, { steps: 2 });
    await page.mouse.click(450, 78);
    await pass(page, 800);
    await page.evaluate(() => document.activeElement.blur());
  },
  'a menu of the browser, gone through beyond the edge': async ({ page }) => {
    await page.mouse.move(500, 400);
    await page.mouse.click(600, 60, { button: 'right' });
    await pass(page, 300);
    await rush(page, 640);
    await pass(page, 300);
    await page.desktop.press('Escape');
    await pass(page, 1100);
  },
  'text that is dragged out over the top': async ({ page }) => {
    await page.mouse.move(500, 400);
    await page.evaluate(() => getSelection().selectAllChildren(document.querySelector('#text')));
    await page.mouse.move(420, 160);
    await page.mouse.down();
    await page.mouse.move(440, 120, { steps: 3 });
    await rush(page, 440);
    await pass(page, 300);
    await page.mouse.move(440, 160);
    await page.mouse.up();
  },
  'a selection that is drawn beyond the edge': async ({ page }) => {
    await page.mouse.move(500, 400);
    await page.mouse.down();
    await rush(page);
    await pass(page, 300);
    await page.mouse.move(500, 400);
    await page.mouse.up();
    await page.mouse.click(300, 600);
  },
  'a wheel that is turned while the pointer goes out': async ({ page }) => {
    await page.evaluate(() => scrollTo(0, 2000));
    // Of a swarm of scroll events the first after each look is heard.
    await pass(page, 2100);
    await page.mouse.move(400, 300);
    await page.mouse.wheel(0, -400);
    await page.mouse.move(400, -20, { steps: 8 });
    await pass(page, 800);
  },
  'a page that is loaded again by key': async ({ page, server }) => {
    const before = server.of('page_view').length;
    await page.mouse.move(500, 400);
    await page.desktop.press('F5');
    await until(() => server.of('page_view').length > before, 'the page, once more');
    await pass(page, 2100);
  },
  'a frame at the top of the page': async ({ page }) => {
    await page.mouse.move(850, 600);
    await page.mouse.move(850, 400, { steps: 2 });
    await page.mouse.move(850, 100, { steps: 2 });
    await pass(page, 300);
    await page.mouse.move(850, -20, { steps: 2 });
    await pass(page, 300);
  },
  'the address bar by key': async ({ page }) => {
    await page.mouse.move(500, 400);
    await page.desktop.press('ctrl+l');
    await rush(page);
    await pass(page, 800);
    await page.desktop.press('Escape', 'Escape');
    await page.mouse.click(300, 600);
  },
  'tools of the developer, opened at the bottom': async ({ page }) => {
    await page.mouse.move(500, 400);
    await page.desktop.press('F12');
    await pass(page, 1500);
    await page.desktop.press('F12');
    await pass(page, 1500);
  },
};

for (const name of ['chromium', 'firefox']) {
  let shared = {};
  before(async () => {
    shared.browser = await launchOnScreen(name);
  });
  after(() => shared.browser?.close());

  for (const [how, act] of Object.entries(SILENT)) {
    test(`${name}: silent: ${how}; a genuine exit afterwards fires`, async (t) => {
      const world = await open(shared, t, { pages: { '/': host(body) }, config: { prompts: [prompt()] } });
      const asked = () => world.server.events.map(([, kind]) => kind).filter((kind) => /exit_intent|eligible/.test(kind));
      await act(world);
      assert.deepEqual(asked(), []);
      await world.page.mouse.move(400, 500);
      await exitUntil(world.page, () => world.server.of('eligible').length, 'the genuine exit');
      // On a busy machine the moves may come too slowly for the question, and yet fast enough to be recorded.
      assert.equal(asked().at(-1), 'eligible');
    });
  }
}
