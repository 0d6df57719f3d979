#!/usr/bin/env node
import process from 'node:process';

/** What the store and the engines use; n8n 2.36 and newer need it too. */
const LEAST_NODE = 24;

// This file alone is written so that any Node can read it: an older one gets a sentence, no syntax error.
if (Number(process.versions.node.split('.')[0]) < LEAST_NODE) {
	process.stderr.write(
		`mlops needs Node ${LEAST_NODE} or newer, as n8n itself does; this is Node ${process.versions.node} (${process.execPath}).\n` +
			'Call it with a newer one: path/to/node path/to/n8n-nodes-mlops/dist/lib/cli/mlops.js\n',
	);
	process.exitCode = 1;
} else {
	// The store's database is still called experimental by Node: nothing that a person could act on.
	process.removeAllListeners('warning');
	process.on('warning', (warning) => {
		if (warning.name !== 'ExperimentalWarning') process.stderr.write(`${warning.name}: ${warning.message}\n`);
	});
	void import('../compute/compiledCode.js')
		.then(async ({ useCompiled }) => {
			useCompiled();
			return await Promise.all([import('./main.js'), import('./streams.js')]);
		})
		.then(async ([{ main }, { heedStreams }]) => {
			heedStreams();
			process.exitCode = await main(process.argv.slice(2));
		});
}
