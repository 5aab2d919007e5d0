/** A run that moves by the clock, and the log that it writes. Good enough to see every state of the screens. */

import type { LogLine } from '../api';
import type { InstallationSummary } from '../types/InstallationSummary';
import type { Plan } from '../types/Plan';
import type { Report } from '../types/Report';
import type { StageReport } from '../types/StageReport';
import type { StepReport } from '../types/StepReport';

/** Seconds of pretended work in one tick. */
const TICK = 0.1;

interface Work {
  step: StepReport;
  stage: string;
  seconds: number;
  fails: boolean;
}

export class Run {
  readonly log: LogLine[] = [];
  readonly watchers = new Set<(report: Report) => void>();
  readonly logWatchers = new Set<() => void>();
  readonly plan: Plan;
  readonly target: InstallationSummary['target'];
  readonly place: string;
  state: Report['state'] = 'not-started';
  purpose = 'install';
  working = false;
  readonly created = new Date().toISOString();
  started: string | null = null;
  ended: string | null = null;
  left: Report['left'] = null;
  found: Record<string, string> = {};
  /** What holds it up, as a code. */
  held: string | null = null;
  /** Who takes it over when it is paused. */
  rival: string | null = null;
  /** The step at which it fails once. */
  failAt: string | undefined;
  speed: number;
  #work: Work[] = [];
  #percent = 0;
  #ran = 0;
  #seq = 0;
  #troubles = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  #stopping = false;
  #telling = false;
  errors = 0;
  warnings = 0;

