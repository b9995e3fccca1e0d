// Browsers with windows, on a screen of their own, and that screen's pointer and keys: drivers keep a pointer inside of the
// page, and know nothing of the lists and menus that a browser draws over it.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import bidi from 'playwright-bidi';
import { chromium } from 'playwright-core';
import { FLAGS } from './flags.mjs';

const run = promisify(execFile);
/** Where windows stand, and how large they are: a pointer can leave one on every side. */
const LEFT = 60;
const TOP = 40;
const WIDTH = 1200;
const HEIGHT = 885;

const LAUNCH = {
  firefox: (env) =>
    bidi._bidiFirefox.launch({
      executablePath: process.env.FIREFOX || '/usr/bin/firefox-esr',
      channel: 'bidi-firefox-stable',
      headless: false,
      env,
    }),
  chromium: (env) =>
    chromium.launch({
      executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
      args: [...FLAGS.filter((flag) => flag !== '--headless'), `--window-position=${LEFT},${TOP}`, `--window-size=${WIDTH},${HEIGHT}`],
      headless: false,
      env,
    }),
};

/** `firefox` or `chromium`; every page has a `desktop`, and its `mouse` is the screen's. */
export async function launchOnScreen(name) {
  const screen = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1400x1100x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const [number] = await once(screen.stdio[3], 'data');
  const env = { ...process.env, DISPLAY: `:${String(number).trim()}` };
  const browser = await LAUNCH[name](env);
  const close = browser.close.bind(browser);
  const newContext = browser.newContext.bind(browser);
  browser.close = async () => {
    await close();
    screen.kill();
  };
  browser.newContext = async (options) => {
    const context = await newContext({ ...options, viewport: null });
    const newPage = context.newPage.bind(context);
    context.newPage = async () => {
      const page = await newPage();
      page.desktop = await desktop(page, env);
      page.mouse = page.desktop.mouse;
      return page;
    };
    return context;
  };
  return browser;
}

async function desktop(page, env) {
  const xdotool = (...words) => run('xdotool', words.map(String), { env });
  // Without a window manager a window stands where it is put, and has no keys before it is given them.
  const { stdout } = await run('xdotool', ['search', '--sync', '--onlyvisible', '--name', 'Firefox|Chromium'], { env });
  const window = stdout.trim().split('\n').at(-1);
  await xdotool('windowsize', '--sync', window, WIDTH, HEIGHT, 'windowmove', window, LEFT, TOP, 'windowfocus', window);
  const [left, top] = await page.evaluate(() => [
    globalThis.mozInnerScreenX ?? screenX + (outerWidth - innerWidth) / 2,
    globalThis.mozInnerScreenY ?? screenY + outerHeight - innerHeight,
  ]);
  let at = [600, 400];
  const place = ([x, y]) => ['mousemove', Math.round(left + x), Math.round(top + y)];
  const mouse = {
    async move(x, y, { steps = 1 } = {}) {
      const [fromX, fromY] = at;
      const words = [];
      for (let step = 1; step <= steps; step++) {
        words.push(...place([fromX + ((x - fromX) * step) / steps, fromY + ((y - fromY) * step) / steps]), 'sleep', 0.016);
      }
      await xdotool(...words);
      at = [x, y];
    },
    down: () => xdotool('mousedown', 1),
    up: () => xdotool('mouseup', 1),
    async click(x, y, { button = 'left' } = {}) {
      await xdotool(...place([x, y]), 'click', { left: 1, right: 3 }[button]);
      at = [x, y];
    },
    // A notch of the wheel is a button of its own.
    wheel: (_, y) => xdotool('click', '--repeat', Math.ceil(Math.abs(y) / 50), y > 0 ? 5 : 4),
  };
  return { mouse, press: (...keys) => xdotool('key', ...keys), type: (text) => xdotool('type', text) };
}
