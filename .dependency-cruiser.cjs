// Who may import whom. One rule per sentence of the house; sources only unless a rule says otherwise.
const room = (pattern) =>
  `^(packages/core|packages/kit|packages/alipay|packages/wechatpay|packages/wechatpay-bills|packages/wechatpay-v2|packages/contest|packages/unionpay|packages/gateway|packages/cli|simulators/[^/]+|conformance|examples)/${pattern}`;

/** Workspace folders a room's sources may import beside themselves. */
const allowed = {
  'packages/core': [],
  'packages/kit': ['packages/core'],
  'packages/alipay': ['packages/core', 'packages/kit'],
  // One payer gives out the same files over either protocol; nothing else is shared between the two.
  'packages/wechatpay-bills': ['packages/core'],
  'packages/wechatpay': ['packages/core', 'packages/kit', 'packages/wechatpay-bills'],
  'packages/wechatpay-v2': ['packages/core', 'packages/kit', 'packages/wechatpay-bills'],
  'packages/unionpay': ['packages/core', 'packages/kit'],
  // What measures and attacks: it knows no channel, and only tests, benches and attacks know it.
  'packages/contest': [],
  // Channels are given to it: it knows the contract and none of them.
  'packages/gateway': ['packages/core', 'packages/kit'],
  'packages/cli': ['packages/core', 'simulators/'],
  'simulators/chassis': ['packages/core'],
  'simulators/clearing': ['packages/core', 'simulators/chassis'],
  'simulators/wechatpay': ['packages/core', 'packages/kit', 'simulators/chassis'],
  'simulators/alipay': ['packages/core', 'packages/kit', 'simulators/chassis'],
  'simulators/unionpay': ['packages/core', 'packages/kit', 'simulators/chassis'],
  conformance: ['packages/core'],
};

const workspace = '^(packages|simulators|conformance|examples)/';

const imports = Object.entries(allowed).map(([folder, others]) => ({
  name: `${folder.replace('/', '-')}-imports`,
  severity: 'error',
  comment: `${folder} may import only ${others.join(', ') || 'itself'}`,
  from: { path: `^${folder}/src/` },
  // A whole name: packages/wechatpay is not packages/wechatpay-v2.
  to: {
    path: workspace,
    pathNot: [folder, ...others].map((path) => `^${path.replace(/\/?$/, '/')}`),
  },
}));

module.exports = {
  forbidden: [
    ...imports,
    {
      name: 'core-depends-on-zod-only',
      severity: 'error',
      from: { path: '^packages/core/src/' },
      to: { dependencyTypes: ['npm', 'npm-dev', 'core'], pathNot: 'node_modules/.*zod' },
    },
    {
      name: 'conformance-depends-on-node-only',
      severity: 'error',
      from: { path: '^conformance/src/' },
      to: { dependencyTypes: ['npm', 'npm-dev', 'npm-peer'], pathNot: '^packages/core/' },
    },
    {
      name: 'twin-never-meets-its-channel',
      severity: 'error',
      comment:
        'A canonical string written once and imported twice passes every test. What watches for tests holds none.',
      from: { path: '^simulators/' },
      to: { path: '^packages/(?!core/|kit/|cli/|contest/)' },
    },
    {
      name: 'channel-never-meets-its-twin',
      severity: 'error',
      comment: 'Only tests and benchmarks bring a channel and its simulator together.',
      from: { path: '^packages/(?!cli/)[^/]+/src/' },
      to: { path: '^simulators/' },
    },
    {
      name: 'twin-writes-its-own-canonical-string',
      severity: 'error',
      from: { path: '^simulators/' },
      to: { path: '^packages/kit/src/(canonical|signer|transport)\\.ts$' },
    },
    {
      name: 'no-reaching-into-another-room',
      severity: 'error',
      comment: 'Rooms meet at their exports, never by relative path.',
      from: { path: room('') },
      to: { path: workspace, dependencyTypes: ['local'], pathNot: ['^$1/', '^$1$'] },
    },
    {
      name: 'no-tests-in-sources',
      severity: 'error',
      from: { path: '/src/' },
      to: { path: '/(test|bench|attack)/' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, dependencyTypesNot: ['type-only'] },
    },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'declared',
      severity: 'error',
      comment:
        'What a published source imports stands in its own package.json. A workspace package that is not declared there is not resolvable either.',
      from: { path: '/src/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'undetermined'], pathNot: workspace },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', 'dist'] },
    exclude: { path: ['/dist/', 'packages/core/test/contract'] },
    tsConfig: { fileName: '.config/tsconfig.json' },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@polyrail/source', 'import', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
    },
  },
};
