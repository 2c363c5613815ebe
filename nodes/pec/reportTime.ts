/** The day and time in Rome of an ISO 8601 time, as an Italian office writes it; the text itself when it is no time. */
export function romeTime(locale: string): (at: string | undefined) => string {
	const format = new Intl.DateTimeFormat(locale, {
		timeZone: 'Europe/Rome',
		year: 'numeric',
		month: '2-digit',
		day: '2-digit',
		hour: '2-digit',
		minute: '2-digit',
		second: '2-digit',
		hourCycle: 'h23',
	});
	return (at) => {
		if (at === undefined) return '';
		const time = new Date(at);
		return Number.isNaN(time.getTime()) ? at : format.format(time);
	};
}
