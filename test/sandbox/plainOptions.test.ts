import { describe, expect, it } from 'vitest';

import { OptionError } from '../../sandbox/optionCheck.ts';
import { plainOptions } from '../../sandbox/plainOptions.ts';

describe('options that were written down', () => {
	it('are taken as they are', () => {
		const written = {
			accounts: [{ address: 'uno@pec.alfa.test', password: 'p', quotaLimit: 5, disabled: false }],
			dialects: {
				msgid: false,
				acceptance: 'never',
				beta: { slow: [{ to: 'a*', delivery: { delayMs: 5 } }], receiptsFolder: 'INBOX/Ricevute' },
			},
			limits: {
				alfa: 'legalmail',
				accounts: { 'uno@pec.alfa.test': { recipients: 3 } },
				replies: { recipients: '550 5.5.3 Too many' },
				unavailable: { forMs: 1000, at: 'connect' },
			},
			sizeLimit: 1000,
			tls: 'expired',
			virusScan: { beta: false },
		};
		expect(plainOptions(written)).toEqual(written);
	});

	it('are what --set makes of them, in order', () => {
		const written = { dialects: { alfa: { html: true } }, limits: { recipients: 3 } };
		const settings = [
			'dialects.alfa.html=false',
			'dialects.alfa.digest=sha1',
			'dialects.delivery.delayMs=60000',
			'limits=legalmail',
			'limits=aruba',
			'dialects.slow=[{"to":"a*","delivery":"never"}]',
		];
		expect(plainOptions(written, settings)).toEqual({
			dialects: {
				alfa: { html: false, digest: 'sha1' },
				delivery: { delayMs: 60_000 },
				slow: [{ to: 'a*', delivery: 'never' }],
			},
			limits: 'aruba',
		});
		expect(written).toEqual({ dialects: { alfa: { html: true } }, limits: { recipients: 3 } });
	});

	it.each([
		[[], 'What the options stand in is an object'],
		['legalmail', 'What the options stand in is an object'],
		[{ dialect: {} }, 'There is no option dialect; there are accounts, dialects, limits,'],
		[{ dialects: { gamma: {} } }, 'There is no option dialects.gamma'],
		[{ dialects: { alfa: { beta: {} } } }, 'There is no option dialects.alfa.beta'],
		[{ dialects: { html: 'yes' } }, 'dialects.html is true or false'],
		[{ dialects: { delivery: 5 } }, 'dialects.delivery is an object'],
		[{ dialects: { delivery: 'late' } }, 'dialects.delivery is never'],
		[{ dialects: { delivery: {} } }, 'dialects.delivery.delayMs is missing'],
		[{ dialects: { delivery: { delayMs: -1 } } }, 'delayMs is a whole number from 0 on'],
		[{ dialects: { slow: {} } }, 'dialects.slow is a list'],
		[{ dialects: { slow: [{ to: 5 }] } }, 'dialects.slow[0].to is a text'],
		[{ dialects: { receiptsFolder: 'a//b' } }, 'dialects.receiptsFolder is the name of a folder'],
		[{ limits: 'libero' }, 'limits is aruba or legalmail or namirial'],
		[{ limits: { recipients: 1.5 } }, 'limits.recipients is a whole number'],
		[{ limits: { replies: { recipients: '250 ok' } } }, 'limits.replies.recipients is a reply'],
		[{ limits: { accounts: { a: { x: 1 } } } }, 'There is no option limits.accounts.a.x'],
		[{ accounts: [{ address: 'a@example.com', password: 'p' }] }, 'accounts[0].address is an'],
		[{ accounts: [{ address: 'a@pec.alfa.test' }] }, 'accounts[0].password is missing'],
		[
			{
				accounts: ['a@pec.alfa.test', 'A@pec.alfa.test'].map((address) => ({
					address,
					password: 'p',
				})),
			},
			'accounts has a@pec.alfa.test twice',
		],
		[JSON.parse('{"__proto__":{"tls":"valid"}}'), 'There is no option __proto__'],
		[{ constructor: {} }, 'There is no option constructor'],
	])('are refused in one line that names the place: %j', (written, words) => {
		expect(() => plainOptions(written)).toThrow(OptionError);
		expect(() => plainOptions(written)).toThrow(words);
	});

	it.each([
		['tls', '"tls" is not of the form name.name=value'],
		['=valid', 'is not of the form'],
		['dialects..html=true', 'is not of the form'],
		['__proto__.tls=valid', 'is not of the form'],
		['constructor.prototype.tls=valid', 'There is no option constructor'],
		['limits.alfa.recipients.most=5', 'limits.alfa.recipients is a whole number'],
	])('are refused when --set says %j', (setting, words) => {
		expect(() => plainOptions({}, [setting])).toThrow(words);
		expect({}).not.toHaveProperty('tls');
	});

	it('cannot be set within what is set as a whole', () => {
		expect(() => plainOptions({ limits: 'aruba' }, ['limits.recipients=5'])).toThrow(
			'limits is set as a whole already',
		);
	});
});