  constructor(plan: Plan, target: InstallationSummary['target'], place: string, speed: number) {
    this.plan = plan;
    this.target = target;
    this.place = place;
    this.speed = speed;
    this.#work = plan.steps.map((s) => ({
      stage: s.stage,
      seconds: s.estimate.low,
      fails: false,
      step: {
        id: s.id,
        kind: s.kind,
        subject: s.subject,
        state: 'pending',
        attempt: 0,
        took: 0,
        progress: null,
        parts: [],
        'waiting-on': [],
        cause: null,
        evidence: [],
        changed: 0,
        unchanged: 0,
      },
    }));
  }

  start(): void {
    if (this.working) return;
    this.working = true;
    this.state = 'running';
    this.#stopping = false;
    this.started ??= new Date().toISOString();
    this.ended = null;
    for (const w of this.#work) {
      if (w.step.state === 'failed' || w.step.state === 'blocked') {
        w.step.state = 'pending';
        w.step.cause = null;
      }
    }
    this.say('info', 'install', `run started, ${this.#work.length} steps`);
    this.#timer = setInterval(() => this.#tick(), 100);
    this.#tell();
  }

  /** Sets it to the end, or to some step, without the clock. */
  advance(done: number): void {
    this.#work.slice(0, done).forEach((w) => {
      w.step.state = 'done';
      w.step.attempt = 1;
      w.step.took = w.seconds;
      w.step.changed = 3;
      this.say('info', w.step.subject, `${w.step.subject} is ready after ${Math.round(w.seconds)} s`);
      this.#ran += w.seconds / 3;
    });
    this.started = new Date(Date.now() - this.#ran * 1000).toISOString();
    this.#count();
  }

  #begin(): void {
    const done = new Set(this.#work.filter((w) => w.step.state === 'done').map((w) => w.step.id));
    let busy = this.#work.filter((w) => ['running', 'waiting', 'retrying'].includes(w.step.state)).length;
    for (const w of this.#work) {
      if (busy >= 4 || this.#stopping) return;
      const needs = this.plan.steps.find((s) => s.id === w.step.id)?.needs ?? [];
      if (w.step.state !== 'pending' || !needs.every((n) => done.has(n))) continue;
      w.step.state = 'running';
      w.step.attempt += 1;
      w.step.took = 0;
      busy += 1;
      this.say('info', w.step.subject, `${w.step.kind} ${w.step.subject} started`);
    }
  }

  #tick(): void {
    if (this.held) return;
    const ahead = TICK * this.speed;
    this.#ran += ahead;
    this.#begin();
    for (const w of this.#work) {
      if (!['running', 'waiting', 'retrying'].includes(w.step.state)) continue;
      w.step.took += ahead;
      if (w.step.id === this.failAt && w.step.took > w.seconds / 2) {
        this.failAt = undefined;
        this.#fail(w);
        return;
      }
      if (w.step.kind === 'release') {
        w.step.progress = { done: w.step.took > w.seconds / 2 ? 1 : 0, total: 1, unit: 'pods', code: 'pods-ready' };
        const waits = w.step.subject === 'egov-enc-service' || w.step.subject === 'practice-slow';
        w.step.state = waits && w.step.took > w.seconds / 3 ? 'waiting' : 'running';
        w.step['waiting-on'] =
          w.step.state === 'waiting'
            ? [
                {
                  kind: 'object',
                  name: `Deployment/egov/${w.step.subject}`,
                  why: {
                    code: 'probe-failing',
                    args: { pod: w.step.subject, container: w.step.subject, probe: 'readiness' },
                  },
                },
              ]
            : [];
        if (Math.random() < 0.08) {
          this.#troubles += 1;
          this.say('warning', w.step.subject, 'readiness check answered 503, try 2 of 18');
        }
      }
      if (Math.random() < 0.3)
        this.say(
          Math.random() < 0.2 ? 'debug' : 'info',
          w.step.subject,
          `pulling image egovio/${w.step.subject}:v2.9.2-4a60f20`,
        );
      if (w.step.took >= w.seconds) {
        w.step.state = 'done';
        w.step.progress = null;
        w.step['waiting-on'] = [];
        w.step.changed = 3;
        this.#seq += 1;
        this.say('info', w.step.subject, `${w.step.subject} is ready (1 of 1) after ${Math.round(w.step.took)} s`);
      }
    }
    this.#count();
    if (this.#work.every((w) => w.step.state === 'done')) this.#finish();
    else if (this.#stopping && !this.#work.some((w) => ['running', 'waiting', 'retrying'].includes(w.step.state)))
      this.#halt('stopped');
    else this.#tell();
  }

  #count(): void {
    const all = this.#work.reduce((n, w) => n + w.seconds, 0);
    const done = this.#work.filter((w) => w.step.state === 'done').reduce((n, w) => n + w.seconds, 0);
    this.#percent = Math.max(this.#percent, all ? (100 * done) / all : 0);
  }

  #fail(w: Work): void {
    w.step.state = 'failed';
    w.step.cause = {
      code: 'image-rate-limited',
      args: { pod: w.step.subject, container: w.step.subject, image: `egovio/${w.step.subject}:v2.9.2` },
    };
    w.step.evidence = ['429 toomanyrequests: You have reached your unauthenticated pull rate limit'];
    this.say(
      'error',
      w.step.subject,
      'image pull failed: 429 toomanyrequests: You have reached your unauthenticated pull rate limit',
    );
    const hit = new Set([w.step.id]);
    for (const other of this.#work) {
      const needs = this.plan.steps.find((s) => s.id === other.step.id)?.needs ?? [];
      if (other.step.state === 'pending' && needs.some((n) => hit.has(n))) {
        other.step.state = 'blocked';
        hit.add(other.step.id);
      }
      if (['running', 'waiting'].includes(other.step.state)) other.step.state = 'done';
    }
    this.#halt('failed');
  }

  #halt(state: 'failed' | 'stopped'): void {
    clearInterval(this.#timer);
    this.working = false;
    this.state = state;
    this.ended = new Date().toISOString();
    this.#seq += 1;
    this.say('info', 'install', `run ${state}; journal written`);
    this.#tell();
  }

  #finish(): void {
    clearInterval(this.#timer);
    this.working = false;
    this.ended = new Date().toISOString();
    this.#seq += 1;
    if (this.purpose === 'remove') {
      this.state = 'removed';
      this.left = {};
    } else {
      this.state = 'ready';
      this.found = { 'entry-address': '10.20.4.50' };
    }
    this.say('info', 'install', `run finished: ${this.state}`);
    this.#tell();
  }

  /** Done before anybody looked. */
  finished(): this {
    this.advance(this.#work.length);
    this.state = 'ready';
    this.ended = new Date().toISOString();
    this.found = { 'entry-address': '10.20.4.50' };
    return this;
  }
  /** Failed before anybody looked. */
  failed(done: number): this {
    this.advance(done);
    const w = this.#work[done];
    if (w) {
      w.step.attempt = 3;
      this.#fail(w);
    }
    return this;
  }

  stop(): void {
    if (this.working) this.#stopping = true;
  }

  remove(keep: boolean): void {
    this.purpose = 'remove';
    this.#percent = 0;
    this.#ran = 0;
    this.started = null;
    this.#work.reverse();
    for (const w of this.#work) {
      w.step.state = 'pending';
      w.seconds /= 10;
    }
    for (const s of this.plan.steps) s.needs = [];
    this.say('info', 'install', `removal asked for, ${keep ? 'disks are kept' : 'with all data'}`);
    this.start();
  }

  say(level: LogLine['level'], source: string, text: string): void {
    this.log.push({ at: new Date().toISOString(), level, source, text });
    if (level === 'error') this.errors += 1;
    if (level === 'warning') this.warnings += 1;
    // In batches, as the program tells it.
    if (this.#telling) return;
    this.#telling = true;
    setTimeout(() => {
      this.#telling = false;
      for (const on of this.logWatchers) on();
    }, 50);
  }

  #tell(): void {
    const report = this.report();
    for (const on of this.watchers) on(report);
  }

  report(): Report {
    const stages: StageReport[] = [];
    for (const w of this.#work) {
      let stage = stages.find((s) => s.id === w.stage);
      if (!stage) stages.push((stage = { id: w.stage, state: 'pending', done: 0, took: 0, steps: [] }));
      stage.steps.push({ ...w.step });
      stage.took += w.step.took / 3;
      if (w.step.state === 'done') stage.done += 1;
    }
    for (const stage of stages) {
      const has = (...states: string[]): boolean => stage.steps.some((s) => states.includes(s.state));
      if (has('failed')) stage.state = 'failed';
      else if (stage.done === stage.steps.length) stage.state = 'done';
      else if (has('running', 'retrying')) stage.state = 'running';
      else if (has('waiting')) stage.state = 'waiting';
      else if (has('blocked')) stage.state = 'blocked';
      else if (stage.done > 0) stage.state = this.state === 'running' ? 'running' : 'pending';
    }
    const releases = this.#work.filter((w) => w.step.kind === 'release');
    const failed = this.#work.find((w) => w.step.state === 'failed');
    const left = this.#work.filter((w) => w.step.state !== 'done').reduce((n, w) => n + w.seconds, 0) / this.speed;
    return {
      run: 'run-1',
      purpose: this.purpose,
      seq: this.#seq,
      state: this.state,
      'started-at': this.started,
      'ended-at': this.ended,
      'running-for': this.#ran / this.speed,
      percent: this.#percent,
      eta: this.state === 'running' ? { low: left / 3, high: left, measured: false } : null,
      stages,
      'services-ready': releases.filter((w) => w.step.state === 'done').length,
      'services-total': releases.length,
      attention: failed?.step.cause
        ? { step: failed.step.id, cause: failed.step.cause, since: this.ended ?? '' }
        : this.rival && this.state === 'stopped'
          ? {
              step: null,
              cause: { code: 'taken-over', args: { name: this.plan.installation, holder: this.rival } },
              since: this.ended ?? '',
            }
          : null,
      failures: this.#work.filter((w) => w.step.state === 'failed').length,
      troubles: this.#troubles,
      costs: [],
      found: this.found,
      left: this.left,
      look: this.left && { names: [], unanswered: [], came: [], went: [] },
      held: this.held,
      slept: null,
    };
  }

  summary(): InstallationSummary {
    const report = this.report();
    return {
      id: this.plan.installation,
      name: this.plan.installation,
      error: null,
      target: this.target,
      place: this.place,
      product: this.plan.answers.product,
      state: this.state,
      working: this.working,
      'services-ready': report['services-ready'],
      'services-total': report['services-total'],
      percent: report.percent,
      created: this.created,
      changed: this.ended ?? this.started,
    };
  }
}
