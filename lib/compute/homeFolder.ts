import { homedir } from 'node:os';

/** This user's home folder; of one that the system does not know (containers run as any number), where we work, as n8n itself does. */
export function homeFolder(): string {
	try {
		return homedir();
	} catch {
		return process.cwd();
	}
}

/** Whether this user has one. */
export function hasHome(): boolean {
	try {
		return homedir() !== '';
	} catch {
		return false;
	}
}
