/** A listener that fails must end neither the work nor, thrown in an event of a process, our own. */
export function tell(listener: () => void): void {
	try {
		listener();
	} catch (error) {
		process.stderr.write(`n8n-nodes-mlops: progress could not be shown: ${String(error)}\n`);
	}
}
