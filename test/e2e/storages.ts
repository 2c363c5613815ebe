import type { CredentialInput } from '../../scripts/editor/restTypes.ts';
import type { OpenSsh } from '../servers/openssh.ts';
import type { ObjectStore } from '../servers/swift.ts';

/** How n8n's own nodes get to the storage of a test. */
export function sftpCredential({ host, port, user, privateKey }: OpenSsh): CredentialInput {
	return {
		name: `SFTP ${port}`,
		type: 'sftp',
		data: { host, port, username: user, password: '', privateKey, passphrase: '' },
	};
}

export function s3Credential(store: ObjectStore): CredentialInput {
	const { endpoint, region, accessKeyId, secretAccessKey } = store;
	return {
		name: `S3 ${endpoint}`,
		type: 's3',
		data: {
			endpoint,
			region,
			accessKeyId,
			secretAccessKey,
			forcePathStyle: true,
			ignoreSSLIssues: false,
		},
	};
}
