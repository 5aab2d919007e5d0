/**
 * A pretended program, for work on the screens in a plain browser and for their tests. Never part of the product: only
 * `vite --mode mock` leads here. What it starts with is chosen by the address: `?scene=empty|some`, `?lang=hi`,
 * `?speed=20`, `?fail=release:egov-user`, `?part=2000`.
 */

import type { Backend, Level, LogFilter, LogPage, Settings } from '../api';
import type { Answers } from '../types/Answers';
import type { Basis } from '../types/Basis';
import type { CheckView } from '../types/CheckView';
import type { ErrorView } from '../types/ErrorView';
import type { Plan } from '../types/Plan';
import type { Sizes } from '../types/Sizes';
import type { Step } from '../types/Step';
import type { Target } from '../types/Target';
import { catalog, cluster, kubeconfig, servicesOf } from './data';
import { Run } from './run';

const query = new URLSearchParams(location.search);
const speed = Number(query.get('speed') ?? '6');
/** Milliseconds that each of the twelve parts of a download takes. */
const part = Number(query.get('part') ?? '80');
const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms / Math.max(1, speed / 6)));
let givenUp = false;
let outdated = false;
const refuse = (code: string, args: Record<string, string> = {}, field: string | null = null): ErrorView => ({
  code,
  args,
  field,
});

const unreadable = refuse('file-unreadable', {
  path: '/home/asha/digit-installer/installations/old/plan.json',
  detail: '',
});

let settings: Settings = { language: 'system', theme: 'system', proxy: { kind: 'system' } };
const runs = new Map<string, Run>();
const fetched = new Set<string>();
let closeAsked: (() => void) | undefined;

function sizesOf(services: ReturnType<typeof servicesOf>): Sizes {
  const sum = (of: (s: (typeof services)[number]) => number): number => services.reduce((n, s) => n + of(s), 0);
  const memory = sum((s) => s.memory);
  return {
    services: services.length,
    workloads: services.length,
    pods: services.length + 2,
    memory,
    cpu: services.length * 150,
    disk: sum((s) => s.disk),
    nodes: Math.max(1, Math.ceil(memory / 14_000)),
    images: services.length + 4,
  };
}

function planOf(answers: Answers): Plan {
  const services = servicesOf(answers.product, typeof answers.database === 'object');
  const practice = answers.product.name === 'practice';
  const steps: Step[] = [];
  const step = (kind: string, subject: string, stage: string, needs: string[], seconds: number): void => {
    steps.push({
      id: `${kind}:${subject}`,
      kind,
      subject,
      stage,
      needs,
      estimate: { low: seconds, high: seconds * 2, measured: false },
      changes: [],
    });
  };
  step('namespaces', 'all', 'namespaces', [], 2);
  step('crds', 'all', 'crds', ['namespaces:all'], 3);
  let before = ['crds:all'];
  for (const stage of [...new Set(services.map((s) => s.stage))]) {
    const members = services.filter((s) => s.stage === stage);
    for (const s of members) step('release', s.name, stage, before, practice ? 6 : 14 + (s.name.length % 5) * 4);
    before = members.map((s) => `release:${s.name}`);
  }
  const count = services.length;
  const seconds = steps.reduce((n, s) => n + s.estimate.low, 0);
  return {
    format: 1,
    id: 'b1946ac92492d2347c6235b4d2611184',
    installation: answers.name,
    answers,
    combination: {
      product: answers.product.name,
      version: answers.product.version,
      'charts-commit': practice ? '' : '747949622b81',
      'charts-tree': '',
      'list-commit': '',
      'list-blob': '',
      patches: [],
    },
    cluster: {
      uid: answers.target.kind === 'rehearsal' ? '' : cluster.uid,
      version: cluster.version,
      simulated: answers.target.kind === 'rehearsal',
      'api-versions': [],
    },
    services,
    steps,
    sizes: sizesOf(services),
    objects: [
      { kind: 'Deployment', count },
      { kind: 'Service', count: count + 2 },
      { kind: 'ConfigMap', count: 14 },
      { kind: 'Secret', count: 11 },
      { kind: 'Ingress', count: practice ? 1 : 19 },
      { kind: 'PersistentVolumeClaim', count: practice ? 1 : 8 },
      { kind: 'ServiceAccount', count: 9 },
      { kind: 'Namespace', count: practice ? 1 : 3 },
    ],
    estimate: { low: seconds / 6, high: seconds / 2, measured: false },
    ...(answers.target.kind === 'rehearsal' ? {} : { basis: basisOf(steps.length, sizesOf(services).images) }),
    shared: practice
      ? []
      : [
          'CustomResourceDefinition/certificates.cert-manager.io',
          'CustomResourceDefinition/issuers.cert-manager.io',
          'ClusterRole/ingress-nginx',
          'IngressClass/nginx',
        ],
    optional: {},
  };
}

