/**
 * What this process was told in confidence, by name. It reaches the processes that run jobs by their environment and beside the job that
 * they are asked to run, never in a job's input, an item, a log or an artifact.
 */
const given = new Map<string, string>();

/** Tells this process a secret, and from now on those that run jobs for it. */
export function giveSecret(name: string, value: string): void {
	given.set(name, value);
}

/** All of them, for the environment of a process that runs jobs. */
export const secretsGiven = (): Record<string, string> => Object.fromEntries(given);

/** A secret that was given to this process, or that its environment has. */
export const secretOf = (name: string): string | undefined => given.get(name) ?? process.env[name];
