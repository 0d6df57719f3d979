/** Types of `n8nFolder.mjs` for the tests. */
export function defaultUserFolder(): string;
export function prepareUserFolder(userFolder: string): Promise<void>;
export function resetUserFolder(userFolder: string): Promise<void>;
export function linkPackage(userFolder: string, packageFolder?: string): Promise<void>;
export function accountOf(userFolder: string): Promise<{ email: string; password: string }>;
export function importTemplates(
	userFolder: string,
	options?: { folder?: string; env?: Record<string, string | undefined> },
): Promise<string[]>;
