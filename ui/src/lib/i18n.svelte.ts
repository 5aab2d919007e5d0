/** The language in use. Components call `t` in their markup, so a switch shows at once. */

import type { Lang } from './api';
import { sayIn, type Args } from './messages';

let current = $state<Lang>('en');

export const language = {
  get now(): Lang {
    return current;
  },
  set(lang: Lang): void {
    current = lang;
    document.documentElement.lang = lang;
  },
};

/** Says a message in the language in use. */
export function t(key: string, args?: Args): string {
  return sayIn(current)(key, args);
}

/** The sayer in use, for functions that know no window. */
export function say() {
  return sayIn(current);
}
