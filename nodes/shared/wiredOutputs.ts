import type { IExecuteFunctions } from 'n8n-workflow';

/** What n8n's context holds besides what its types promise. */
interface WithWorkflow {
	workflow?: { connectionsBySourceNode?: Record<string, { main?: Array<unknown[] | null> } | undefined> };
}

/** For each output of the node that runs, whether a line leads from it to another node; undefined where this n8n does not tell. */
export function wiredOutputs(functions: IExecuteFunctions): boolean[] | undefined {
	const connections = (functions as unknown as WithWorkflow).workflow?.connectionsBySourceNode;
	if (!connections) return undefined;
	const own = Object.entries(connections).find(([name]) => name === functions.getNode().name)?.[1];
	return (own?.main ?? []).map((lines) => (lines?.length ?? 0) > 0);
}
