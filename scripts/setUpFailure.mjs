// JavaScript, because bootstrap.mjs runs on the machine's own, older Node too.

/** What stopped a command, in words for the person who typed it: printed without a stack, status 1. */
export class SetUpFailure extends Error {
	name = 'SetUpFailure';
}

const NETWORK_FAILURE =
	/\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT|ENOTCACHED)\b/;

export function isNetworkFailure(output) {
	return NETWORK_FAILURE.test(output);
}

export function explainNpmFailure(what, output) {
	if (isNetworkFailure(output)) {
		return new SetUpFailure(
			`${what} needs the internet, and the package registry cannot be reached. Connect this machine (or give npm its proxy), then run the command again.`,
		);
	}
	const lines = output
		.split('\n')
		.filter((line) => line.trim() !== '' && !line.startsWith('npm warn'))
		.slice(-15);
	return new SetUpFailure(`${what} did not succeed. npm said:\n  ${lines.join('\n  ')}`);
}
