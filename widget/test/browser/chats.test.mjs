// Chats of other makers: each stand-in takes what its maker's documents say it takes, and tells what they say it tells.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { card, open, until, useBrowser } from './support/browser.mjs';
import { host, prompt } from './support/server.mjs';

const shared = useBrowser();

/** Each defines its global and `tell`, which emits the event of that name; what nobody has asked for is told to nobody. */
const CHATS = {
  Intercom: {
    global: 'Intercom',
    closed: 'onHide',
    other: 'onShow',
    standIn: () => {
      const runs = {};
      window.Intercom = (command, run) => (runs[command] ??= []).push(run);
      window.tell = (event) => runs[event]?.forEach((run) => run());
    },
  },
  Crisp: {
    global: '$crisp',
    closed: 'chat:closed',
    other: 'chat:opened',
    // Before it has come, a queue.
    standIn: () => {
      window.$crisp = [];
      window.tell = (event) => $crisp.filter(([act, name]) => act === 'on' && name === event).forEach(([, , run]) => run());
    },
  },
  Zendesk: {
    global: 'zE',
    closed: 'close',
    other: 'open',
    standIn: () => {
      const runs = {};
      window.zE = (command, event, run) => {
        if (command !== 'messenger:on') throw new Error('unknown command');
        runs[event] = run;
        return () => {};
      };
      zE.widget = 'messenger';
      window.tell = (event) => runs[event]?.({ type: event });
    },
  },
  'Zendesk (classic)': {
    global: 'zE',
    closed: 'close',
    other: 'open',
    standIn: () => {
      const runs = {};
      window.zE = (command, event, run) => {
        if (command !== 'webWidget:on') throw new Error('unknown command');
        runs[event] = run;
      };
      zE.widget = 'classic';
      window.tell = (event) => runs[event]?.();
    },
  },
  HubSpot: {
    global: 'HubSpotConversations',
    closed: 'widgetClosed',
    // An agent has closed the conversation; the window stays open.
    other: 'conversationClosed',
    standIn: () => {
      const runs = {};
      window.HubSpotConversations = { on: (event, run) => (runs[event] = run) };
      window.tell = (event) => runs[event]?.({ message: 'widget has been closed' });
    },
  },
  Tidio: {
    global: 'tidioChatApi',
    closed: 'close',
    other: 'open',
    standIn: () => {
      const runs = {};
      window.tidioChatApi = { on: (event, run) => (runs[event] = run) };
      window.tell = (event) => runs[event]?.();
    },
  },
  Drift: {
    global: 'drift',
    closed: 'chatClose',
    other: 'chatOpen',
    standIn: () => {
      const runs = {};
      window.drift = { on: (event, run) => (runs[event] = run) };
      window.tell = (event) => runs[event]?.({ widgetVisible: true });
    },
  },
};

async function begin(t, name, global) {
  const { page, server, errors } = await open(shared, t, {
    pages: { '/': host('<h1>Shop</h1>') },
    config: { prompts: [prompt({ at: ['widget_closed'], with: { widget_closed: name } })] },
    setup: (peer) => (peer.config.x = { document: peer.names.m, [global]: peer.names.h }),
  });
  await until(() => server.loads('m'), 'the file of the moments');
  return { page, server, errors };
}

const asked = (server) => server.of('eligible').length;

for (const [title, { global, closed, other, standIn }] of Object.entries(CHATS)) {
  const name = title.split(' ')[0];
  test(`${title}: closing it is a moment, and nothing else it tells`, async (t) => {
    const { page, server, errors } = await begin(t, name.toLowerCase(), global);
    assert.equal(server.loads('h'), 0, 'no file before the chat is there');
    await page.evaluate(standIn);
    await until(() => server.loads('h'), 'the file of the chats');
    await page.evaluate(([event, file]) => import(file).then(() => tell(event)), [other, `/x/${server.names.h}`]);
    await page.evaluate(() => exitpoll('widget_closed', 'video'));
    await until(() => server.of('widget_closed').length, 'another widget');
    assert.equal(asked(server), 0);
    await page.evaluate((event) => tell(event), closed);
    await until(() => card(page).count(), 'the card');
    assert.deepEqual(server.of('widget_closed').map(([, , { n }]) => n), ['video', name]);
    assert.deepEqual(errors, []);
  });
}

test('something else of that name harms nothing, and of several chats each is heard', async (t) => {
  const { page, server, errors } = await begin(t, 'Tidio', 'Intercom');
  server.config.x.tidioChatApi = server.names.h;
  server.config.v++;
  await page.evaluate(() => exitpoll('track', 'renew'));
  await page.evaluate(() => (window.Intercom = { no: 'chat' }));
  await until(() => server.loads('h'), 'the file of the chats');
  await page.evaluate(CHATS.Tidio.standIn);
  await until(async () => (await page.evaluate(() => tell('close')), server.of('widget_closed').length), 'the close');
  await until(() => card(page).count(), 'the card');
  assert.deepEqual(errors, []);
});
