/** Begins with new answers. Answers that were not used yet are never replaced without asking. */

import { backend } from '$backend';
import { draft, fresh, fromAnswers, type Draft, type PlaceKind } from './draft.svelte';
import { ASKING, route, type AskingStep } from './route.svelte';

interface Beginning {
  answers: Draft;
  /** Steps whose answers are known already, in their order. */
  known: readonly AskingStep[];
  at: AskingStep;
}

let waiting = $state.raw<Beginning | null>(null);

async function start({ answers, known, at }: Beginning): Promise<void> {
  draft.begin(answers);
  for (const step of known) await draft.done(step);
  route.go({ at: 'step', step: at });
}

async function ask(next: Beginning): Promise<void> {
  if (draft.exists) waiting = next;
  else await start(next);
}

export const beginning = {
  /** Whether the person has to say first what becomes of the answers that are there. */
  get asking(): boolean {
    return waiting !== null;
  },
  /** From nothing. */
  async anew(place: PlaceKind | null): Promise<void> {
    await ask({ answers: { ...fresh(), place }, known: [], at: 'place' });
  },
  /** What was rehearsed, for real: the same answers; only the place is asked if there was none. */
  async forReal(name: string): Promise<void> {
    const answers = fromAnswers(await backend.answersOf(name));
    const placed = answers.place !== 'rehearsal';
    if (!placed) answers.place = null;
    await ask({ answers, known: placed ? ['place'] : [], at: placed ? 'sign-in' : 'place' });
  },
  /** The same installation with other settings. */
  async again(name: string): Promise<void> {
    const answers = fromAnswers(await backend.answersOf(name));
    await ask({ answers, known: ['place', 'sign-in', 'modules'], at: 'details' });
  },
  /** Deletes the answers that are there, and begins. */
  async afresh(): Promise<void> {
    const next = waiting;
    waiting = null;
    if (!next) return;
    await draft.discard();
    await start(next);
  },
  /** Goes on with the answers that are there. */
  goOn(): void {
    waiting = null;
    route.go({ at: 'step', step: ASKING[Math.min(draft.now.done, ASKING.length - 1)] ?? 'place' });
  },
  /** Leaves all as it is. */
  stay(): void {
    waiting = null;
  },
};
