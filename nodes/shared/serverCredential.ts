import type { ICredentialsDecrypted, ICredentialTestFunctions, INodeCredentialDescription, INodeCredentialTestResult } from 'n8n-workflow';
import { testResult } from './credentialTest.js';

export const SERVER_CREDENTIAL = 'mlopsServerApi';
export const SERVER_TEST = 'testMlopsServer';

/** What n8n's screen of credentials runs: it asks the server whose key this is, and what it opens. */
export async function testServer(this: ICredentialTestFunctions, credential: ICredentialsDecrypted): Promise<INodeCredentialTestResult> {
	return await testResult(async () => {
		const { testServerAccess } = await import('../../lib/app/serverAccess.js');
		return await testServerAccess(credential.data ?? {});
	});
}

/** The credential of a model server, asked for while `show` holds. */
export const serverCredential = (show: Record<string, string[]>): INodeCredentialDescription => ({
	name: SERVER_CREDENTIAL,
	required: true,
	testedBy: SERVER_TEST,
	displayOptions: { show },
});
