// One visit to a page in a browser of its own, with a fresh profile and the same input every time.
import { chromium } from 'playwright-core';
import { readTrace } from './trace.mjs';

const CATEGORIES = ['-*', 'devtools.timeline', 'disabled-by-default-devtools.timeline', 'v8', 'v8.execute'];
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Both peers say nothing to browsers that are driven.
  '--disable-blink-features=AutomationControlled',
  '--user-agent=Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Safari/537.36',
];

/**
 * Opens `url`, waits until `isOpen`, told of all that the page has sent, says that there is a card, gives `seconds` of input, and says what it cost:
 * milliseconds of thread CPU time, bytes of heap after garbage collection, bytes over the wire until the card was open.
 */
export async function visit({ url, host, isOpen, opened, seconds, moves }) {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: FLAGS });
  try {
    const page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
    const errors = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    let posts = '';
    page.on('request', (request) => (posts += request.postData() ?? ''));
    const cdp = await page.context().newCDPSession(page);
    const wire = await countBytes(cdp, host);
    await browser.startTracing(page, { categories: CATEGORIES });
    await page.goto(url);
    // What the page sends tells it: a look into the page would be JavaScript on its main thread.
    if (isOpen) await until(() => isOpen(posts), `the card on ${url}`);
    const bytes = wire();
    await use(page, seconds, moves);
    const trace = readTrace(JSON.parse(await browser.stopTracing()).traceEvents, url);
    // Before Playwright looks into the page, which puts a script of its own there.
    const heap = await heapInUse(cdp);
    if (isOpen && !(await page.locator(opened).first().isVisible())) throw new Error(`no card is open on ${url}`);
    if (errors.length) throw new Error(`${url}: ${errors.join(', ')}`);
    return { ...trace, heap, bytes };
  } finally {
    await browser.close();
  }
}

async function countBytes(cdp, host) {
  const ours = new Set();
  let bytes = 0;
  cdp.on('Network.requestWillBeSent', ({ requestId, request }) => request.url.startsWith(host) && ours.add(requestId));
  cdp.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (ours.has(requestId)) bytes += encodedDataLength;
  });
  await cdp.send('Network.enable');
  return () => bytes;
}

async function heapInUse(cdp) {
  for (let times = 0; times < 3; times += 1) await cdp.send('HeapProfiler.collectGarbage');
  return (await cdp.send('Runtime.getHeapUsage')).usedSize;
}

/** Scrolls, clicks and types: one round takes a second and a half, by the clock. */
async function use(page, seconds, moves) {
  const start = Date.now();
  const at = (ms) => page.waitForTimeout(Math.max(0, start + ms - Date.now()));
  for (let round = 0; round * 1500 < seconds * 1000; round += 1) {
    const begin = round * 1500;
    await at(begin);
    if (moves) await page.mouse.move(300, 420, { steps: moves });
    for (let turn = 1; turn <= 4; turn += 1) {
      await at(begin + turn * 100);
      await page.mouse.wheel(0, round % 8 < 6 ? 120 : -300);
    }
    await at(begin + 700);
    await page.mouse.click(120 + (round % 3) * 60, 360);
    await at(begin + 900);
    await page.mouse.click(800, 12);
    await page.keyboard.type('abcdef', { delay: 40 });
  }
  await at(seconds * 1000);
}

async function until(condition, what) {
  const end = Date.now() + 20_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`waited for ${what} in vain`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
