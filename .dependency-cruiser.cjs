// The floors of the house, from the top: imports point down only, and are free within a floor.
const floors = [
	'console',
	'cli',
	'server',
	'app',
	'export',
	'serve',
	'monitor',
	'notify',
	'report',
	'evaluate',
	'learn',
	'task',
	'recipe',
	'data',
	'formats',
	'store',
	'http',
	'compute',
	'domain',
];

const up = floors.slice(1).map((floor, index) => ({
	name: `${floor}-imports-down`,
	comment: `lib/${floor} may use only the floors below it.`,
	severity: 'error',
	from: { path: `^lib/${floor}/` },
	to: { path: `^lib/(${floors.slice(0, index + 1).join('|')})/` },
}));

module.exports = {
	forbidden: [
		...up,
		{
			name: 'lib-has-known-floors',
			comment: 'A new folder of lib needs its place among the floors (.dependency-cruiser.cjs).',
			severity: 'error',
			from: {},
			to: { path: '^lib/', pathNot: `^lib/(${floors.join('|')})/` },
		},
		{
			name: 'console-talks-by-http',
			comment: 'The console runs in a browser: of the server it knows the types of its answers, and lib/domain.',
			severity: 'error',
			from: { path: '^lib/console/' },
			to: { path: '^lib/', pathNot: '^lib/(console|domain)/', dependencyTypesNot: ['type-only'] },
		},
		{
			name: 'lib-knows-no-n8n',
			comment: 'lib can be used from a plain script.',
			severity: 'error',
			from: { path: '^lib/' },
			to: { path: ['^(nodes|credentials|test|scripts)/', 'node_modules/n8n-', '^n8n-'] },
		},
		{
			name: 'domain-imports-zod-alone',
			comment: 'What travels or is stored is described without any machinery.',
			severity: 'error',
			from: { path: '^lib/domain/' },
			to: { pathNot: ['^lib/domain/', 'node_modules/zod/', '^(node:)?crypto$'] },
		},
		{
			name: 'nodes-call-use-cases',
			comment: 'Nodes read parameters and call a use case of lib/app; what travels is described in lib/domain.',
			severity: 'error',
			from: { path: '^(nodes|credentials)/' },
			to: { path: '^lib/', pathNot: '^lib/(app|domain)/' },
		},
		{
			name: 'nodes-use-no-engine',
			comment: 'Nodes read parameters and call one use case; n8n-workflow and zod are all that they import from outside.',
			severity: 'error',
			from: { path: '^(nodes|credentials)/' },
			to: { dependencyTypes: ['npm', 'npm-dev', 'npm-peer', 'npm-optional'], pathNot: ['node_modules/(n8n-workflow|zod)/'] },
		},
		{
			name: 'no-sources-from-tests',
			comment: 'What is published does not import tests.',
			severity: 'error',
			from: { path: '^(lib|nodes|credentials|scripts)/' },
			to: { path: '^test/' },
		},
		{
			name: 'no-circle',
			comment: 'Files that import each other cannot be understood, or loaded, one at a time.',
			severity: 'error',
			from: { path: '^(lib|nodes|credentials)/' },
			to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
		},
		{
			name: 'not-found',
			comment: 'An import that leads nowhere.',
			severity: 'error',
			from: {},
			// Optional peers: found at run time where a person installed them.
			to: { couldNotResolve: true, pathNot: '^@tensorflow/tfjs-node-gpu$' },
		},
		{
			name: 'declared',
			comment: 'Every package that is imported is named in package.json.',
			severity: 'error',
			// The library for custom code is bundled from parts of declared packages.
			from: { path: '^(lib|nodes|credentials|scripts|test)/', pathNot: '^lib/recipe/code/danfo/' },
			// Engine tests need n8n-core's very copies of these two, not copies of our own.
			to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'], pathNot: 'node_modules/(@n8n/di|reflect-metadata)/' },
		},
	],
	options: {
		doNotFollow: { path: 'node_modules' },
		exclude: { path: ['^dist/', '^lib/.*/kernel/assembly/'] },
		tsPreCompilationDeps: 'specify',
		tsConfig: { fileName: 'tsconfig.json' },
		combinedDependencies: false,
		moduleSystems: ['es6', 'cjs', 'tsd'],
		enhancedResolveOptions: {
			exportsFields: ['exports'],
			conditionNames: ['types', 'require', 'node', 'default', 'import'],
			extensions: ['.ts', '.tsx', '.mts', '.js', '.mjs', '.cjs', '.json'],
		},
	},
};
