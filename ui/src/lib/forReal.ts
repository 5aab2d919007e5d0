/** What was rehearsed is installed for real: the same answers, only the place is asked again if there was none. */

import { backend } from '$backend';
import { draft, fromAnswers } from './draft.svelte';
import { route } from './route.svelte';

export async function installForReal(name: string): Promise<void> {
  const d = fromAnswers(await backend.answersOf(name));
  const placed = d.place !== 'rehearsal';
  if (!placed) d.place = null;
  draft.begin(d);
  if (placed) await draft.done('place');
  route.go({ at: 'step', step: placed ? 'sign-in' : 'place' });
}
