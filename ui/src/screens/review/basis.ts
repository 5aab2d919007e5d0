// What the time of a plan rests on, in words.
import { bytes, number } from '../../lib/format';
import type { Say } from '../../lib/messages';
import type { Plan } from '../../lib/types/Plan';

/** Whether the time was measured: here, in part, or not yet. */
export function restsOn(say: Say, plan: Plan): string {
  if (plan.estimate.measured) return say('measured');
  const basis = plan.basis;
  if (!basis?.measured) return say('first-estimate');
  return say('measured-in-part', { measured: number(say, basis.measured), all: number(say, basis.steps) });
}

/** How many images have to be downloaded, and what they weigh as far as it is known. */
export function imagesOf(say: Say, plan: Plan): { count: string; size: string | null } {
  if (plan.cluster.simulated) return { count: say('images-simulated'), size: null };
  // A plan of before did not look.
  if (!plan.basis) return { count: number(say, plan.sizes.images), size: null };
  const { images, 'to-download': missing, unclear, sized, bytes: size } = plan.basis;
  const open = missing + unclear;
  const counts = { n: number(say, open), all: number(say, images) };
  if (open === 0) return { count: say('images-there'), size: null };
  const count = say(unclear === 0 ? 'images-to-download' : 'images-perhaps', counts);
  if (sized === 0) return { count, size: say('images-size-unknown') };
  const known = { size: bytes(say, size), n: number(say, sized) };
  return { count, size: say(sized === open ? 'images-size' : 'images-size-in-part', known) };
}
