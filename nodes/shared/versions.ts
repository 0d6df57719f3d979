import type { IDisplayOptions, IExecuteFunctions, INodeTypeDescription } from 'n8n-workflow';

/**
 * n8n leaves default values out of what it saves, so another default would change what saved workflows do: it is a new version of the
 * node. Workflows go on with the version that they were made with, new nodes get the newest.
 */
export const twoVersions = { version: [1, 2], defaultVersion: 2 } satisfies Partial<INodeTypeDescription>;

type Show = NonNullable<IDisplayOptions['show']>;
/** Conditions of fields that only nodes of one version have. */
export const FIRST: Show = { '@version': [1] };
export const NEWER: Show = { '@version': [{ _cnd: { gte: 2 } }] };

export const isNewer = (functions: Pick<IExecuteFunctions, 'getNode'>): boolean => functions.getNode().typeVersion >= 2;
