import { describe, expect, it } from 'vitest';
import cases from '$locales/format-cases.json';
import type { Lang } from './api';
import * as format from './format';
import { sayIn, type Say } from './messages';

type Written = (say: Say, ...args: number[]) => string;

describe('figures', () => {
  for (const [name, args, en, hi] of cases.cases as [keyof typeof format, number[], string, string][]) {
    for (const [lang, wanted] of [
      ['en', en],
      ['hi', hi],
    ] as [Lang, string][]) {
      it(`${name}(${args.join(', ')}) in ${lang}`, () => {
        expect((format[name] as Written)(sayIn(lang), ...args)).toBe(wanted);
      });
    }
  }
});

describe('moments', () => {
  const now = new Date(2026, 10, 24, 15, 30);
  const cases: [Date, string, string][] = [
    [new Date(2026, 10, 24, 15, 29, 30), 'Just now', 'अभी-अभी'],
    [new Date(2026, 10, 24, 15, 28), '2 minutes ago', '2 मिनट पहले'],
    [new Date(2026, 10, 24, 9, 5), 'Today at 09:05', 'आज 09:05 बजे'],
    [new Date(2026, 10, 23, 23, 59), 'Yesterday at 23:59', 'कल 23:59 बजे'],
    [new Date(2026, 10, 20, 12, 0), '20 November 2026', '20 नवंबर 2026'],
    // A clock that was set back must not make minutes negative.
    [new Date(2026, 10, 24, 16, 0), '24 November 2026', '24 नवंबर 2026'],
  ];
  for (const [at, en, hi] of cases) {
    it(en, () => {
      expect(format.moment(sayIn('en'), at, now)).toBe(en);
      expect(format.moment(sayIn('hi'), at, now)).toBe(hi);
    });
  }
});

describe('time left', () => {
  it('is never zero when it is not known', () => {
    expect(format.eta(sayIn('en'), null)).toBe('not known yet');
  });
});
