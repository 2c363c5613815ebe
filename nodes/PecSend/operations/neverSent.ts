import { UserError } from '../../n8n/errors';

/** Of a mailing by whose name nothing is known. */
export function neverSentMailing(): UserError {
	return new UserError(
		'Nothing was ever sent under this mailing name from this address',
		'Check the Mailing Name: it must be written exactly as when it was sent.',
	);
}
