/** Types of `execution.mjs` for the tests. */
export interface Item {
	json: Record<string, unknown>;
	binary?: Record<string, { mimeType: string; fileType?: string; id?: string; data: string }>;
}

export interface NodeRun {
	executionStatus: string;
	executionTime: number;
	startTime: number;
	data?: { main: Array<Item[] | null> };
	error?: { message: string; description?: string };
}

export interface Execution {
	status: string;
	data: {
		resultData: { runData: Record<string, NodeRun[]>; error?: { message: string; description?: string }; lastNodeExecuted?: string };
	};
}

export interface Executions {
	start(template: { id: string }, trigger: string): Promise<string>;
	look(id: string): Promise<Execution>;
}

export function untilState(
	host: Executions,
	id: string,
	states: string[],
	options: { seconds: number; each?: () => void },
): Promise<Execution>;
