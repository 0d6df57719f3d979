import type { ICredentialType, INodeProperties } from 'n8n-workflow';

/** A store that several machines share: PostgreSQL and a folder. Tested by the nodes (`nodes/shared/storeCredential.ts`). */
export class MlopsStoreApi implements ICredentialType {
	name = 'mlopsStoreApi';

	displayName = 'MLOps Store API';

	icon = { light: 'file:mlopsStore.svg', dark: 'file:mlopsStore.dark.svg' } as const;

	documentationUrl = 'https://www.npmjs.com/package/n8n-nodes-mlops';

	properties: INodeProperties[] = [
		{
			displayName:
				"Only for a store that several machines share. Without this credential, nodes use the store that n8n's settings name " +
				'(MLOPS_STORE_URL or MLOPS_HOME).',
			name: 'notice',
			type: 'notice',
			default: '',
		},
		{ displayName: 'Host', name: 'host', type: 'string', default: 'localhost', description: 'Where the PostgreSQL server is' },
		{ displayName: 'Port', name: 'port', type: 'number', default: 5432, description: 'Port of the PostgreSQL server, or of PgBouncer' },
		{ displayName: 'Database', name: 'database', type: 'string', default: '', description: 'Database in which the store has its schema' },
		{ displayName: 'User', name: 'user', type: 'string', default: '', description: 'It must own the schema, or be allowed to make it' },
		{
			displayName: 'Password',
			name: 'password',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description: 'Password of that user',
		},
		{
			displayName: 'SSL',
			name: 'ssl',
			type: 'options',
			default: 'require',
			options: [
				{ name: 'Disable', value: 'disable', description: 'Not encrypted' },
				{ name: 'Require', value: 'require', description: 'Encrypted, and the certificate must be good' },
				{ name: 'Require, Ignore the Certificate', value: 'no-verify', description: 'Encrypted, whoever answers' },
			],
			description: 'Whether the connection is encrypted',
		},
		{
			displayName: 'CA Certificate',
			name: 'ca',
			type: 'string',
			typeOptions: { rows: 4 },
			default: '',
			displayOptions: { show: { ssl: ['require'] } },
			description: "PEM of the authority that signed the server's certificate, if it is none of the well-known ones",
		},
		{
			displayName: 'Schema',
			name: 'schema',
			type: 'string',
			default: 'mlops',
			description: 'Schema that holds all tables of the store and nothing else',
		},
		{
			displayName: 'Secret of the Store',
			name: 'secret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'Random text of at least 16 characters that seals the keys of the store, the same on all machines. Keep a copy: without ' +
				'it nothing can be signed or verified.',
		},
		{
			displayName: 'Folder for Artifacts',
			name: 'artifacts',
			type: 'string',
			default: '',
			placeholder: '/mnt/mlops',
			description:
				'Folder that all machines see, inside MLOPS_STORE_ARTIFACTS or where n8n lets nodes write files. Leave empty to use ' +
				'MLOPS_STORE_ARTIFACTS.',
		},
	];
}
