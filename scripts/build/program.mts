import fs from 'node:fs/promises';
import path from 'node:path';
import esbuild from 'esbuild';
import { isRelative } from './externals.mts';
import type { Outputs } from './outputs.mts';
import { dist, root } from './paths.mts';

/** What only training, text columns from DuckDB and code of people's own need: none of it answers a row. */
const unused = (specifier: string) => !isRelative(specifier) || (specifier.includes('/vendor/') && !specifier.endsWith('/zod_v4.js'));

/**
 * `dist/export/predictor.cjs`: the program that answers rows inside a folder exported for another platform, with all that it needs in one
 * file. It is made of what the build has written before, whose imports wait until they are used.
 */
export async function bundleProgram(outputs: Outputs): Promise<void> {
	const licence = await fs.readFile(path.join(root, 'node_modules/zod/LICENSE'), 'utf8');
	const { outputFiles } = await esbuild.build({
		entryPoints: [path.join(dist, 'lib/export/mlflow/program.js')],
		bundle: true,
		write: false,
		minify: true,
		format: 'cjs',
		platform: 'node',
		target: 'node20',
		charset: 'utf8',
		logLevel: 'silent',
		banner: { js: `/*! The predictor of n8n-nodes-mlops (MIT). With zod:\n${licence.replaceAll('*/', '')}*/` },
		plugins: [
			{
				name: 'leave-out-unused',
				setup: (build) =>
					build.onResolve({ filter: /.*/ }, ({ path: specifier, kind }) =>
						kind !== 'entry-point' && unused(specifier) ? { path: specifier, external: true } : undefined,
					),
			},
		],
	});
	await outputs.write('export/predictor.cjs', outputFiles[0].contents);
}
