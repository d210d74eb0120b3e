/** What can be measured: the amounts of a full run and of a trial, and where to find both halves. */
export const SECTIONS = {
  queries: {
    full: { rounds: 3, ms: 1500 },
    short: { rounds: 1, ms: 500 },
    load: async () => ({
      measure: (await import('./queries/section.js')).queries,
      ...(await import('./queries/report.js')),
    }),
  },
  alloc: {
    full: { warmUp: 1000 },
    short: { warmUp: 200 },
    load: async () => ({
      measure: (await import('./alloc/section.js')).alloc,
      ...(await import('./alloc/report.js')),
    }),
  },
  intake: {
    full: { rounds: 3, deliveries: 10_000 },
    short: { rounds: 1, deliveries: 2000 },
    load: async () => ({
      measure: (await import('./intake/section.js')).intake,
      ...(await import('./intake/report.js')),
    }),
  },
  fanout: {
    full: { sizes: [1000, 5000, 10_000], rounds: 3, deliveries: 100_000, seconds: 5 },
    short: { sizes: [1000], rounds: 1, deliveries: 20_000, seconds: 3 },
    load: async () => ({
      measure: (await import('./fanout/section.js')).fanout,
      ...(await import('./fanout/report.js')),
    }),
  },
  growth: {
    full: { sizes: [10_000, 100_000, 1_000_000], starts: 5, ms: 1000 },
    short: { sizes: [10_000, 100_000], starts: 1, ms: 300 },
    load: async () => ({
      measure: (await import('./growth/section.js')).growth,
      ...(await import('./growth/report.js')),
    }),
  },
  scale: {
    full: { rounds: 3, webhooks: 10_000, sockets: 2000, deliveries: 200_000 },
    short: { rounds: 1, webhooks: 1000, sockets: 200, deliveries: 8000 },
    load: async () => ({
      measure: (await import('./scale/section.js')).scale,
      ...(await import('./scale/report.js')),
    }),
  },
  providers: {
    full: {
      cards: { listeners: [1, 10, 100, 1000], purchases: 10, seconds: 70 },
      bank: { dashboards: [1, 10, 100], transfers: [0, 1, 60], seconds: { measured: 120, again: 60 } },
    },
    short: {
      cards: { listeners: [1, 20], purchases: 5, seconds: 10 },
      bank: { dashboards: [1, 10], transfers: [0, 60], seconds: { measured: 30, again: 30 } },
    },
    load: async () => ({
      measure: (await import('./providers/section.js')).providers,
      ...(await import('./providers/report.js')),
    }),
  },
  soak: {
    full: { minutes: 20 },
    short: { minutes: 1, subscribers: 100, sampleSeconds: 2 },
    load: async () => ({
      measure: (await import('./soak/section.js')).soak,
      ...(await import('./soak/report.js')),
    }),
  },
};

/** What `all` measures: `soak` is a matter of patience, and asked for by itself. */
export const ALL = Object.keys(SECTIONS).filter((name) => name !== 'soak');
