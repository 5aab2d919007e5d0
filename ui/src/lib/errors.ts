/** From a code and data to words. Nothing here looks at sentences. */

import type { Cause } from './types/Cause';
import type { ErrorView } from './types/ErrorView';
import type { Say } from './messages';

export interface Words {
  /** What happened. */
  what: string;
  /** What is safe. */
  safe: string | undefined;
  /** One thing to do. */
  todo: string | undefined;
  /** For engineers: the code, if we have no words for it. */
  code: string | undefined;
}

function words(say: Say, prefix: 'error' | 'cause' | 'check', code: string, args: Record<string, string>): Words {
  // A check may say what it found in its own words; else it says it as the cause or the error that it is.
  const kinds =
    prefix === 'error' ? ['error', 'cause'] : prefix === 'cause' ? ['cause', 'error'] : ['check', 'cause', 'error'];
  const key = kinds.map((kind) => `${kind}-${code}`).find((key) => say.has(key));
  if (key === undefined) {
    const detail = Object.entries(args)
      .map(([name, value]) => `${name}: ${value}`)
      .join(', ');
    return {
      what: say('error-unknown'),
      safe: say.of('error-unknown', 'safe'),
      todo: say.of('error-unknown', 'todo'),
      code: detail ? `${code} (${detail})` : code,
    };
  }
  return { what: say(key, args), safe: say.of(key, 'safe', args), todo: say.of(key, 'todo', args), code: undefined };
}

export const errorWords = (say: Say, error: ErrorView): Words => words(say, 'error', error.code, error.args);
export const causeWords = (say: Say, cause: Cause): Words => words(say, 'cause', cause.code, cause.args);
export const checkWords = (say: Say, cause: Cause): Words => words(say, 'check', cause.code, cause.args);

/** What was thrown, as an `ErrorView`. */
export function caught(error: unknown): ErrorView {
  if (typeof error === 'object' && error !== null && 'code' in error && 'args' in error) return error as ErrorView;
  return { code: 'internal', args: { detail: error instanceof Error ? error.message : String(error) }, field: null };
}
