import { sourceById } from '../data/sources/index.js';

/** The name of a dataset that nobody named, as the source makes it of its parameters; else the source's own. @throws `input.invalid` */
export const datasetNameOf = ({ source, params }: { source: string; params?: unknown }): string =>
	sourceById(source).nameOf?.((params ?? {}) as Record<string, unknown>) ?? source;
