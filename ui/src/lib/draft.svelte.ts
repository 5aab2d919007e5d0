/**
 * The wizard's own state: what was answered so far, before there is an installation. Kept on disk at every change, so
 * that nothing is lost when the window closes. No secret is in it.
 */

import { backend } from '$backend';
import type { Answers } from './types/Answers';
import type { ClusterView } from './types/ClusterView';
import type { Database } from './types/Database';
import type { Entry } from './types/Entry';
import type { Files } from './types/Files';
import type { Product } from './types/Product';
import type { Target } from './types/Target';
import { ASKING, type AskingStep } from './route.svelte';

export type PlaceKind = Target['kind'];

export interface Draft {
  format: 1;
  place: PlaceKind | null;
  /** Path of the kubeconfig; null: the default one. */
  kubeconfig: string | null;
  context: string | null;
  /** The cluster as it was seen last, for the screens that come after. */
  cluster: ClusterView | null;
  product: string | null;
  version: string | null;
  modules: string[];
  source: string | null;
  city: string;
  state: string;
  name: string;
  /** Whether the person wrote the name, or it follows the city. */
  named: boolean;
  ours: boolean;
  database: { host: string; port: string; name: string; user: string; 'password-file': string };
  files: { endpoint: string; bucket: string; region: string; 'key-file': string };
  entry: Entry;
  demo: boolean;
  /** Whether the secrets in the record in the cluster are encrypted. */
  sealed: boolean;
  accept: string[];
  /** How many of the six steps are done. */
  done: number;
  /** What the checks found, for the rail. */
  passed: number;
  checked: number;
  /** Where and when the recovery kit was saved. */
  kit: { path: string; at: string } | null;
  /** When something was last answered. */
  changed: string | null;
}

export function fresh(): Draft {
  return {
    format: 1,
    place: null,
    kubeconfig: null,
    context: null,
    cluster: null,
    product: null,
    version: null,
    modules: [],
    source: null,
    city: '',
    state: '',
    name: '',
    named: false,
    ours: false,
    database: { host: '', port: '5432', name: '', user: '', 'password-file': '' },
    files: { endpoint: '', bucket: '', region: '', 'key-file': '' },
    entry: 'load-balancer',
    demo: false,
    sealed: false,
    accept: [],
    done: 0,
    passed: 0,
    checked: 0,
    kit: null,
    changed: null,
  };
}

/** A name for an installation out of what citizens read: a DNS label of at most 40 characters, or nothing. */
export function nameFrom(city: string): string {
  return city
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 40)
    .replace(/-+$/, '');
}

export function target(draft: Draft): Target {
  switch (draft.place) {
    case 'cluster':
      return { kind: 'cluster', kubeconfig: draft.kubeconfig, context: draft.context };
    case 'this-computer':
      return { kind: 'this-computer', context: draft.context };
    default:
      return { kind: 'rehearsal' };
  }
}

export function product(draft: Draft): Product {
  return {
    name: draft.product ?? '',
    version: draft.version ?? '',
    modules: [...draft.modules].sort(),
    source: draft.source,
  };
}

export function answers(draft: Draft): Answers {
  const database: Database = draft.ours
    ? {
        host: draft.database.host.trim(),
        port: Number.parseInt(draft.database.port, 10) || 0,
        name: draft.database.name.trim(),
        user: draft.database.user.trim(),
        'password-file': draft.database['password-file'].trim(),
      }
    : 'in-cluster';
  const files: Files = draft.ours
    ? {
        endpoint: draft.files.endpoint.trim(),
        bucket: draft.files.bucket.trim(),
        region: draft.files.region.trim(),
        'key-file': draft.files['key-file'].trim(),
      }
    : 'in-cluster';
  return {
    name: draft.name.trim(),
    target: target(draft),
    product: product(draft),
    size: 'standard',
    database,
    files,
    registry: 'none',
    entry: draft.entry,
    domain: 'none',
    city: { name: draft.city.trim(), state: draft.state.trim() },
    demo: draft.demo,
    ...(draft.sealed && draft.place !== 'rehearsal' ? { 'sealed-record': true } : {}),
    ...(draft.accept.length ? { accept: [...draft.accept].sort() } : {}),
  };
}

/** A draft out of the answers of an installation: to install for real what was rehearsed, or to change settings. */
export function fromAnswers(a: Answers): Draft {
  const d = fresh();
  d.place = a.target.kind;
  if (a.target.kind === 'cluster') d.kubeconfig = a.target.kubeconfig ?? null;
  if (a.target.kind !== 'rehearsal') d.context = a.target.context ?? null;
  d.product = a.product.name;
  d.version = a.product.version;
  d.modules = [...a.product.modules];
  d.source = a.product.source ?? null;
  d.city = a.city.name;
  d.state = a.city.state;
  d.name = a.name;
  d.named = true;
  if (typeof a.database === 'object') {
    d.ours = true;
    d.database = { ...a.database, port: String(a.database.port) };
  }
  if (typeof a.files === 'object') {
    d.ours = true;
    d.files = { ...a.files };
  }
  d.entry = a.entry;
  d.demo = a.demo;
  d.sealed = a['sealed-record'] ?? false;
  return d;
}

let current = $state<Draft>(fresh());
let kept = $state(false);
let saving: ReturnType<typeof setTimeout> | undefined;

function write(): Promise<void> {
  clearTimeout(saving);
  saving = undefined;
  return backend.saveDraft(JSON.stringify(current)).catch(() => undefined);
}

export const draft = {
  get now(): Draft {
    return current;
  },
  /** Whether there are answers that have not become an installation. */
  get exists(): boolean {
    return kept;
  },
  async load(): Promise<void> {
    const json = await backend.loadDraft();
    if (!json) return;
    try {
      const read = JSON.parse(json) as Partial<Draft>;
      if (read.format !== 1) return;
      current = { ...fresh(), ...read };
      kept = true;
    } catch {
      // A draft that cannot be read holds nothing that could be shown; the next answer writes a whole one.
    }
  },
  /** Notes that something was answered. Answers that come after the changed step have to be looked at again. */
  changed(step: AskingStep): void {
    const index = ASKING.indexOf(step);
    if (current.done > index) current.done = index;
    if (index < ASKING.indexOf('checks')) {
      current.checked = 0;
      current.accept = [];
    }
    this.save();
  },
  save(): void {
    kept = true;
    current.changed = new Date().toISOString();
    clearTimeout(saving);
    saving = setTimeout(() => void write(), 250);
  },
  /** A step is done; kept at once. */
  async done(step: AskingStep): Promise<void> {
    current.done = Math.max(current.done, ASKING.indexOf(step) + 1);
    this.save();
    await write();
  },
  begin(from: Draft = fresh()): void {
    current = from;
    kept = false;
  },
  async discard(): Promise<void> {
    clearTimeout(saving);
    current = fresh();
    kept = false;
    await backend.discardDraft();
  },
};

// What was typed in the last quarter of a second is kept as well.
if (typeof addEventListener === 'function') {
  addEventListener('pagehide', () => {
    if (saving !== undefined) void write();
  });
}
