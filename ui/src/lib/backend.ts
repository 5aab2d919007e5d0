/** The only file that talks to the program. Every refusal leaves here as an `ErrorView`. */

import { Channel, invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import type { Backend, Stop } from './api';
import type { ErrorView } from './types/ErrorView';

function asErrorView(error: unknown): ErrorView {
  if (typeof error === 'object' && error !== null && 'code' in error) {
    const { code, args, field, details } = error as Partial<ErrorView>;
    return { code: String(code), args: args ?? {}, field: field ?? null, ...(details ? { details } : {}) };
  }
  return { code: 'internal', args: { detail: String(error) }, field: null };
}

async function call<T>(command: string, args?: Record<string, unknown>): Promise<T> {
  try {
    return await invoke<T>(command, args);
  } catch (error) {
    throw asErrorView(error);
  }
}

function channel<T>(on: (message: T) => void): Channel<T> {
  const channel = new Channel<T>();
  channel.onmessage = on;
  return channel;
}

let asking = false;

/** What opens a dialog of the system: one at a time; whoever asks while one is open gets what closing it without a choice gives. */
async function inDialog<T>(command: string, args?: Record<string, unknown>): Promise<T | null> {
  if (asking) return null;
  asking = true;
  try {
    return await call<T | null>(command, args);
  } finally {
    asking = false;
  }
}

async function subscribe<T>(command: string, name: string, on: (message: T) => void): Promise<Stop> {
  // What arrives after the end is not for anybody: the screen that asked is gone.
  let over = false;
  const id = await call<number>(command, { name, on: channel<T>((message) => void (over || on(message))) });
  return () => {
    over = true;
    void call('unwatch', { id }).catch(() => undefined);
  };
}

export const backend: Backend = {
  appInfo: () => call('app_info'),
  settings: () => call('settings'),
  saveSettings: (settings) => call('save_settings', { settings }),

  catalog: () => call('catalog'),
  giveUpFetching: () => call('give_up_fetching'),
  fetchProduct: (product, on) => call('fetch_product', { product, on: channel(on) }),
  selection: (product) => call('selection', { product }),

  kubeconfig: (path) => call('kubeconfig', { path }),
  pickFile: () => inDialog('pick_file'),
  pickSource: () => inDialog('pick_source'),
  cluster: (target) => call('cluster', { target }),

  loadDraft: () => call('load_draft'),
  saveDraft: (json) => call('save_draft', { json }),
  discardDraft: () => call('discard_draft'),

  validate: (answers) => call('validate', { answers }),
  check: (answers, on) => call('check', { answers, on: channel(on) }),
  plan: (answers) => call('plan', { answers }),
  exportPlan: (answers) => inDialog('export_plan', { answers }),
  saveRecoveryKit: (answers, passphrase) => inDialog('save_recovery_kit', { answers, passphrase }),
  install: (answers, rehearse, reviewed) => call('install', { answers, rehearse, reviewed }),

  installations: () => call('installations'),
  installation: (name) => call('installation', { name }),
  watch: (name, on) => subscribe('watch', name, on),
  pause: (name) => call('pause', { name }),
  resume: (name) => call('resume', { name }),
  removal: (name) => call('removal', { name }),
  remove: (name, keepData) => call('remove', { name, keepData }),
  forget: (name) => call('forget', { name }),
  openExisting: (target, kit) => call('open_existing', { target, kit }),
  answersOf: (name) => call('answers_of', { name }),

  logPage: (name, filter, from, count) => call('log_page', { name, filter, from, count }),
  logFollow: (name, on) => subscribe('log_follow', name, on),
  exportLog: (name, filter) => inDialog('export_log', { name, filter }),

  onCloseChoice: (choice) => call('on_close_choice', { choice }),
  onCloseAsked: (on) => listen('close-asked', () => on()),
  openLink: (what) => call('open_link', { what }),
};
