import { ApiError } from '../../data/api.js';
import { pathTo } from '../../router/place.js';

/**
 * Gets the audit log piece by piece and hands it to the reader as one file.
 * @returns how many events it holds
 */
export async function fetchAuditLog(filters: Readonly<Record<string, string>>, format: 'csv' | 'ndjson'): Promise<number> {
	const pieces: string[] = [];
	let after: string | undefined = '0';
	while (after !== undefined) {
		const response: Response = await fetch(`/api/v1${pathTo('/audit/export', {}, { ...filters, format, after })}`);
		if (!response.ok) throw new ApiError(`The server answered ${response.status}.`, response.status, 'console.no_answer');
		pieces.push(await response.text());
		after = response.headers.get('x-mlops-next') ?? undefined;
	}
	const file = new Blob(pieces, { type: format === 'csv' ? 'text/csv' : 'application/x-ndjson' });
	const link = document.createElement('a');
	link.href = URL.createObjectURL(file);
	link.download = `audit-log-${new Date().toISOString().slice(0, 10)}.${format}`;
	link.click();
	setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
	const lines = pieces.reduce((sum, piece) => sum + (piece.match(/\n/g)?.length ?? 0), 0);
	return format === 'csv' ? Math.max(0, lines - 1) : lines;
}
