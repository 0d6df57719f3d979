import type { ICredentialsDecrypted, ICredentialTestFunctions, INodeCredentialDescription, INodeCredentialTestResult } from 'n8n-workflow';

export const STORE_CREDENTIAL = 'mlopsStoreApi';
export const STORE_TEST = 'testMlopsStore';

/** Every node may be given a store of its own; without one it is the store that the settings name. */
export const storeCredential: INodeCredentialDescription = { name: STORE_CREDENTIAL, required: false, testedBy: STORE_TEST };

/** What n8n's screen of credentials runs: nothing is made, and no sentence holds a secret. */
export async function testStore(this: ICredentialTestFunctions, credential: ICredentialsDecrypted): Promise<INodeCredentialTestResult> {
	try {
		const { testStoreAccess } = await import('../../lib/app/storeAccess.js');
		return { status: 'OK', message: await testStoreAccess(credential.data ?? {}) };
	} catch (thrown) {
		const { MlopsError } = await import('../../lib/domain/errors.js');
		const { message, details } = MlopsError.from(thrown);
		return { status: 'Error', message: [message, details.remedy].filter(Boolean).join(' ') };
	}
}
