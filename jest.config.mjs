import { availableParallelism } from 'node:os';

/** Tests run from the sources; those in full n8n (`test/e2e`) and the benchmarks have commands of their own. */
export default {
	testEnvironment: '<rootDir>/test/patientEnvironment.ts',
	roots: ['<rootDir>/test'],
	testMatch: ['**/*.test.ts'],
	testPathIgnorePatterns: ['/node_modules/', '/test/e2e/', '/test/bench/'],
	transform: {
		'^.+\\.[tm]?[jt]s$': ['@swc/jest', { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } }],
	},
	// kysely is published as ES modules alone.
	transformIgnorePatterns: ['/node_modules/(?!(kysely)/)', '<rootDir>/dist/'],
	moduleNameMapper: {
		'^(\\.{1,2}/.*)\\.js$': '$1',
		// Every property test begins from the same seed.
		'^fast-check$': '<rootDir>/test/seededFastCheck.ts',
	},
	testTimeout: 60_000,
	// jest leaves a core free, which on two cores is every second one: most tests wait for processes and servers of their own.
	maxWorkers: Math.max(2, availableParallelism() - 1),
	// What a worker's modules have gathered by then goes with it.
	workerIdleMemoryLimit: '3GB',
};
