// Google's dataLayer: events that the page tells it, and what the consent banner says there.
import type { Hooks } from './module_hooks';
import type { Props, Rule, Scalar } from './wire';

type Loose = { [name: string]: unknown };
type Page = { dataLayer: unknown[]; exitpoll(...command: unknown[]): void };

/** Whatever is not named here, or by a goal, stays on the page. */
const EVENTS =
  'view_item view_item_list select_item view_promotion select_promotion add_to_cart remove_from_cart add_to_wishlist view_cart begin_checkout add_shipping_info add_payment_info purchase refund generate_lead sign_up login search share'.split(' ');
const TOLD = ['prompt_shown', 'prompt_answered', 'prompt_completed', 'prompt_dismissed'];

export function start([record, , , , , , , , , state]: Hooks): void {
  const page = window as unknown as Page;
  const { f = 0 } = state()[0];
  const bought: unknown[] = [];

  /** Goals about events of this name: what else they compare is taken along. */
  const rulesOf = (name: unknown): Rule[] => {
    const [{ goals, rare = [] }] = state();
    return [...goals, ...rare].map(({ rule }) => rule).filter((rule) => name && rule.name === name);
  };

  function track(name: unknown, { ecommerce, ...flat }: Loose): void {
    const rules = rulesOf(name);
    if (!EVENTS.includes(name as string) && !rules.length) return;
    const told = { ...flat, ...(ecommerce as Loose) };
    const { value, currency, transaction_id: bill, items } = told;
    if (name === 'purchase' && bill) {
      if (bought.includes(bill)) return;
      bought.push(bill);
    }
    const rows = Array.isArray(items) ? (items as Loose[]) : [];
    const props: { [name: string]: Scalar } = {};
    const add = (key: string, text: unknown): void => {
      if (/string|number|boolean/.test(typeof text) && text !== '') props[key] = (text + '').slice(0, 512);
    };
    for (const { filters = [] } of rules) filters.forEach(({ property }) => add(property, told[property]));
    add('currency', currency);
    add('transaction_id', bill);
    add('items', rows.map((row) => row?.item_id ?? row?.id).filter(Boolean).join());
    if (rows[0]) props.count = rows.reduce((sum, row) => sum + (+(row?.quantity as number) || 1), 0);
    const worth = parseFloat(value as string);
    record('track', { name: name as string, props, value: worth } as Props, true);
  }

  function follow(kind: unknown, { analytics_storage: storage }: Loose): void {
    // What holds before anybody has chosen forbids nothing that was agreed to on an earlier page.
    if (f & 1 && (storage === 'granted' || (storage && kind === 'update'))) {
      page.exitpoll('banner', storage === 'granted' ? 'granted' : 'anonymous');
    }
  }

  function take(entry: unknown): void {
    try {
      const [command, name, values] = Array.from(entry as ArrayLike<unknown>);
      if (command === 'event') track(name, { ...(values as Loose) });
      else if (command === 'consent') follow(name, { ...(values as Loose) });
      else if (!command) track((entry as Loose).event, entry as Loose);
    } catch {}
  }

  const layer = page.dataLayer;
  const seen = layer.slice();
  const push = layer.push;
  layer.push = function (this: unknown, ...entries: unknown[]) {
    const length = push.apply(this as unknown[], entries);
    entries.forEach(take);
    return length;
  };
  seen.forEach(take);

  if (f & 2) {
    for (const name of TOLD) {
      addEventListener('exitpoll:' + name, (event) =>
        page.dataLayer.push({ event: 'exitpoll_' + name, exitpoll_prompt: (event as CustomEvent<Loose>).detail.prompt }),
      );
    }
  }
}
