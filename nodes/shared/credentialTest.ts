import type { INodeCredentialTestResult } from 'n8n-workflow';

/** What n8n's screen of credentials shows: the sentence that `test` gives, or that of its failure. No sentence holds a secret. */
export async function testResult(test: () => Promise<string>): Promise<INodeCredentialTestResult> {
	try {
		return { status: 'OK', message: await test() };
	} catch (thrown) {
		const { MlopsError } = await import('../../lib/domain/errors.js');
		const { message, details } = MlopsError.from(thrown);
		return { status: 'Error', message: [message, details.remedy].filter(Boolean).join(' ') };
	}
}
