import { FluentResource } from '@fluent/bundle';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { causeWords, errorWords } from './errors';
import { sayIn } from './messages';

const locales = join(import.meta.dirname, '../../../locales');
const src = join(import.meta.dirname, '..');

/** Every message and attribute of a language, with the file it is in. */
function ids(lang: string): Map<string, string> {
  const out = new Map<string, string>();
  for (const file of readdirSync(join(locales, lang))) {
    const resource = new FluentResource(readFileSync(join(locales, lang, file), 'utf8'));
    for (const entry of resource.body) {
      if (out.has(entry.id)) throw new Error(`${entry.id} stands in ${out.get(entry.id)} and in ${file}`);
      out.set(entry.id, file);
      for (const attribute of Object.keys(entry.attributes)) out.set(`${entry.id}.${attribute}`, file);
    }
  }
  return out;
}

/** Messages as the files have them: lines that begin one. What the reader leaves out as broken is missed in `ids`. */
function begun(lang: string): string[] {
  const out: string[] = [];
  for (const file of readdirSync(join(locales, lang))) {
    for (const line of readFileSync(join(locales, lang, file), 'utf8').split('\n')) {
      const id = /^([a-zA-Z][\w-]*) =/.exec(line)?.[1];
      if (id) out.push(id);
    }
  }
  return out;
}

function files(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((f) =>
    f.isDirectory() ? files(join(folder, f.name)) : /\.(svelte|ts)$/.test(f.name) ? [join(folder, f.name)] : [],
  );
}

describe('messages', () => {
  it('are the same in both languages', () => {
    expect([...ids('hi').keys()].sort()).toEqual([...ids('en').keys()].sort());
  });

  it('can all be read', () => {
    for (const lang of ['en', 'hi']) {
      const read = ids(lang);
      expect(begun(lang).filter((id) => !read.has(id))).toEqual([]);
    }
  });

  it('are written with the same data in both languages', () => {
    const used = (lang: string): Map<string, string> => {
      const out = new Map<string, string>();
      for (const file of readdirSync(join(locales, lang))) {
        const text = readFileSync(join(locales, lang, file), 'utf8');
        for (const block of text.split(/\n(?=[a-zA-Z])/)) {
          const id = /^([a-zA-Z][\w-]*) =/.exec(block)?.[1];
          if (id) out.set(id, [...new Set([...block.matchAll(/\{ \$([\w-]+)/g)].map((m) => m[1]))].sort().join(' '));
        }
      }
      return out;
    };
    const en = used('en');
    const differ = [...used('hi')].filter(([id, data]) => en.get(id) !== data).map(([id]) => id);
    expect(differ).toEqual([]);
  });

  it('exist for every key in the code', () => {
    const known = ids('en');
    const missing: string[] = [];
    for (const file of files(src)) {
      if (file.endsWith('.test.ts') || file.includes('mock')) continue;
      const text = readFileSync(file, 'utf8');
      const keys = [
        // t('key'), t(`key`), t(a ? 'key' : 'other'), say('key')
        ...[...text.matchAll(/\b(?:t|say\(\)|say)\(([^()]*?(?:\([^()]*\)[^()]*?)*)[,)]/g)].flatMap((m) =>
          [...(m[1] ?? '').matchAll(/(?:^|(?<!\?)\?\s*|:\s*)'([a-z][a-z0-9-]+)'/g)].map((k) => k[1] ?? ''),
        ),
        ...[...text.matchAll(/\bword: '([a-z][a-z0-9-]+)'/g)].map((m) => m[1] ?? ''),
        ...[...text.matchAll(/\bone\('[a-z-]+', '([a-z-]+)'/g)].map((m) => m[1] ?? ''),
      ];
      for (const key of keys) if (!known.has(key)) missing.push(`${file.slice(src.length + 1)}: ${key}`);
      // t(`begin-${…}`): at least one message must begin so.
      for (const [, begin = ''] of text.matchAll(/\bt\(\s*`([a-z][a-z0-9-]*-)\$\{/g)) {
        if (![...known.keys()].some((id) => id.startsWith(begin)))
          missing.push(`${file.slice(src.length + 1)}: ${begin}…`);
      }
    }
    expect(missing).toEqual([]);
  });

  it('are all used, so that nobody translates for nothing', () => {
    const text = files(src)
      .filter((f) => !f.endsWith('.test.ts') && !f.includes('mock'))
      .map((f) => readFileSync(f, 'utf8'))
      .join('\n');
    const begins = [...text.matchAll(/`([a-z][a-z0-9-]*-)\$\{/g)].map((m) => m[1] ?? '');
    const unused = [...ids('en')]
      .filter(([id, file]) => file === 'window.ftl' && !id.includes('.'))
      .map(([id]) => id)
      .filter((id) => !text.includes(`'${id}'`) && !begins.some((b) => id.startsWith(b)));
    expect(unused).toEqual([]);
  });

  it('hold no word that the look book forbids', () => {
    const forbidden = /\b(please|oops|simply|invalid|abort|kill)\b|!/i;
    const found = ['en'].flatMap((lang) =>
      ['window.ftl', 'words.ftl', 'errors.ftl'].flatMap((file) =>
        readFileSync(join(locales, lang, file), 'utf8')
          .split('\n')
          .filter((line) => !line.startsWith('#') && forbidden.test(line.replace(/^[\w-]+ =/, ''))),
      ),
    );
    expect(found).toEqual([]);
  });

  it('never call base services आधार', () => {
    for (const file of readdirSync(join(locales, 'hi'))) {
      expect(readFileSync(join(locales, 'hi', file), 'utf8')).not.toContain('आधार');
    }
  });
});

describe('errors', () => {
  it('have what happened, what is safe and what to do', () => {
    for (const lang of ['en', 'hi'] as const) {
      const say = sayIn(lang);
      const wanting = [...ids(lang).keys()]
        .filter((id) => /^(error|cause)-[a-z-]+$/.test(id) && id !== 'error-unknown')
        .filter((id) => !say.has(id, 'todo') || !say.has(id, 'safe'));
      expect(wanting).toEqual([]);
    }
  });

  it('fall to a general message with the code for engineers', () => {
    const words = errorWords(sayIn('en'), { code: 'of-tomorrow', args: { path: '/x' }, field: null });
    expect(words.code).toBe('of-tomorrow (path: /x)');
    expect(words.what).not.toContain('of-tomorrow');
  });

  it('are found among causes and the other way round', () => {
    const say = sayIn('en');
    expect(causeWords(say, { code: 'disk-full', args: {} }).code).toBeUndefined();
    expect(causeWords(say, { code: 'check-version', args: { version: 'v1.40.0' } }).what).toContain('v1.40.0');
  });
});
