import type { IExecuteFunctions } from 'n8n-workflow';
import type { z } from 'zod/v4';
import { parseParams } from '../../lib/domain/params.js';
import { readForm } from './form.js';

/** A field of text without blanks around it; an expression that comes to nothing is an empty one. */
export const textParameter = (functions: IExecuteFunctions, name: string, index: number): string =>
	String(functions.getNodeParameter(name, index, '') ?? '').trim();

/** All of a node's own parameters for one item, expressions resolved. */
export function parametersOf(functions: IExecuteFunctions, index: number): Record<string, unknown> {
	const names = Object.keys(functions.getNode().parameters);
	return Object.fromEntries(names.map((name) => [name, functions.getNodeParameter(name, index, undefined)]));
}

/** The part of a node's parameters that a schema describes, validated; what a person left alone has the schema's default. */
export const formValues = <T>(functions: IExecuteFunctions, index: number, schema: z.ZodType<T>, what: string): T =>
	parseParams(schema, readForm(schema, parametersOf(functions, index)), what);
