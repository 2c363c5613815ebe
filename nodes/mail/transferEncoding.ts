/** Undoes a Content-Transfer-Encoding (RFC 2045 section 6). An unknown one leaves the bytes as they are. */
export function decodePart(encoded: Buffer, encoding: string | undefined): Buffer {
	switch (encoding?.trim().toLowerCase()) {
		case 'base64':
			return Buffer.from(encoded.toString('latin1'), 'base64');
		case 'quoted-printable':
			return decodeQuotedPrintable(encoded.toString('latin1'));
		default:
			return encoded;
	}
}

function decodeQuotedPrintable(text: string): Buffer {
	const decoded = text
		.replace(/[ \t]+(?=\r?\n|$)/g, '')
		.replace(/=\r?\n/g, '')
		.replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
	return Buffer.from(decoded, 'latin1');
}
