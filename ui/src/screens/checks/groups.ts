/** Under which heading a check is shown, and which checks are to be expected for an answer, so that they can be listed
 * before they have answered. What comes besides is shown as well. */

import type { Draft } from '../../lib/draft.svelte';

const GROUPS: [string, string[]][] = [
  ['access', ['access', 'permissions', 'version', 'apis']],
  ['room', ['capacity', 'nodes', 'storage']],
  ['names', ['names', 'other-installation', 'kept-disks']],
  ['data', ['database', 'files']],
];
/** Told only when there is something to tell, under the heading of what it is about. */
const TOLD: [string, string[]][] = [
  ['access', ['webhooks']],
  ['room', ['address']],
  ['names', ['namespaces']],
  ['product', ['product-list', 'leaving', 'entry-door']],
];

export function expected(d: Draft): string[] {
  const data = d.ours && d.place !== 'rehearsal';
  return GROUPS.flatMap(([id, names]) => (id === 'data' && !data ? [] : names));
}

export function groups(names: string[]): { id: string; names: string[] }[] {
  const all = new Map(GROUPS);
  for (const [id, told] of TOLD) all.set(id, [...(all.get(id) ?? []), ...told]);
  const out = [...all].map(([id, members]) => ({ id, names: members.filter((m) => names.includes(m)) }));
  const known = new Set([...all.values()].flat());
  out.push({ id: 'other', names: names.filter((n) => !known.has(n)) });
  return out.filter((g) => g.names.length > 0);
}
