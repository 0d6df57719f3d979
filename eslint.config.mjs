import { n8nCommunityNodesPlugin } from '@n8n/eslint-plugin-community-nodes';
import tseslint from 'typescript-eslint';
import { noPlainDictionary } from './scripts/lint/noPlainDictionary.mts';
import { noTaskIds } from './scripts/lint/noTaskIds.mts';
import { wholeCharacters } from './scripts/lint/wholeCharacters.mts';

const n8n = n8nCommunityNodesPlugin.configs.recommendedWithoutN8nCloudSupport;
const rule = (name) => `@n8n/community-nodes/${name}`;
const typescript = ['{lib,nodes,credentials,test,scripts}/**/*.{ts,tsx,mts}'];

export default tseslint.config(
	{ ignores: ['dist/', 'coverage/', '.tmp/', '.peers/', 'lib/**/kernel/assembly/'] },
	{ linterOptions: { reportUnusedDisableDirectives: 'error' } },
	{
		files: typescript,
		extends: [tseslint.configs.recommended],
		languageOptions: { parserOptions: { projectService: true } },
		rules: {
			'@typescript-eslint/await-thenable': 'error',
			'@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false }],
			'@typescript-eslint/no-floating-promises': [
				'error',
				{ allowForKnownSafeCalls: [{ from: 'package', name: ['test', 'it', 'describe'], package: 'node:test' }] },
			],
			'@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
			'@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
			'@typescript-eslint/only-throw-error': 'error',
			'@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
		},
	},
	{
		files: ['{lib,nodes}/**/*.{ts,tsx}'],
		plugins: {
			mlops: { rules: { 'no-plain-dictionary': noPlainDictionary, 'no-task-ids': noTaskIds, 'whole-characters': wholeCharacters } },
		},
		rules: { 'mlops/no-plain-dictionary': 'error', 'mlops/no-task-ids': 'error', 'mlops/whole-characters': 'error' },
	},
	{
		// What a task is stands here.
		files: ['lib/task/tasks/*.ts'],
		rules: { 'mlops/no-task-ids': 'off' },
	},
	{
		files: ['**/*.{ts,tsx,mts,js,mjs}'],
		rules: {
			eqeqeq: ['error', 'always', { null: 'ignore' }],
			'no-constant-binary-expression': 'error',
			'no-debugger': 'error',
			'no-eval': 'error',
			'no-implied-eval': 'error',
			'no-new-func': 'error',
			'no-template-curly-in-string': 'error',
			'no-var': 'error',
			'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx', 'hack'], location: 'start' }],
			'object-shorthand': 'error',
			'prefer-const': ['error', { destructuring: 'all' }],
		},
	},
	{
		// The length of what is read at a time. What must be longer says why where the rule is turned off.
		files: ['{lib,nodes,credentials,scripts}/**/*.{ts,tsx,mts,mjs,cjs,js}', '*.{mjs,js}'],
		rules: {
			// Strings and templates, too, which the formatter does not break; it counts two columns a tab.
			'max-len': ['error', { code: 140, tabWidth: 2, ignoreUrls: true }],
			'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
			'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
		},
	},
	{
		// A file of tests is a list: it may be longer, and so may its functions.
		files: ['test/**/*.{ts,mts,mjs,js}'],
		rules: { 'max-lines': ['error', { max: 500, skipBlankLines: true, skipComments: true }] },
	},
	{
		files: ['lib/**/*.{ts,tsx}', 'nodes/**/*.ts', 'credentials/**/*.ts'],
		rules: {
			// n8n's own logger and the run record are the places for messages; the command line writes to its streams.
			'no-console': 'error',
			'no-restricted-properties': [
				'error',
				{ object: 'Math', property: 'random', message: 'Results must repeat: use a seeded generator.' },
			],
			'no-restricted-imports': ['error', { paths: [{ name: 'zod', message: "Import { z } from 'zod/v4'." }] }],
		},
	},
	{
		files: ['lib/**/*.ts', 'nodes/**/*.ts'],
		ignores: ['lib/domain/cancel.ts'],
		rules: {
			'no-restricted-syntax': [
				'error',
				{
					selector: "NewExpression > Literal[value='compute.cancelled']",
					message: 'Work is stopped in one way: throwIfCancelled of lib/domain/cancel.ts.',
				},
			],
		},
	},
	{
		// Each rule is seen by its own kind of file; the rules find out by the file's name.
		...n8n,
		files: ['nodes/**/*.ts', 'credentials/**/*.ts'],
		languageOptions: { parser: tseslint.parser },
	},
	{
		files: ['credentials/**/*.ts'],
		// A database is no web service: nodes/shared/storeCredential.ts gives all nodes the test; test/engine runs it.
		rules: { [rule('credential-test-required')]: 'off' },
	},
	{
		files: ['nodes/**/*.ts'],
		rules: {
			// Databases, mail and chat are signed in to with the credentials that people already have in n8n.
			[rule('no-credential-reuse')]: 'off',
			[rule('valid-credential-references')]: 'off',
			// nodes/shared/execute.ts adds pairedItem to every item, and makes a NodeOperationError of every error.
			[rule('missing-paired-item')]: 'off',
			[rule('require-node-api-error')]: 'off',
			// nodes/shared/nodeBase.ts gives all nodes their icon: test/package looks at icon and subtitle of the built nodes.
			[rule('icon-validation')]: 'off',
			[rule('require-node-description-fields')]: 'off',
		},
	},
	{
		files: ['nodes/Notify/*.node.ts'],
		// Its webhook resumes an execution that waits: there is nothing to register with a third party.
		rules: { [rule('webhook-lifecycle-complete')]: 'off' },
	},
	{
		...n8n,
		files: ['package.json'],
		languageOptions: { parser: tseslint.parser, parserOptions: { extraFileExtensions: ['.json'] } },
		rules: {
			...n8n.rules,
			// DuckDB and resvg are native modules: they cannot be bundled, and both install without scripts.
			[rule('no-runtime-dependencies')]: 'off',
			// For developers alone (danfojs-node names a package by a URL): n8n's install screen never reads them.
			[rule('no-overrides-field')]: 'off',
			// TensorFlow's native backends and WebGPU are optional peers: used when a person installed them.
			[rule('valid-peer-dependencies')]: 'off',
			// The project has no person and no page to name.
			[rule('valid-author')]: 'off',
			[rule('require-homepage')]: 'off',
		},
	},
);
