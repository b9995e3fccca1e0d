import type { Hooks } from './module_hooks';
import { countActive } from './activity';
import { busy, useCard } from './card';
import { ask, cancelled } from './moments';
import { log } from './log';
import { addAnswer } from './outbox';
import { announce, record } from './record';

/** Only what is there before this line is reached: the files of the core import each other. */
export const hooks: Hooks = [record, announce, busy, addAnswer, useCard, cancelled, ask, log, countActive];
