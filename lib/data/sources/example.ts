import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { z } from 'zod/v4';
import type { ColumnRole, ColumnType, TaskType } from '../../domain/column.js';
import { own } from '../../domain/dictionary.js';
import { MlopsError } from '../../domain/errors.js';
import { readFiles } from '../readers/readFile.js';
import { defineSource } from './contract.js';

interface Example {
	file: string;
	name: string;
	story: string;
	target: string;
	task: TaskType;
	roles?: Record<string, ColumnRole>;
	types?: Record<string, ColumnType>;
}

/** Real data of the package vega-datasets, each with what a newcomer would want to predict. */
export const EXAMPLES = {
	penguins: {
		file: 'penguins.json',
		name: 'penguins',
		target: 'Species',
		task: 'multiclass',
		story: '344 penguins of three species, measured on islands of Antarctica: tell the species from bill, flipper and weight.',
	},
	flights: {
		file: 'flights-3m.parquet',
		name: 'flights',
		target: 'delay',
		task: 'regression',
		roles: { date: 'time' },
		story: 'Three million flights in the United States from January to June 2001: predict how many minutes late each one is.',
	},
	weather: {
		file: 'seattle-weather.csv',
		name: 'seattle-weather',
		target: 'weather',
		task: 'multiclass',
		roles: { date: 'time' },
		story: 'Four years of daily weather in Seattle: tell sun, rain, fog, drizzle and snow from temperature, wind and precipitation.',
	},
	cars: {
		file: 'cars.json',
		name: 'cars',
		target: 'Miles_per_Gallon',
		task: 'regression',
		roles: { Name: 'ignore', Year: 'feature' },
		story: '406 cars of 1970 to 1982: predict miles per gallon from weight, power and origin.',
	},
	movies: {
		file: 'movies.json',
		name: 'movies',
		target: 'Worldwide Gross',
		task: 'regression',
		roles: { Title: 'ignore', 'US Gross': 'ignore' },
		types: { Title: 'text' },
		story: '3,201 movies: predict what they earn worldwide from budget, genre, rating and votes. A messy table, good for trying Clean.',
	},
} as const satisfies Record<string, Example>;

export type ExampleId = keyof typeof EXAMPLES;

/** Folder with the example files: copied beside the built package, or in the installed vega-datasets. */
export function exampleFolder(): string {
	for (let at = __dirname; ; at = dirname(at)) {
		for (const folder of [join(at, 'data', 'examples'), join(at, 'data')])
			if (existsSync(join(folder, EXAMPLES.penguins.file))) return folder;
		if (dirname(at) === at) break;
	}
	try {
		return join(dirname(createRequire(__filename).resolve('vega-datasets/package.json')), 'data');
	} catch {
		/* its exports may hide package.json: look for the folder itself */
	}
	for (let at = __dirname; ; at = dirname(at)) {
		const folder = join(at, 'node_modules', 'vega-datasets', 'data');
		if (existsSync(folder)) return folder;
		if (dirname(at) === at) break;
	}
	throw new MlopsError('data.source_unreachable', 'The example data are not installed with this package.', {
		remedy: 'Reinstall the package, or use a file or URL as source.',
	});
}

export const exampleSource = defineSource({
	id: 'example',
	label: 'Example data',
	description: 'Real data that come with the package, to try things out.',
	params: z.object({
		example: z
			.enum(['penguins', 'flights', 'weather', 'cars', 'movies'])
			.default('penguins')
			.meta({
				title: 'Example',
				description: 'Which data to load.',
				labels: {
					penguins: 'Penguins (344 rows, 5 minutes)',
					flights: 'Flights of 2001 (3 million rows)',
					weather: 'Weather in Seattle (4 years)',
					cars: 'Cars (406 rows)',
					movies: 'Movies (3,201 rows)',
				},
			}),
	}),
	nameOf: ({ example }) => own(EXAMPLES, String(example ?? ''))?.name,
	async read({ example }, context) {
		const { file, name, target, task, story, ...more }: Example = EXAMPLES[example];
		const table = await readFiles([join(exampleFolder(), file)], {}, context);
		return { ...table, name, target, task, roles: more.roles, types: more.types, description: story };
	},
});
