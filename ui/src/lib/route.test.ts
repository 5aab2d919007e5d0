import { describe, expect, it } from 'vitest';
import { href, parse, type Route } from './route.svelte';

describe('places', () => {
  const places: Route[] = [
    { at: 'home' },
    { at: 'settings' },
    { at: 'help' },
    { at: 'open' },
    { at: 'step', step: 'sign-in' },
    { at: 'installation', name: 'city a/ü', page: 'log' },
  ];
  for (const place of places) {
    it(`${href(place)} leads back`, () => expect(parse(href(place))).toEqual(place));
  }
  it('that are unknown lead home', () => {
    for (const hash of ['', '#', '#/', '#/nowhere', '#main']) expect(parse(hash)).toEqual({ at: 'home' });
  });
  it('that are half known lead to the nearest', () => {
    expect(parse('#/new/nowhere')).toEqual({ at: 'step', step: 'place' });
    expect(parse('#/installation/a/nowhere')).toEqual({ at: 'installation', name: 'a', page: 'overview' });
  });
});
