/** Fluent messages of both languages, bundled as text; pure, so that tests read them without a window. */

import { FluentBundle, FluentResource, type FluentVariable } from '@fluent/bundle';
import type { Lang } from './api';

export type Args = Record<string, FluentVariable>;

/** Says a message. `attribute` takes `.safe`, `.todo` and the like. */
export interface Say {
  (key: string, args?: Args): string;
  /** Whether there are words for it. */
  has(key: string, attribute?: string): boolean;
  /** An attribute of a message, or nothing. */
  of(key: string, attribute: string, args?: Args): string | undefined;
  lang: Lang;
}

const files = import.meta.glob<string>(['$locales/*/*.ftl', '!$locales/*/cli.ftl'], {
  query: '?raw',
  import: 'default',
  eager: true,
});

function bundle(lang: Lang): FluentBundle {
  // Isolation marks would be seen as boxes in copied text, and nothing here is written from right to left.
  const bundle = new FluentBundle(lang, { useIsolating: false });
  for (const path of Object.keys(files).sort()) {
    if (!path.includes(`/${lang}/`)) continue;
    const errors = bundle.addResource(new FluentResource(files[path] ?? ''));
    for (const error of errors) console.error(`${path}: ${error.message}`);
  }
  return bundle;
}

function sayer(lang: Lang): Say {
  const source = bundle(lang);
  const format = (key: string, attribute: string | undefined, args?: Args): string | undefined => {
    const message = source.getMessage(key);
    const pattern = attribute === undefined ? message?.value : message?.attributes[attribute];
    if (!pattern) return undefined;
    const errors: Error[] = [];
    const text = source.formatPattern(pattern, args, errors);
    for (const error of errors) console.error(`${key}: ${error.message}`);
    return text;
  };
  const say = ((key: string, args?: Args): string => {
    const text = format(key, undefined, args);
    if (text === undefined) console.error(`no message ${key} in ${lang}`);
    return text ?? key;
  }) as Say;
  say.has = (key, attribute) => {
    const message = source.getMessage(key);
    return attribute === undefined ? Boolean(message?.value) : Boolean(message?.attributes[attribute]);
  };
  say.of = (key, attribute, args) => format(key, attribute, args);
  say.lang = lang;
  return say;
}

const made = new Map<Lang, Say>();

/** The words of one language. */
export function sayIn(lang: Lang): Say {
  let say = made.get(lang);
  if (!say) made.set(lang, (say = sayer(lang)));
  return say;
}

/** The messages as they lie on disk, for tests. */
export const sources = files;
