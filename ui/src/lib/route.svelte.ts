/** Where in the window we are. It stands in the address as a hash, so that a reload shows the same place. */

export const STEPS = ['place', 'sign-in', 'modules', 'details', 'checks', 'review', 'install', 'hand-over'] as const;
export type StepName = (typeof STEPS)[number];

/** Steps in which the wizard's own answers are asked; the last two belong to an installation. */
export const ASKING = ['place', 'sign-in', 'modules', 'details', 'checks', 'review'] as const;
export type AskingStep = (typeof ASKING)[number];

export const PAGES = ['install', 'hand-over', 'overview', 'services', 'log', 'remove'] as const;
export type InstallationPage = (typeof PAGES)[number];

export type Route =
  | { at: 'home' }
  | { at: 'settings' }
  | { at: 'help' }
  | { at: 'open' }
  | { at: 'step'; step: AskingStep }
  | { at: 'installation'; name: string; page: InstallationPage };

/** Reads a hash. What is unknown leads home. */
export function parse(hash: string): Route {
  const parts = hash.replace(/^#\/?/, '').split('/').map(decodeURIComponent);
  const [first = '', second = '', third = ''] = parts;
  if (first === 'settings' || first === 'help' || first === 'open') return { at: first };
  if (first === 'new') {
    const step = ASKING.find((s) => s === second);
    return step ? { at: 'step', step } : { at: 'step', step: 'place' };
  }
  if (first === 'installation' && second) {
    const page = PAGES.find((p) => p === third);
    return { at: 'installation', name: second, page: page ?? 'overview' };
  }
  return { at: 'home' };
}

/** The hash of a place. */
export function href(route: Route): string {
  switch (route.at) {
    case 'home':
      return '#/';
    case 'step':
      return `#/new/${route.step}`;
    case 'installation':
      return `#/installation/${encodeURIComponent(route.name)}/${route.page}`;
    default:
      return `#/${route.at}`;
  }
}

let current = $state.raw<Route>({ at: 'home' });

export const route = {
  get now(): Route {
    return current;
  },
  go(to: Route, replace = false): void {
    if (replace) location.replace(href(to));
    else location.hash = href(to);
    current = to;
  },
  /** Follows the address from now on. */
  start(): void {
    current = parse(location.hash);
    addEventListener('hashchange', () => (current = parse(location.hash)));
  },
};
