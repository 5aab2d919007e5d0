import { beforeEach, describe, expect, it, vi } from 'vitest';

const kept = vi.hoisted(() => ({ json: null as string | null }));
vi.mock('$backend', () => ({
  backend: {
    saveDraft: async (json: string) => void (kept.json = json),
    loadDraft: async () => kept.json,
    discardDraft: async () => void (kept.json = null),
  },
}));

const { answers, draft, fresh, fromAnswers, nameFrom } = await import('./draft.svelte');

describe('a name from a city', () => {
  for (const [city, name] of [
    ['City A', 'city-a'],
    ['Springfield', 'springfield'],
    ['São Paulo, 2', 'sao-paulo-2'],
    ['नगर', ''],
    ['24 Parganas', 'parganas'],
    ['x'.repeat(60), 'x'.repeat(40)],
    [`${'y'.repeat(39)} z`, 'y'.repeat(39)],
  ] as const) {
    it(`${city} → ${name}`, () => expect(nameFrom(city)).toBe(name));
  }
});

describe('answers', () => {
  it('of a draft come back as the same draft', () => {
    const d = fresh();
    Object.assign(d, {
      place: 'cluster',
      kubeconfig: '/k',
      context: 'c',
      product: 'DIGIT',
      version: 'v2.9.2',
      modules: ['m_pgr'],
      city: 'City A',
      state: 'State A',
      name: 'citya',
      named: true,
      ours: true,
      database: { host: 'db', port: '5433', name: 'digit', user: 'digit', 'password-file': '/p' },
      files: { endpoint: 'https://f', bucket: 'b', region: 'r', 'key-file': '/k' },
    });
    expect(fromAnswers(answers(d))).toEqual(d);
  });

  it('of a rehearsal name no cluster', () => {
    expect(answers({ ...fresh(), place: 'rehearsal', context: 'left-over' }).target).toEqual({ kind: 'rehearsal' });
  });
});

describe('the draft', () => {
  beforeEach(() => {
    kept.json = null;
    draft.begin();
  });

  it('is kept at each step and read back', async () => {
    draft.now.city = 'City A';
    await draft.done('details');
    draft.begin();
    await draft.load();
    expect(draft.now.city).toBe('City A');
    expect(draft.now.done).toBe(4);
    expect(draft.exists).toBe(true);
  });

  it('asks again for the steps after a changed one', async () => {
    await draft.done('checks');
    draft.now.accept = ['capacity'];
    draft.changed('modules');
    expect(draft.now.done).toBe(2);
    expect(draft.now.accept).toEqual([]);
  });

  it('that cannot be read is as if there were none', async () => {
    for (const json of ['{', '{"format":99}', 'null']) {
      kept.json = json;
      await draft.load();
      expect(draft.exists).toBe(false);
    }
  });

  it('is gone when it is discarded', async () => {
    await draft.done('place');
    await draft.discard();
    expect(kept.json).toBeNull();
    expect(draft.exists).toBe(false);
  });
});
