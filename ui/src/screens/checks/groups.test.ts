import { describe, expect, it } from 'vitest';
import { groups } from './groups';

describe('checks stand under a heading', () => {
  for (const [names, wanted] of [
    [
      ['nodes', 'access'],
      [
        ['access', ['access']],
        ['room', ['nodes']],
      ],
    ],
    [['address', 'capacity'], [['room', ['capacity', 'address']]]],
    [
      ['webhooks', 'namespaces'],
      [
        ['access', ['webhooks']],
        ['names', ['namespaces']],
      ],
    ],
    [['leaving'], [['product', ['leaving']]]],
    [
      ['tomorrow', 'version'],
      [
        ['access', ['version']],
        ['other', ['tomorrow']],
      ],
    ],
    [[], []],
  ] as [string[], [string, string[]][]][]) {
    it(names.join(', ') || 'none', () => expect(groups(names)).toEqual(wanted.map(([id, names]) => ({ id, names }))));
  }
});
