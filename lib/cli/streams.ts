import process from 'node:process';

/**
 * What becomes of words that nobody can take. A reader that goes early (`mlops runs | head -1`) has what it wanted: the work goes on to its
 * end, and its own exit code counts. A result that cannot be written otherwise, to a full disk for example, is a failure.
 */
export function heedStreams(): void {
	process.stderr.on('error', () => {});
	let unwritten: Error | undefined;
	process.stdout.on('error', (error: NodeJS.ErrnoException) => {
		if (error.code === 'EPIPE' || unwritten) return;
		unwritten = error;
		process.stderr.write(`Error: The work is done, but its result could not be written: ${error.message}.\n`);
	});
	process.on('exit', () => {
		if (unwritten) process.exitCode = 1;
	});
}