/** A cluster that has run other things before: it holds some of the images, and a registry told most sizes. */
function basisOf(steps: number, images: number): Basis {
  const missing = Math.max(0, images - 5);
  const sized = Math.floor((missing * 3) / 4);
  return {
    steps,
    measured: 0,
    images,
    'to-download': missing,
    unclear: 0,
    sized,
    bytes: sized * 138_000_000,
    downloading: [],
  };
}

function placeOf(target: Target): string {
  return target.kind === 'rehearsal' ? '' : (target.context ?? 'sdc-prod');
}

function answersFor(name: string, target: Target, product: Answers['product']): Answers {
  return {
    name,
    target,
    product,
    size: 'standard',
    database: 'in-cluster',
    files: 'in-cluster',
    registry: 'none',
    entry: 'load-balancer',
    domain: 'none',
    city: { name: 'City A', state: 'State A' },
    demo: false,
  };
}

if (query.get('scene') === 'some') {
  const on = (context: string): Target => ({ kind: 'cluster', kubeconfig: null, context });
  const digit = { name: 'DIGIT', version: 'v2.9.2', modules: ['m_pgr'] };
  runs.set(
    'citya-pilot',
    new Run(planOf(answersFor('citya-pilot', on('sdc-test'), digit)), 'cluster', 'sdc-test', speed).failed(14),
  );
  runs.set(
    'state-data-centre',
    new Run(
      planOf(
        answersFor('state-data-centre', on('sdc-prod'), {
          name: 'URBAN',
          version: 'v2.9',
          modules: ['m_pgr', 'm_property-tax'],
        }),
      ),
      'cluster',
      'sdc-prod',
      speed,
    ).finished(),
  );
  runs.set(
    'training-room',
    new Run(
      planOf(
        answersFor(
          'training-room',
          { kind: 'rehearsal' },
          { name: 'practice', version: 'v1', modules: ['m_practice'] },
        ),
      ),
      'rehearsal',
      '',
      speed,
    ).finished(),
  );
}

if (query.get('scene') === 'running') {
  const product = { name: 'DIGIT', version: 'v2.9.2', modules: ['m_pgr'] };
  const r = new Run(
    planOf(answersFor('running', { kind: 'cluster', context: 'sdc-prod' }, product)),
    'cluster',
    'sdc-prod',
    2,
  );
  r.advance(16);
  r.start();
  runs.set('running', r);
}

function run(name: string): Run {
  const found = runs.get(name);
  if (!found) throw refuse('no-installation', { name });
  return found;
}

const LEVELS: Level[] = ['error', 'warning', 'info', 'debug'];

function filtered(log: Run['log'], filter: LogFilter): Run['log'] {
  const levels = filter.levels.length ? filter.levels : LEVELS;
  const text = filter.text.trim().toLowerCase();
  return log.filter(
    (l) =>
      levels.includes(l.level as Level) &&
      (filter.sources.length === 0 || filter.sources.includes(l.source)) &&
      (!text || `${l.source} ${l.text}`.toLowerCase().includes(text)),
  );
}

const CHECKS = [
  'access',
  'permissions',
  'version',
  'apis',
  'capacity',
  'nodes',
  'storage',
  'other-installation',
  'kept-disks',
  'names',
];

