import { expect, test } from 'vitest';
import { sayIn } from '../../lib/messages';
import type { Basis } from '../../lib/types/Basis';
import type { Plan } from '../../lib/types/Plan';
import { imagesOf, restsOn } from './basis';

function plan(basis: Partial<Basis> | undefined, measured = false, simulated = false): Plan {
  const none = {
    steps: 40,
    measured: 0,
    images: 57,
    'to-download': 0,
    unclear: 0,
    sized: 0,
    bytes: 0,
    downloading: [],
  };
  return {
    estimate: { low: 60, high: 600, measured },
    cluster: { uid: 'u', version: 'v1.36.3', simulated, 'api-versions': [] },
    sizes: { services: 1, workloads: 1, pods: 1, memory: 1, cpu: 1, disk: 1, nodes: 1, images: 57 },
    ...(basis ? { basis: { ...none, ...basis } } : {}),
  } as unknown as Plan;
}

test('the time says what it rests on', () => {
  const say = sayIn('en');
  expect(restsOn(say, plan({ measured: 40 }, true))).toBe('measured');
  expect(restsOn(say, plan({ measured: 12 }))).toBe('12 of 40 steps measured here, the rest a first estimate');
  expect(restsOn(say, plan({}))).toBe('first estimate');
  expect(restsOn(say, plan(undefined))).toBe('first estimate');
});

test('images are counted that machines do not hold, with their size as far as it is known', () => {
  const say = sayIn('en');
  const cases: [Plan, string, string | null][] = [
    [plan({}), 'none: the machines have them all', null],
    [plan({ 'to-download': 57, sized: 57, bytes: 7_900_000_000 }), '57 of 57', '7.9 GB'],
    [
      plan({ 'to-download': 50, unclear: 2, sized: 40, bytes: 5e9 }),
      'up to 52 of 57',
      '5 GB for 40 of them; the size of the others is not known',
    ],
    [plan({ 'to-download': 5 }), '5 of 57', 'their size is not known'],
    [plan({}, false, true), 'none, in a rehearsal', null],
    [plan(undefined), '57', null],
  ];
  for (const [given, count, size] of cases) expect(imagesOf(say, given)).toEqual({ count, size });
});
