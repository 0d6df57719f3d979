import type {
	ICredentialsDecrypted,
	ICredentialTestFunctions,
	INode,
	INodeCredentialDescription,
	INodeCredentialTestResult,
	INodeProperties,
} from 'n8n-workflow';
import { testResult } from './credentialTest.js';

export const STORE_CREDENTIAL = 'mlopsStoreApi';
export const STORE_TEST = 'testMlopsStore';

const BY_CREDENTIAL = 'credential';

/**
 * Which store a node works on. It stands on the node's tab Settings, and the credential shows only where it is asked for: whoever begins
 * should not wonder what to connect to.
 */
export const storeField: INodeProperties = {
	displayName: 'MLOps Store',
	name: 'store',
	type: 'options',
	noDataExpression: true,
	isNodeSetting: true,
	options: [
		{ name: 'As n8n Is Set Up', value: 'settings', description: 'The store that the settings name, by default a folder beside n8n' },
		{ name: 'From a Credential', value: BY_CREDENTIAL, description: 'A store that several machines share' },
	],
	default: 'settings',
	description: 'Where datasets, models and the audit log are kept',
};

/** The store of its own that every node may be given. */
export const storeCredential: INodeCredentialDescription = {
	name: STORE_CREDENTIAL,
	required: true,
	testedBy: STORE_TEST,
	displayOptions: { show: { store: [BY_CREDENTIAL] } },
};

/** Whether a node was given a store of its own. */
export const hasOwnStore = ({ parameters }: Pick<INode, 'parameters'>): boolean => parameters.store === BY_CREDENTIAL;

/** What n8n's screen of credentials runs: nothing is made, and no sentence holds a secret. */
export async function testStore(this: ICredentialTestFunctions, credential: ICredentialsDecrypted): Promise<INodeCredentialTestResult> {
	return await testResult(async () => {
		const { testStoreAccess } = await import('../../lib/app/storeAccess.js');
		return await testStoreAccess(credential.data ?? {});
	});
}
