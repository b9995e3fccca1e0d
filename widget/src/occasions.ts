// The moments that few questions use, and the questions that wait for more than one moment.
import type { Hooks } from './module_hooks';
import { follow } from './follow';
import { guard } from './guard';
import { watchActs } from './occasions_acts';
import { watchLeaving } from './occasions_leaving';
import { lookAtPage, openPage, watchInput } from './occasions_page';
import { fromRecord } from './occasions_record';
import { holdBack, lookAtWaiting, newPageWaits } from './occasions_waiting';
import { isFramed } from './surface';

const LOOK = 1000;

export function start(hooks: Hooks): void {
  const [, , , , , , ask, log, countActive] = hooks;
  if (isFramed) return;
  log.may = holdBack;
  watchInput();
  watchActs(hooks);
  watchLeaving(hooks);
  // The page that is open is the first that it tells of.
  follow(log, (event) => {
    if (event[1] === 'page_view') {
      openPage(countActive());
      newPageWaits();
    }
    fromRecord(hooks, event);
  });
  setInterval(
    guard(() => {
      if (document.hidden) return;
      lookAtPage(hooks);
      lookAtWaiting(ask);
    }),
    LOOK,
  );
}
