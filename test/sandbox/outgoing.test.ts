import { expect, it } from 'vitest';

import { composeSubmission } from '../../sandbox/pec/outgoing.ts';

it('a text with bare line feeds is submitted with CRLF, as a webmail would', async () => {
	const mail = { to: 'cliente01@pec.beta.test', subject: 'x', text: 'one\ntwo\n\nthree' };
	const { raw } = await composeSubmission('studio@pec.alfa.test', mail, new Date());
	const text = raw.toString('latin1');
	expect(text).toContain('one\r\ntwo\r\n\r\nthree');
	expect(text).not.toMatch(/[^\r]\n/);
});
