/** Under which heading a module is shown. The catalog says what it is; the order of the headings is a matter of the screen. */

export const GROUPS = ['complaints', 'permits', 'taxes', 'other'] as const;
export type Group = (typeof GROUPS)[number];

const OF: Record<string, Group> = {
  m_pgr: 'complaints',
  m_dss: 'complaints',
  m_bpa: 'permits',
  m_edcr: 'permits',
  'm_fire-noc': 'permits',
  'm_property-tax': 'taxes',
  'm_trade-license': 'taxes',
  'm_water-service': 'taxes',
  m_sewerage: 'taxes',
  m_echallan: 'taxes',
};

export const groupOf = (module: string): Group => OF[module] ?? 'other';
