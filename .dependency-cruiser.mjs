/** From the top down: a folder may import from those after it, never from those before it. */
const LAYERS = [
  ['^src/((main|cli|gateway)\\.ts$|cli/|sandbox/)', 'the entries start things'],
  ['^src/migration/', 'moving from one store to another opens both, and serves nobody'],
  [
    '^src/((app|config)\\.ts$|(app|config)/)',
    'the composition root constructs everything and is constructed by nobody',
  ],
  ['^src/http/', 'the edge speaks HTTP and WebSocket; nothing below it may know that'],
  ['^src/schema/', 'the schema says what may be asked, and leaves the how to the loaders'],
  ['^src/auth/', 'who is asking is decided before anything is fetched'],
  ['^src/loaders/', 'the memory of one operation serves the schema, and knows no GraphQL'],
  ['^src/aside/', 'what was not understood is read again by the providers, and sealed as sessions are'],
  ['^src/sessions/', 'what a viewer has linked does not depend on what is asked'],
  ['^src/providers/', "a provider's folder can be read and replaced alone"],
  ['^src/events/', 'the log keeps what it is given, whoever gives it'],
  ['^src/(upstream|store)/', 'transport and storage know no provider'],
  ['^src/trusted-documents/', 'a manifest is read and made without knowing who serves it'],
  ['^src/domain/', 'domain values are plain: no I/O, no libraries of the edge'],
  ['^src/lib/', 'the library folder stands alone'],
];

const downwards = LAYERS.flatMap(([folder, reason], index) =>
  index === 0
    ? []
    : [
        {
          name: `down-only:${folder}`,
          comment: `${reason}. Move what is needed down, or pass it in from app.ts.`,
          severity: 'error',
          from: { path: folder },
          to: { path: LAYERS.slice(0, index).map(([above]) => above) },
        },
      ],
);

export default {
  forbidden: [
    ...downwards,
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one idea: join them, or move what both need into a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'providers-are-strangers',
      comment: 'What both providers share lives in providers/provider.ts.',
      severity: 'error',
      from: { path: '^src/providers/(bongloy|casso)/' },
      to: { path: '^src/providers/(bongloy|casso)/', pathNot: '^src/providers/$1/' },
    },
    {
      name: 'wire-stays-inside',
      comment: "Wire types end at the provider's own folder: above it there are only domain values.",
      severity: 'error',
      from: { pathNot: '^(src/providers/(bongloy|casso)/|test/)' },
      to: { path: '^src/providers/(bongloy|casso)/wire\\.ts$' },
    },
    {
      name: 'simulator-reads-for-itself',
      comment:
        'Client and simulator are two independent readings of the documents: they share wire types alone.',
      severity: 'error',
      from: { path: '^src/providers/(bongloy|casso)/sandbox/' },
      to: { path: '^src/providers/$1/', pathNot: '^src/providers/$1/(sandbox/|wire\\.ts$)' },
    },
    {
      name: 'no-simulator-in-production',
      comment: 'Only the command `dev` starts simulators.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(cli/dev\\.ts$|sandbox/|providers/(bongloy|casso)/sandbox/)' },
      to: { path: '^src/(sandbox/|providers/(bongloy|casso)/sandbox/)' },
    },
    {
      name: 'tracing-is-loaded-when-wanted',
      comment:
        'Who does not trace does not pay for the SDK: it is imported by app/tracing.ts alone, when it is called.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/app/tracing\\.ts$' },
      to: { path: 'node_modules/@opentelemetry/(?!api/)|^src/app/tracing\\.ts$', dynamic: false },
    },
    {
      name: 'one-caller-of-undici',
      comment: 'Deadlines, limits and the breaker live in upstream/: call a provider through it.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/upstream/' },
      to: { path: 'node_modules/undici' },
    },
    {
      name: 'no-dev-dependency-in-src',
      comment: 'What runs in production is listed under dependencies.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
