/** The person's answers in few words, as the rail and Review show them. */

import type { InstallationView } from '../lib/types/InstallationView';
import type { Draft } from '../lib/draft.svelte';
import { number } from '../lib/format';
import type { Say } from '../lib/messages';

/** Name of a module: ours if we have one, else DIGIT's own. */
export function moduleName(say: Say, id: string): string {
  const key = `module-${id.replace(/^m_/, '').replaceAll('_', '-')}`;
  return say.has(key) ? say(key) : id;
}

/** Name of a product. */
export function productName(say: Say, name: string): string {
  const key = `product-${name.toLowerCase()}`;
  return say.has(key) ? say(key) : name;
}

/** Product and version in few words, the words of its choice card left out. */
export function productAndVersion(say: Say, name: string, version: string | null): string {
  return [say.of(`product-${name.toLowerCase()}`, 'short') ?? name, version].filter(Boolean).join(' ');
}

/** Name of a stage or group of services. */
export function stageName(say: Say, id: string): string {
  const key = `stage-${id}`;
  return say.has(key) ? say(key) : id;
}

/** Product, version and how many modules. */
export function productLine(say: Say, product: { name: string; version: string; modules: readonly string[] }): string {
  return say('product-line', {
    product: say.of(`product-${product.name.toLowerCase()}`, 'short') ?? product.name,
    version: product.version,
    count: product.modules.length,
    n: number(say, product.modules.length),
  });
}

/** City and state, as far as they were given. */
export const cityLine = (city: string, state: string): string | undefined =>
  [city.trim(), state.trim()].filter(Boolean).join(', ') || undefined;

/** Answers of the first five steps out of a draft. */
export function draftAnswers(say: Say, d: Draft): (string | undefined)[] {
  return [
    d.place ? say(`place-${d.place}`) : undefined,
    d.place === 'rehearsal' ? say('sign-in-not-needed') : (d.context ?? undefined),
    d.product ? productLine(say, { name: d.product, version: d.version ?? '', modules: d.modules }) : undefined,
    cityLine(d.city, d.state),
    d.checked ? say('checks-answer', { passed: number(say, d.passed), all: number(say, d.checked) }) : undefined,
    undefined,
  ];
}

/** The same out of the answers of an installation. */
export function installationAnswers(say: Say, view: InstallationView): (string | undefined)[] {
  const { answers: a, plan } = view;
  return [
    say(`place-${a.target.kind}`),
    a.target.kind === 'rehearsal' ? say('sign-in-not-needed') : (a.target.context ?? undefined),
    productLine(say, a.product),
    cityLine(a.city.name, a.city.state),
    undefined,
    plan ? say('count-services', { count: plan.services.length, n: number(say, plan.services.length) }) : undefined,
  ];
}
