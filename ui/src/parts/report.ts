/** What the screens pick out of a report. Pure. */

import type { Report } from '../lib/types/Report';
import type { StepReport } from '../lib/types/StepReport';
import type { StepState } from '../lib/types/StepState';
import { causeWords } from '../lib/errors';
import { say } from '../lib/i18n.svelte';

/** States in which something is being done, or asks for somebody. */
export const LIVE: StepState[] = ['failed', 'retrying', 'waiting', 'running'];

/** The stage that matters now: the first that failed, else the first under way, else the first that is not done. */
export function stageAt(report: Report): { id: string; index: number } | undefined {
  const find = (ok: (state: StepState) => boolean): number => report.stages.findIndex((s) => ok(s.state));
  let index = find((s) => s === 'failed');
  if (index < 0) index = find((s) => LIVE.includes(s));
  if (index < 0) index = find((s) => s !== 'done' && s !== 'skipped');
  if (index < 0) index = report.stages.length - 1;
  const stage = report.stages[index];
  return stage && { id: stage.id, index };
}

/** The first step in a state. */
export function firstStep(report: Report, state: StepState): StepReport | undefined {
  for (const stage of report.stages) {
    const step = stage.steps.find((s) => s.state === state);
    if (step) return step;
  }
  return undefined;
}

/** What the run waits for, if nothing else is going on: an object or a person, not merely the step before. */
export function waitingOn(report: Report): { name: string; why: string } | undefined {
  for (const stage of report.stages) {
    if (stage.steps.some((s) => s.state === 'running')) return undefined;
  }
  const step = firstStep(report, 'waiting');
  const on = step?.['waiting-on'].find((a) => a.kind !== 'step') ?? step?.['waiting-on'][0];
  if (!step || !on) return undefined;
  const words = causeWords(say(), on.why);
  return { name: step.subject, why: words.code ? on.name : words.what };
}

/** What holds the whole run up, in words. */
export function heldUp(code: string): string {
  const key = `held-${code}`;
  return say().has(key) ? say()(key) : say()('held-other');
}
