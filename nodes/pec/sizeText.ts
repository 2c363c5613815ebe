const UNITS = ['byte', 'kB', 'MB', 'GB', 'TB'] as const;

/** Bytes as an office reads them, in steps of 1,024 as providers sell them: `1,2 GB`. */
export function sizeText(locale: string): (bytes: number) => string {
	return (bytes) => {
		let value = bytes;
		let unit = 0;
		// What would be rounded up to 1,024 is one of the next unit.
		while (value >= 1023.95 && unit < UNITS.length - 1) {
			value /= 1024;
			unit += 1;
		}
		const digits = unit === 0 || value >= 99.95 ? 0 : 1;
		const number = value.toLocaleString(locale, { maximumFractionDigits: digits });
		return `${number}\u00a0${UNITS[unit]}`;
	};
}
