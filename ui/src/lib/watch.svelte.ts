/** One installation's report, as it comes. Nothing is computed from it that it does not say itself. */

import { backend } from '$backend';
import type { Stop } from './api';
import { caught } from './errors';
import type { ErrorView } from './types/ErrorView';
import type { InstallationView } from './types/InstallationView';
import type { Report } from './types/Report';

/** Milliseconds without a report after which a running run is looked at. */
const QUIET = 5000;

export class Watched {
  view = $state.raw<InstallationView | null>(null);
  report = $state.raw<Report | null>(null);
  /** Whether a process works on it; known when the view was read last, and true as long as reports of a run come. */
  working = $state(false);
  error = $state.raw<ErrorView | null>(null);

  readonly name: string;
  #stop: Stop | undefined;
  #over = false;
  #next: Report | undefined;
  #frame = 0;
  #heard = Date.now();
  #timer: ReturnType<typeof setInterval>;

  constructor(name: string) {
    this.name = name;
    void this.#start();
    // A run that says nothing for a while may have lost its process; only a look at the lock can tell.
    this.#timer = setInterval(() => {
      if (this.report?.state === 'running' && Date.now() - this.#heard > QUIET) void this.look().catch(() => undefined);
    }, QUIET);
  }

  async #start(): Promise<void> {
    try {
      await this.look();
      const stop = await backend.watch(this.name, (report) => this.#take(report));
      if (this.#over) stop();
      else this.#stop = stop;
    } catch (error) {
      this.error = caught(error);
    }
  }

  /** Reads the whole view again: the plan, the address, who works on it. */
  async look(): Promise<void> {
    const view = await backend.installation(this.name);
    if (this.#over) return;
    this.view = view;
    this.working = view.summary.working;
    if (!this.report || view.report.seq >= this.report.seq) this.report = view.report;
  }

  // Reports may come faster than frames; only the newest of a frame is shown.
  #take(report: Report): void {
    this.#next = report;
    this.#heard = Date.now();
    if (this.#frame) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      if (this.#over || !this.#next) return;
      const before = this.report;
      this.report = this.#next;
      // Something new was done, so somebody works on it; who, and that nobody does, only a look can tell.
      if (this.report.state === 'running' && this.report.seq > (before?.seq ?? 0)) this.working = true;
      if (before && (before.state !== this.#next.state || before.run !== this.#next.run)) {
        void this.look().catch((error: unknown) => (this.error = caught(error)));
      }
    });
  }

  end(): void {
    this.#over = true;
    clearInterval(this.#timer);
    cancelAnimationFrame(this.#frame);
    this.#stop?.();
  }
}
