// What each command does and takes. Runs on any Node >= 18, before anything is fetched.

/** By command: how npm calls it, one sentence, and its options. */
export const help = {
	start: {
		call: 'npm start',
		does: 'Starts n8n with the nodes and the templates on this computer, and prints address, e-mail and password. Ctrl-C stops everything.',
		options: {
			'--port <number>': 'the port to listen on (5678, or a free one where that is taken)',
			'--reset': 'begin anew: wipes the data that an earlier start left',
		},
	},
	test: {
		call: 'npm test',
		does: 'Runs all tests but those in a browser.',
		options: {
			'<pattern>': 'only test files whose path matches, for example test/data',
			'-w 1': 'one file at a time',
			'...': 'whatever else Jest takes (npx jest --help)',
		},
	},
	demo: {
		call: 'npm run demo',
		does:
			'Runs the template "Flight delays" without a browser: three million flights, a real approval over its link, predictions, drift. ' +
			"Needs no full n8n: n8n's engine is among the packages. Ends with a table of the stages and the paths of the reports.",
		options: { '--json': 'print one JSON object instead of the table', '--n8n': 'run it in full n8n, which is fetched once (about 3 GB)' },
	},
	build: { call: 'npm run build', does: 'Builds the package into dist.', options: {} },
	lint: {
		call: 'npm run lint',
		does: 'Looks for faults, bad style and formatting in all files.',
		options: { '<file>': 'only in these files' },
	},
	format: {
		call: 'npm run format',
		does: 'Breaks lines and indents all files as the lint wants them.',
		options: { '<file>': 'only these files' },
	},
	touched: {
		call: 'node scripts/run.mjs touched',
		does: 'Adds each example of lib/README.md to a clean tree, as the page says, and counts the files that change.',
		options: { '--base <revision>': 'count in this commit instead of the present one' },
	},
	'fetch-n8n': {
		call: 'node scripts/run.mjs fetch-n8n',
		does: 'Fetches full n8n into your cache folder, where npm start and the browser tests look for it.',
		options: {},
	},
	e2e: {
		call: 'npm run test:e2e',
		does: 'Runs the tests in full n8n, those in a browser where Chromium is installed.',
		options: { '<pattern>': 'only test files whose path matches' },
	},
	'bench-trees': {
		call: 'npm run bench:trees',
		does: 'Times our trees beside LightGBM, scikit-learn and XGBoost, where Python is installed.',
		options: { '...': 'which cases and how often: test/bench/trees/run.mts says it in its first lines' },
	},
	'bench-serve': {
		call: 'npm run bench:serve',
		does: 'Puts load on our model server beside MLServer, KServe, MLflow and a bare server of Node, with the same model.',
		options: {
			'--case <names>': 'one-row, hundred-rows (both)',
			'--peer <names>': 'mlserver, kserve, mlflow, echo (all; what cannot be installed is left out)',
			'--seconds <number>': 'length of a run (5)',
			'--runs <number>': 'how often each is measured, in turn; medians count (3)',
			'--connections <number>': 'open connections (8)',
			'--json': 'print an array of { case, peer, peerVersion, value, peerValue, ratio, unit }; the ratio is ours by theirs',
			'--soak': 'hold 1,000 connections open for some minutes instead, 3 million requests at most, and watch the memory',
			'--minutes <number>': 'how long a soak takes (5)',
		},
	},
	'bench-drift': {
		call: 'npm run bench:drift',
		does: 'Times drift of 1 M rows in 50 columns beside Evidently, where Python is installed; the verdicts must agree.',
		options: {
			'--case <names>': 'default, evidently, sketch (all)',
			'--scale <number>': 'so many times the rows (1)',
			'--runs <number>': 'how often ours is measured; medians count (3)',
			'--threads <number>': 'that ours may use (all, 8 at most)',
			'--json': 'print an array of { case, peer, peerVersion, value, peerValue, ratio, unit }; the ratio is ours by theirs',
		},
	},
	'bench-data': {
		call: 'npm run bench:data',
		does:
			'Times the preparation of a table of 1 M and 10 M rows beside pandas and Polars, where Python is installed; ' +
			'both must find the same.',
		options: {
			'--case <names>': 'ingest, recipe, recipe-row, or ingest-1m, recipe-10m and so on (all)',
			'--peer <names>': 'pandas, polars (all)',
			'--rows <number>': 'so many rows instead',
			'--runs <number>': 'how often each is measured, in turn; medians count (3; 1 of large tables)',
			'--threads <number>': 'that cases may use which ask for it (all, 8 at most)',
			'--json': 'print an array of { case, peer, peerVersion, value, peerValue, ratio, unit }; the ratio is ours by theirs',
		},
	},
	'bench-quality': {
		call: 'npm run bench:quality',
		does:
			'Compares the answers of Automatic on public tables with those of LightGBM, scikit-learn, CatBoost and FLAML, where Python is ' +
			'installed. Takes hours; goes on where it was ended.',
		options: {
			'--set <names>': 'tables: test/bench/quality/README.md lists them (all)',
			'--peer <names>': 'lightgbm, hgb, forest, catboost, flaml (all)',
			'--seconds <number>': 'that Automatic and FLAML may take (60)',
			'--seeds <number>': 'divisions of the rows of each table; means count (3)',
			'--threads <number>': 'that each may use (2)',
			'--parts': 'also try Automatic without some of its parts',
			'--kept': 'take answers of peers that stand in test/bench/quality/kept.jsonl, from earlier runs',
			'--keep': 'put answers of peers there',
			'--peers-alone': 'ask peers alone',
			'--json': 'print an array of { case, peer, peerVersion, value, peerValue, ratio, unit }; the ratio is our error by theirs',
		},
	},
	'bench-learn': {
		call: 'npm run bench:learn',
		does: 'Times the tabular network beside the same network in PyTorch, and many rows beside our trees, where Python is installed.',
		options: {
			'--case <names>': 'train, row, batch (all)',
			'--rows <number>': 'that are learned from (20000)',
			'--batch-rows <number>': 'that are answered in a batch (1000000)',
			'--epochs <number>': 'of both (8)',
			'--runs <number>': 'how often each is measured, in turn; medians count (3)',
			'--threads <number>': 'that each may use (2)',
			'--json': 'print an array of { case, peer, peerVersion, value, peerValue, ratio, unit }; the ratio is ours by theirs',
		},
	},
	'bench-gpu': {
		call: 'npm run bench:gpu',
		does:
			'Trains the tabular network on the graphics card, beside the same network in PyTorch on the same card, where Python is installed. ' +
			'Says so where there is no card, and ends with 1.',
		options: {
			'--rows <number>': 'that are learned from, 50 columns each (1000000; 20000 on the processor)',
			'--epochs <number>': 'of both (8)',
			'--batch-size <number>': 'rows a step of both (1024)',
			'--seconds <number>': 'after which a training waits for no further epoch (120)',
			'--runs <number>': 'how often each is measured, in turn; medians count (3)',
			'--backend <names>': 'webgpu, tfjs-node-gpu (both: the faster one counts)',
			'--any-backend': 'where there is no card, try it out on the processor instead',
			'--json': 'print an array of { case, peer, peerVersion, value, peerValue, ratio, unit }; the ratio is ours by theirs',
		},
	},
	'bench-console': {
		call: 'npm run bench:console',
		does: 'Times the data of each page of the console on a store of 100,000 trainings and 10 M answers, made once a day.',
		options: {
			'--runs <number>': 'trainings in the store (100000)',
			'--answers <number>': 'answers in its log (10000000)',
			'--times <number>': 'how often each page is asked (200)',
			'--page <names>': 'only these pages',
			'--json': 'print an array of { case, value, unit }, one a page, its 99th percentile in milliseconds',
		},
	},
	'simulate-alarms': {
		call: 'npm run simulate:alarms',
		does: "Counts the false alarms of a thousand years, and the days until a change is seen, beside Evidently's and NannyML's defaults.",
		options: {
			'--write': 'put the tables into lib/monitor/README.md',
			'--json': 'print what was found as one JSON object',
			'--years <number>': 'years in which nothing changes (1000)',
			'--first <number>': 'seed of the first year, so that several runs can share them (1)',
			'--repeats <number>': 'how often each change is tried (50)',
			'--setting <names>': 'large (1,000 rows a day), small (200; both)',
			'--only <what>': 'years or delays (both)',
			'--of <files>': 'make tables of what earlier runs printed with --json',
			'--threads <number>': 'threads to use (2)',
		},
	},
	exec: {
		call: 'node scripts/run.mjs exec <program>',
		does: 'Runs a program of an installed package under the right Node, for example: exec tsc -p .',
		options: {},
	},
};

/** True where somebody asks what a command does rather than to run it. `exec` passes its arguments on. */
export const asksForHelp = (command, args) => command !== 'exec' && args.some((a) => a === '--help' || a === '-h');

/** The text for one command, or a line for each where the name is not known. */
export function helpText(command) {
	const known = Object.hasOwn(help, command) ? help[command] : undefined;
	if (!known)
		return `${Object.values(help)
			.map(({ call, does }) => `  ${call}\n      ${does}`)
			.join('\n')}\n\nEach takes --help (npm start -- --help).`;
	const names = Object.keys(known.options);
	const width = Math.max(...names.map((n) => n.length), 0) + 2;
	const options = names.map((name) => `  ${name.padEnd(width)}${known.options[name]}`);
	const separator = known.call.startsWith('npm') && names.length > 0 ? ` -- [options]` : '';
	return [`${known.call}${separator}`, '', known.does, ...(options.length > 0 ? ['', ...options] : [])].join('\n');
}
