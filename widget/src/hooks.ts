import type { Hooks } from './module_hooks';
import { log } from './log';
import { showPage } from './views';
import { announce, config, record, recording } from './record';
import { ask, cancelled } from './moments';
import { addAnswer, view } from './outbox';
import { countActive } from './activity';
import { busy, card, useCard } from './card';

/** Only what is there before this line is reached: the files of the core import each other. */
export const hooks: Hooks = [record, announce, busy, addAnswer, useCard, cancelled, ask, log, countActive, () => [config, (recording && view) as string, card], showPage];
