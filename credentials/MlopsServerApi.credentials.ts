import type { IAuthenticateGeneric, ICredentialType, INodeProperties } from 'n8n-workflow';

/** A model server, and the key that it asks for. Tested by the nodes (`nodes/shared/serverCredential.ts`), which say what is wrong. */
export class MlopsServerApi implements ICredentialType {
	name = 'mlopsServerApi';

	displayName = 'MLOps Server API';

	icon = { light: 'file:mlopsServer.svg', dark: 'file:mlopsServer.dark.svg' } as const;

	documentationUrl = 'https://www.npmjs.com/package/n8n-nodes-mlops';

	properties: INodeProperties[] = [
		{
			displayName: 'URL',
			name: 'url',
			type: 'string',
			default: '',
			placeholder: 'http://127.0.0.1:8080',
			required: true,
			description: 'Where the model server is reached: the address that "mlops serve" or the node MLOps Server says',
		},
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description: 'As "mlops key make" printed it. Leave it empty where the server asks for none.',
		},
		{
			displayName: 'CA Certificate',
			name: 'ca',
			type: 'string',
			typeOptions: { rows: 4 },
			default: '',
			description: "PEM of the authority that signed the server's certificate, if it is none of the well-known ones",
		},
	];

	authenticate: IAuthenticateGeneric = {
		type: 'generic',
		properties: { headers: { Authorization: '={{ "Bearer " + $credentials.apiKey }}' } },
	};
}
