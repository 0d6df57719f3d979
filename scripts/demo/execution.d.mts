/** Types of `execution.mjs` for the tests. */
type Call = (method: string, route: string, body?: unknown) => Promise<unknown>;

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
	id: string;
	status: string;
	data: { resultData: { runData: Record<string, NodeRun[]>; error?: { message: string; description?: string }; lastNodeExecuted?: string } };
}

export function startByHand(call: Call, workflowId: string, trigger: string): Promise<string>;
export function untilState(call: Call, id: string, states: string[], options: { seconds: number; each?: (execution: Execution) => void }): Promise<Execution>;
export function approvalLink(log: string, approver: string, seconds?: number): Promise<string>;
export function approve(link: string, comment: string): Promise<string>;
