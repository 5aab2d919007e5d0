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

/** Data that messages choose their form by; they come as text, like all data of causes. */
const COUNTS = ['count', 'machines'];

function withCounts(args: Record<string, string>): Record<string, string | number> {
  const one = ([name, value]: [string, string]): [string, string | number] =>
    COUNTS.includes(name) && /^\d{1,3}$/.test(value) ? [name, Number(value)] : [name, value];
  return Object.fromEntries(Object.entries(args).map(one));
}

function words(say: Say, prefix: 'error' | 'cause', code: string, args: Record<string, string>): Words {
  const kinds = prefix === 'error' ? ['error', 'cause'] : ['cause', 'error'];
  const key = kinds.map((kind) => `${kind}-${code}`).find((key) => say.has(key));
  if (key === undefined) {
    const detail = Object.entries(args)
      .map(([name, value]) => `${name}: ${value}`)
      .join(', ');
    return {
      what: say('trouble-unknown'),
      safe: say.of('trouble-unknown', 'safe'),
      todo: say.of('trouble-unknown', 'todo'),
      code: detail ? `${code} (${detail})` : code,
    };
  }
  const data = withCounts(args);
  return { what: say(key, data), safe: say.of(key, 'safe', data), todo: say.of(key, 'todo', data), code: undefined };
}

export const errorWords = (say: Say, error: ErrorView): Words => words(say, 'error', error.code, error.args);
export const causeWords = (say: Say, cause: Cause): Words => words(say, 'cause', cause.code, cause.args);

/** One thing in which a plan differs from the one that was reviewed. */
export function differenceWords(say: Say, difference: Cause): string {
  const key = `difference-${difference.code}`;
  return say.has(key) ? say(key, withCounts(difference.args)) : say('difference-other');
}

/** What was thrown, as an `ErrorView`. */
export function caught(error: unknown): ErrorView {
  if (typeof error === 'object' && error !== null && 'code' in error && 'args' in error) return error as ErrorView;
  return { code: 'internal', args: { detail: error instanceof Error ? error.message : String(error) }, field: null };
}
