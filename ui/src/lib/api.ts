/** What the window asks of the program, whoever answers: the program itself (`backend.ts`) or a pretended one (`mock/`). */

import type { Answers } from './types/Answers';
import type { AppSettings } from './types/AppSettings';
import type { CatalogView } from './types/CatalogView';
import type { CheckView } from './types/CheckView';
import type { ClusterView } from './types/ClusterView';
import type { ErrorView } from './types/ErrorView';
import type { InstallationSummary } from './types/InstallationSummary';
import type { InstallationView } from './types/InstallationView';
import type { KubeconfigView } from './types/KubeconfigView';
import type { Plan } from './types/Plan';
import type { Product } from './types/Product';
import type { RemovalView } from './types/RemovalView';
import type { Report } from './types/Report';
import type { SelectionView } from './types/SelectionView';
import type { Target } from './types/Target';

export type Lang = 'en' | 'hi';

export interface AppInfo {
  version: string;
  /** The system's language, as far as we speak it. */
  language: Lang;
  /** Where installations are kept on this computer. */
  'data-folder': string;
  platform: string;
}

export type Settings = AppSettings;

export type Level = 'error' | 'warning' | 'info' | 'debug';

export interface LogFilter {
  levels: string[];
  sources: string[];
  text: string;
}

export interface LogLine {
  /** Time in RFC 3339. */
  at: string;
  level: string;
  source: string;
  step?: string | null;
  text: string;
}

export interface LogPage {
  /** Lines that the filter lets through. */
  total: number;
  errors: number;
  warnings: number;
  sources: string[];
  lines: LogLine[];
  /** Number of the first of `lines` among those that the filter lets through. */
  first: number;
}

export interface LogCounts {
  total: number;
  errors: number;
  warnings: number;
}

export interface Download {
  done: number;
  total: number;
  /** From 1; 0 where a folder is read. */
  attempt: number;
  attempts: number;
}

export type CloseChoice = 'background' | 'stop' | 'stay';

/** Stops a subscription. */
export type Stop = () => void;

/** Every call may be refused with an {@link ErrorView}. */
export interface Backend {
  appInfo(): Promise<AppInfo>;
  settings(): Promise<Settings>;
  saveSettings(settings: Settings): Promise<void>;

  catalog(): Promise<CatalogView>;
  fetchProduct(product: Product, on: (progress: Download) => void): Promise<void>;
  /** The fetch that is under way ends with `given-up`; what arrived is kept. */
  giveUpFetching(): Promise<void>;
  selection(product: Product): Promise<SelectionView>;

  kubeconfig(path: string | null): Promise<KubeconfigView>;
  pickFile(): Promise<string | null>;
  pickSource(): Promise<string | null>;
  cluster(target: Target): Promise<ClusterView>;

  loadDraft(): Promise<string | null>;
  saveDraft(json: string): Promise<void>;
  discardDraft(): Promise<void>;

  validate(answers: Answers): Promise<ErrorView[]>;
  check(answers: Answers, on: (check: CheckView) => void): Promise<{ passed: boolean }>;
  plan(answers: Answers): Promise<Plan>;
  exportPlan(answers: Answers): Promise<string | null>;
  saveRecoveryKit(answers: Answers, passphrase: string): Promise<string | null>;
  /** `reviewed`: the plan that was looked at; if anything else would be done now, `plan-outdated`. */
  install(answers: Answers, rehearse: boolean, reviewed: Plan): Promise<string>;

  installations(): Promise<InstallationSummary[]>;
  installation(name: string): Promise<InstallationView>;
  watch(name: string, on: (report: Report) => void): Promise<Stop>;
  pause(name: string): Promise<void>;
  resume(name: string): Promise<void>;
  removal(name: string): Promise<RemovalView>;
  remove(name: string, keepData: boolean): Promise<void>;
  forget(name: string): Promise<void>;
  /** Encrypted secrets (`record-sealed`) need the kit. */
  openExisting(target: Target, kit: { file: string; passphrase: string } | null): Promise<InstallationSummary>;
  answersOf(name: string): Promise<Answers>;

  logPage(name: string, filter: LogFilter, from: number, count: number): Promise<LogPage>;
  logFollow(name: string, on: (counts: LogCounts) => void): Promise<Stop>;
  exportLog(name: string, filter: LogFilter): Promise<string | null>;

  onCloseChoice(choice: CloseChoice): Promise<void>;
  onCloseAsked(on: () => void): Promise<Stop>;
  openLink(what: string): Promise<void>;
}