export const backend: Backend = {
  appInfo: async () => ({
    version: '0.1.0',
    language: query.get('lang') === 'hi' ? 'hi' : 'en',
    'data-folder': '/home/asha/.local/share/digit-installer',
    platform: 'linux',
  }),
  settings: async () => {
    const kept = localStorage.getItem('mock-settings');
    return kept ? (settings = JSON.parse(kept) as Settings) : settings;
  },
  saveSettings: async (next) => {
    settings = next;
    localStorage.setItem('mock-settings', JSON.stringify(next));
  },

  catalog: async () => {
    await wait(150);
    return { products: catalog.products.map((p) => ({ ...p, available: p.available || fetched.has(p.name) })) };
  },
  giveUpFetching: async () => {
    givenUp = true;
  },
  fetchProduct: async (product, on) => {
    givenUp = false;
    if (product.source === '/broken')
      throw refuse('archive-truncated', { path: '/broken/charts.tar.gz' }, 'product.source');
    const total = catalog.products.find((p) => p.name === product.name)?.download ?? 0;
    for (let done = 0; done < total; done += total / 12) {
      if (givenUp) throw refuse('given-up');
      // The connection breaks in the middle, once.
      on({ done, total, attempt: done < total / 2 ? 1 : 2, attempts: 6 });
      await wait(part);
    }
    on({ done: total, total, attempt: 2, attempts: 6 });
    fetched.add(product.name);
  },
  selection: async (product) => {
    await wait(60);
    const services = servicesOf(product);
    return { services, sizes: sizesOf(services) };
  },

  kubeconfig: async (path) => {
    await wait(120);
    if (!path && query.get('kubeconfig') === 'none')
      throw refuse('kubeconfig-missing', { path: '/home/asha/.kube/config' }, 'target.kubeconfig');
    if (path?.includes('missing')) throw refuse('kubeconfig-missing', { path }, 'target.kubeconfig');
    return path ? { ...kubeconfig, path } : kubeconfig;
  },
  pickFile: async () => '/media/usb/sdc.yaml',
  pickSource: async () => query.get('source') ?? '/media/usb/charts',
  cluster: async (target) => {
    await wait(400);
    const context = target.kind === 'rehearsal' ? '' : target.context;
    if (context === 'old-demo')
      throw refuse('server-not-answering', { server: 'https://203.0.113.7:6443', reason: 'timed out' });
    if (context === 'sdc-view')
      return {
        ...cluster,
        user: 'viewer',
        missing: [
          'create namespaces',
          'create customresourcedefinitions.apiextensions.k8s.io',
          'create clusterroles.rbac.authorization.k8s.io',
        ],
      };
    if (context === 'sdc-test')
      return { ...cluster, uid: 'other', server: 'https://10.20.4.31:6443', installation: 'district-pilot' };
    return cluster;
  },

  loadDraft: async () => localStorage.getItem('mock-draft'),
  saveDraft: async (json) => localStorage.setItem('mock-draft', json),
  discardDraft: async () => localStorage.removeItem('mock-draft'),

  validate: async (answers) => {
    await wait(60);
    const out: ErrorView[] = [];
    if (!/^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/.test(answers.name))
      out.push(refuse('name-not-a-label', { name: answers.name }, 'name'));
    if (runs.has(answers.name)) out.push(refuse('name-taken', { name: answers.name }, 'name'));
    if (typeof answers.database === 'object' && !answers.database.host)
      out.push(refuse('database-no-host', {}, 'database.host'));
    if (typeof answers.files === 'object' && !/^https?:\/\//.test(answers.files.endpoint))
      out.push(refuse('files-no-scheme', { endpoint: answers.files.endpoint }, 'files.endpoint'));
    return out;
  },
  check: async (answers, on) => {
    let passed = true;
    for (const name of CHECKS) {
      await wait(220);
      const check: CheckView = { name, state: 'passed', cause: null, 'can-accept': false };
      if (name === 'version' && query.get('version') === 'new') {
        const args = { version: 'v1.40.0', from: '1.29', to: '1.36' };
        Object.assign(check, { state: 'take-note', cause: { code: 'check-version', args } });
      }
      if (name === 'capacity' && query.get('capacity') === 'short') {
        const accepted = answers.accept?.includes('capacity') ?? false;
        passed = passed && accepted;
        Object.assign(check, {
          state: accepted ? 'accepted' : 'not-passed',
          'can-accept': true,
          cause: {
            code: 'check-capacity',
            args: {
              count: '9',
              first: 'elasticsearch-data',
              needed: '27.8',
              free: '12.1',
              'cpu-needed': '5.8',
              'cpu-free': '3.5',
              machines: '3',
              'not-ready': '0',
              cordoned: '0',
              tainted: '0',
              taint: '-',
              windows: '0',
              'other-processor': '0',
            },
          },
        });
      }
      on(check);
    }
    if (query.get('list') === 'short') {
      const args = { product: 'URBAN', version: 'v2.9', services: 'land-services, noc-services' };
      on({
        name: 'product-list',
        state: 'take-note',
        cause: { code: 'check-product-list', args },
        'can-accept': false,
      });
    }
    return { passed };
  },
  plan: async (answers) => {
    await wait(300);
    return planOf(answers);
  },
  exportPlan: async () => '/home/asha/plan.json',
  saveRecoveryKit: async () => '/media/usb/recovery-kit.age',
  install: async (answers, rehearse) => {
    await wait(200);
    if (query.get('plan') === 'outdated' && !outdated) {
      outdated = true;
      const version = { code: 'version', args: { was: 'v1.36.3', is: 'v1.37.0' } };
      const services = { code: 'services-added', args: { count: '1', names: 'egov-location' } };
      throw { ...refuse('plan-outdated'), details: [version, services] };
    }
    const rehearsal = rehearse || answers.target.kind === 'rehearsal';
    const name = rehearse ? `${answers.name}-rehearsal` : answers.name;
    const plan = planOf({ ...answers, name });
    const started = new Run(plan, rehearsal ? 'rehearsal' : answers.target.kind, placeOf(answers.target), speed);
    started.failAt = query.get('fail') ?? undefined;
    started.held = query.get('held');
    started.rival = query.get('rival');
    runs.set(name, started);
    started.start();
    return name;
  },

  installations: async () => {
    const all = [...runs.values()].map((r) => r.summary());
    const [first] = all;
    if (query.get('home') !== 'broken' || !first) return all;
    return [...all, { ...first, id: 'old', name: 'old', error: unreadable, created: null, changed: null }];
  },
  installation: async (name) => {
    const r = run(name);
    return {
      summary: r.summary(),
      report: r.report(),
      answers: r.plan.answers,
      plan: query.get('files') === 'broken' ? null : r.plan,
      unreadable: query.get('files') === 'broken' ? unreadable : null,
      folder: `/home/asha/.local/share/digit-installer/${name}`,
      address: r.state === 'ready' && r.target !== 'rehearsal' ? 'http://10.20.4.50' : null,
      'door-open': query.get('door') === 'open',
    };
  },
  watch: async (name, on) => {
    const r = run(name);
    r.watchers.add(on);
    on(r.report());
    return () => r.watchers.delete(on);
  },
  pause: async (name) => run(name).stop(),
  resume: async (name) => run(name).start(),
  removal: async (name) => {
    await wait(200);
    const objects = run(name).plan.objects;
    const claims = Array.from({ length: 8 }, (_, i) => `backbone/data-${i}`);
    return {
      at: new Date().toISOString(),
      whole: { objects, claims, namespaces: ['backbone', 'egov'], 'claims-kept': [], 'namespaces-kept': [] },
      keeping: {
        objects: objects.filter((o) => o.kind !== 'PersistentVolumeClaim'),
        claims: [],
        namespaces: ['egov'],
        'claims-kept': claims,
        'namespaces-kept': ['backbone'],
      },
      unanswered: query.get('api') === 'dead' ? ['metrics.k8s.io/v1beta1'] : [],
    };
  },
  remove: async (name, keep) => run(name).remove(keep),
  forget: async (name) => void runs.delete(name),
  openExisting: async (_, kit) => {
    await wait(300);
    if (query.get('record') === 'sealed' && !kit)
      throw { code: 'record-sealed', args: { name: 'district-pilot' }, field: null };
    const r = new Run(
      planOf(
        answersFor(
          'district-pilot',
          { kind: 'cluster', context: 'sdc-test' },
          { name: 'DIGIT', version: 'v2.9.2', modules: ['m_pgr'] },
        ),
      ),
      'cluster',
      'sdc-test',
      speed,
    ).finished();
    runs.set('district-pilot', r);
    return r.summary();
  },
  answersOf: async (name) => run(name).plan.answers,

  logPage: async (name, filter, from, count): Promise<LogPage> => {
    const { log, errors, warnings } = run(name);
    const lines = filtered(log, filter);
    const first = Math.max(0, from < 0 ? lines.length + from : from);
    return {
      total: lines.length,
      errors,
      warnings,
      sources: [...new Set(log.map((l) => l.source))].sort(),
      lines: lines.slice(first, first + count),
      first,
    };
  },
  logFollow: async (name, on) => {
    const r = run(name);
    const tell = (): void => on({ total: r.log.length, errors: r.errors, warnings: r.warnings });
    r.logWatchers.add(tell);
    tell();
    return () => r.logWatchers.delete(tell);
  },
  exportLog: async () => '/home/asha/log.txt',

  onCloseChoice: async (choice) => void (document.documentElement.dataset['closeChoice'] = choice),
  onCloseAsked: async (on) => {
    closeAsked = on;
    return () => (closeAsked = undefined);
  },
  openLink: async (what) => void (document.documentElement.dataset['opened'] = what),
};

// What tests reach: the close button of a window that is not there, and a log that is written fast.
Object.assign(window, {
  mock: {
    close: () => closeAsked?.(),
    flood: (name: string, lines: number) => {
      const r = run(name);
      for (let i = 0; i < lines; i++)
        r.say(
          i % 50 === 0 ? 'warning' : 'info',
          `service-${i % 30}`,
          `line ${i} of a long log, with enough words to wrap in a narrow pane`,
        );
    },
  },
});
