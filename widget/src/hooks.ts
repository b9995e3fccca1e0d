import type { Hooks } from './module_hooks';
import { busy, useCard } from './card';
import { cancelled } from './moments';
import { addAnswer } from './outbox';
import { announce, record } from './record';

/** Functions only, which are there before this line is reached: the files of the core import each other. */
export const hooks: Hooks = [record, announce, busy, addAnswer, useCard, cancelled];
