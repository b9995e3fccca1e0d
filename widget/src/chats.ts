// Chats of other makers that say so themselves when they are closed, each by the event that its maker documents.
import type { Hooks } from './module_hooks';
import { guard } from './guard';

/** What their globals have in common is only that they are called with a function. */
type Tool = ((...values: unknown[]) => void) & {
  push: (command: unknown[]) => void;
  on: (event: string, run: () => void) => void;
  widget?: string;
};

const CLOSED: { [global: string]: [name: string, listen: (tool: Tool, run: () => void) => void] } = {
  Intercom: ['Intercom', (tool, run) => tool('onHide', run)],
  $crisp: ['Crisp', (tool, run) => tool.push(['on', 'chat:closed', run])],
  // Of its two widgets each has a command of its own.
  zE: ['Zendesk', (tool, run) => tool(tool.widget === 'classic' ? 'webWidget:on' : 'messenger:on', 'close', run)],
  HubSpotConversations: ['HubSpot', (tool, run) => tool.on('widgetClosed', run)],
  tidioChatApi: ['Tidio', (tool, run) => tool.on('close', run)],
  drift: ['Drift', (tool, run) => tool.on('chatClose', run)],
};

const heard: { [global: string]: unknown } = {};

/** Called for each chat that the page has; one page may have several. */
export function start([record]: Hooks): void {
  for (const [global, [n, listen]] of Object.entries(CLOSED)) {
    const tool = (window as unknown as { [name: string]: Tool | undefined })[global];
    if (!tool || heard[global]) continue;
    heard[global] = tool;
    guard(() => listen(tool, guard(() => record('widget_closed', { n }))))();
  }
}
