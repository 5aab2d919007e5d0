/** What the pretended program knows: a catalog with the shape of the real one, made-up clusters, and services. */

import type { CatalogView } from '../types/CatalogView';
import type { ClusterView } from '../types/ClusterView';
import type { KubeconfigView } from '../types/KubeconfigView';
import type { PlannedService } from '../types/PlannedService';
import type { Product } from '../types/Product';

const CORE =
  'egov-user mdms-v2 egov-idgen egov-localization egov-filestore egov-enc-service egov-persister egov-indexer egov-location egov-otp user-otp egov-accesscontrol egov-workflow-v2 egov-url-shortening egov-notification-sms egov-notification-mail egov-common-masters egov-pdf inbox boundary-service audit-service'.split(
    ' ',
  );
const BACKBONE = 'kafka-kraft elasticsearch-master elasticsearch-data kibana redis'.split(' ');
const MODULES: Record<string, string[]> = {
  m_pgr: ['pgr-services'],
  m_dss: ['dashboard-analytics', 'dashboard-ingest'],
  m_bpa: ['bpa-calculator', 'bpa-services'],
  m_edcr: ['egov-edcr'],
  'm_fire-noc': ['firenoc-calculator', 'firenoc-services'],
  'm_property-tax': ['property-services', 'pt-calculator-v2', 'pt-services-v2'],
  'm_trade-license': ['tl-calculator', 'tl-services'],
  'm_water-service': ['ws-calculator', 'ws-services'],
  m_sewerage: ['sw-calculator', 'sw-services'],
  m_echallan: ['echallan-calculator', 'echallan-services'],
  m_practice: ['practice-complaints'],
};

export const catalog: CatalogView = {
  products: [
    {
      name: 'DIGIT',
      version: 'v2.9.2',
      modules: [{ id: 'm_pgr', services: MODULES['m_pgr'] ?? [], 'ready-to-use': false }],
      always: 34,
      available: false,
      download: 12_400_000,
    },
    {
      name: 'URBAN',
      version: 'v2.9',
      modules: Object.keys(MODULES)
        .filter((id) => id !== 'm_practice')
        .map((id) => ({ id, services: MODULES[id] ?? [], 'ready-to-use': id !== 'm_bpa' && id !== 'm_edcr' })),
      always: 41,
      available: true,
      download: 12_400_000,
    },
    {
      name: 'practice',
      version: 'v1',
      modules: [{ id: 'm_practice', services: ['practice-complaints'], 'ready-to-use': true }],
      always: 5,
      available: true,
      download: null,
    },
  ],
};

function service(
  name: string,
  stage: string,
  because: PlannedService['because'],
  memory = 512,
  disk = 0,
): PlannedService {
  const namespace = stage === 'backbone' || stage === 'entry' ? 'backbone' : 'egov';
  return {
    name,
    namespace,
    stage,
    because,
    workloads: [`Deployment/${namespace}/${name}`],
    'objects-hash': '',
    images: [`egovio/${name}:v2.9.2-4a60f20`],
    memory,
    disk,
  };
}

export function servicesOf(product: Product, ours = false): PlannedService[] {
  if (product.name === 'practice') {
    const group = { code: 'group', of: 'm_practice' };
    return [
      service('practice-store', 'backbone', group, 64, 1),
      service('practice-user', 'core', group, 64),
      service('practice-masters', 'core', group, 64),
      service('practice-slow', 'core', group, 64),
      service('practice-web', 'frontend', { code: 'always', of: 'practice' }, 32),
      service('practice-complaints', 'modules', { code: 'chosen', of: 'm_practice' }, 64),
    ];
  }
  const first = product.modules[0] ?? 'm_pgr';
  const out: PlannedService[] = [
    service('cluster-configs', 'settings', { code: 'settings', of: product.name }, 0),
    service('cert-manager', 'entry', { code: 'group', of: 'core' }, 128),
    service('ingress-nginx', 'entry', { code: 'group', of: 'core' }, 256),
  ];
  if (!ours) {
    out.push(service('digit-postgresql', 'data', { code: 'data', of: product.name }, 1024, 20));
    out.push(service('digit-files', 'data', { code: 'data', of: product.name }, 512, 20));
  }
  for (const name of BACKBONE)
    out.push(
      service(name, 'backbone', { code: 'group', of: 'core' }, 2048, name === 'kibana' || name === 'redis' ? 0 : 25),
    );
  for (const name of CORE) out.push(service(name, 'core', { code: 'group', of: first }));
  out.push(service('egov-hrms', 'business', { code: 'group', of: first }));
  for (const name of ['citizen', 'digit-ui', 'employee'])
    out.push(service(name, 'frontend', { code: 'always', of: product.name }, 128));
  for (const id of product.modules)
    for (const name of MODULES[id] ?? []) out.push(service(name, 'modules', { code: 'chosen', of: id }));
  out.push(service('gateway', 'gateway', { code: 'group', of: 'core' }, 768));
  return out;
}

export const kubeconfig: KubeconfigView = {
  path: '/home/asha/.kube/config',
  contexts: [
    { name: 'sdc-prod', server: 'https://10.20.4.11:6443', user: 'admin', exec: null },
    { name: 'sdc-test', server: 'https://10.20.4.31:6443', user: 'oidc', exec: 'kubelogin get-token' },
    { name: 'sdc-view', server: 'https://10.20.4.11:6443', user: 'viewer', exec: null },
    { name: 'old-demo', server: 'https://203.0.113.7:6443', user: 'demo', exec: null },
  ],
  current: 'sdc-prod',
};

export const cluster: ClusterView = {
  uid: '7f3a09c2-1b1e-4f0e-9a3b-0c9f1f2f3a4b',
  server: 'https://10.20.4.11:6443',
  version: 'v1.33.4',
  nodes: 6,
  'nodes-ready': 6,
  memory: 98_304,
  'memory-free': 62_464,
  cpu: 48_000,
  'cpu-free': 31_500,
  'storage-class': 'longhorn',
  'ingress-classes': [],
  user: 'admin',
  missing: [],
  installation: null,
};
