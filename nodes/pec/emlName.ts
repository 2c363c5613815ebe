const NAME_LIMIT = 100;

/** The file name of a message by its subject, without what a file system or a mail program may stumble over. */
export function emlNameOf(subject: string): string {
	const words = subject
		.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}<>:"/\\|?*]+/gu, ' ')
		.replace(/\s+/g, ' ');
	const name = [...words]
		.slice(0, NAME_LIMIT)
		.join('')
		// Windows drops dots and spaces at the end; a dot in front hides a file.
		.replace(/^[. ]+|[. ]+$/g, '');
	return `${name || 'message'}.eml`;
}
