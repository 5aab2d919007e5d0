/** States as they are shown: a colour family and an icon; the word comes from the messages. */

import type { CheckState } from '../lib/types/CheckState';
import type { InstallationSummary } from '../lib/types/InstallationSummary';
import type { StepState } from '../lib/types/StepState';
import type { IconName } from './icons';

export type Kind = 'ok' | 'run' | 'wait' | 'warn' | 'fail' | 'off';

export interface Shown {
  kind: Kind;
  icon: IconName;
  /** Key of the word. */
  word: string;
}

export const STEP: Record<StepState, Shown> = {
  pending: { kind: 'off', icon: 'circle-dashed', word: 'step-state-pending' },
  running: { kind: 'run', icon: 'loader-circle', word: 'step-state-running' },
  waiting: { kind: 'wait', icon: 'hourglass', word: 'step-state-waiting' },
  retrying: { kind: 'warn', icon: 'loader-circle', word: 'step-state-retrying' },
  done: { kind: 'ok', icon: 'circle-check', word: 'step-state-done' },
  skipped: { kind: 'off', icon: 'circle-minus', word: 'step-state-skipped' },
  failed: { kind: 'fail', icon: 'octagon-x', word: 'step-state-failed' },
  blocked: { kind: 'wait', icon: 'hourglass', word: 'step-state-blocked' },
};

export const CHECK: Record<CheckState, Shown> = {
  passed: { kind: 'ok', icon: 'circle-check', word: 'check-passed' },
  'take-note': { kind: 'warn', icon: 'triangle-alert', word: 'check-take-note' },
  'not-passed': { kind: 'fail', icon: 'octagon-x', word: 'check-not-passed' },
  accepted: { kind: 'warn', icon: 'triangle-alert', word: 'check-accepted' },
};

/** Whether a run was cut off: it says it runs, and nobody works on it. */
export function interrupted(s: Pick<InstallationSummary, 'state' | 'working'>): boolean {
  return (s.state === 'running' || s.state === 'needs-person') && !s.working;
}

export function installationState(s: Pick<InstallationSummary, 'state' | 'working' | 'target' | 'error'>): Shown {
  if (s.error) return { kind: 'fail', icon: 'octagon-x', word: 'state-unreadable' };
  if (interrupted(s)) return { kind: 'warn', icon: 'circle-pause', word: 'state-interrupted' };
  switch (s.state) {
    case 'running':
      return { kind: 'run', icon: 'loader-circle', word: 'state-running' };
    case 'needs-person':
      return { kind: 'warn', icon: 'circle-pause', word: 'state-needs-person' };
    case 'paused':
      return { kind: 'warn', icon: 'circle-pause', word: 'state-paused' };
    case 'stopped':
      return { kind: 'warn', icon: 'circle-pause', word: 'state-stopped' };
    case 'failed':
      return { kind: 'fail', icon: 'octagon-x', word: 'state-failed' };
    case 'ready':
      return { kind: 'ok', icon: 'circle-check', word: s.target === 'rehearsal' ? 'state-rehearsed' : 'state-ready' };
    case 'removed':
      return { kind: 'off', icon: 'circle-minus', word: 'state-removed' };
    case 'not-started':
      return { kind: 'off', icon: 'circle-dashed', word: 'state-not-started' };
  }
}

/** Whether a person is needed before it goes on. */
export function needsPerson(s: Pick<InstallationSummary, 'state' | 'working'>): boolean {
  const waiting: (typeof s.state)[] = ['failed', 'stopped', 'paused', 'needs-person'];
  return waiting.includes(s.state) || interrupted(s);
}

export const PLACE_ICON: Record<string, IconName> = {
  cluster: 'server',
  'this-computer': 'laptop',
  rehearsal: 'graduation-cap',
};
