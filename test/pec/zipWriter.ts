/** ZIP files for these tests, written by Python's zipfile. Shares no code with nodes/. */

import { spawnSync } from 'node:child_process';

export interface Packed {
	readonly name: string;
	readonly content: Buffer | string;
	/** Zero bytes after the content, in whole MB. */
	readonly zeros?: number;
	/** Default: deflated. */
	readonly stored?: boolean;
	/** How the name is written; by default as zipfile does, flagged when it is UTF-8. */
	readonly nameAs?: 'cp437' | 'unflaggedUtf8';
}

const SCRIPT = `
import base64, io, json, sys, warnings, zipfile
warnings.simplefilter('ignore')
job = json.load(sys.stdin)

class Named(zipfile.ZipInfo):
    encoding = None
    def _encodeFilenameFlags(self):
        if self.encoding is None:
            return super()._encodeFilenameFlags()
        return self.filename.encode(self.encoding), self.flag_bits

class Pipe(io.RawIOBase):
    def __init__(self):
        self.bytes = bytearray()
    def writable(self):
        return True
    def write(self, data):
        self.bytes += data
        return len(data)

out = Pipe() if job['descriptors'] else io.BytesIO()
with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as packer:
    packer.comment = job['comment'].encode()
    for one in job['entries']:
        info = Named(one['name'])
        info.encoding = {'cp437': 'cp437', 'unflaggedUtf8': 'utf-8'}.get(one.get('nameAs'))
        info.compress_type = zipfile.ZIP_STORED if one.get('stored') else zipfile.ZIP_DEFLATED
        with packer.open(info, 'w', force_zip64=job['zip64']) as entry:
            entry.write(base64.b64decode(one['content']))
            for _ in range(one.get('zeros', 0) >> 20):
                entry.write(bytes(1 << 20))
sys.stdout.buffer.write(bytes(out.bytes) if job['descriptors'] else out.getvalue())
`;

export function writeZip(
	entries: readonly Packed[],
	{ zip64 = false, descriptors = false, comment = '' } = {},
): Buffer {
	const packed = entries.map((one) => ({
		...one,
		content: Buffer.from(one.content).toString('base64'),
	}));
	const run = spawnSync('python3', ['-c', SCRIPT], {
		input: JSON.stringify({ entries: packed, zip64, descriptors, comment }),
		maxBuffer: 2 ** 30,
	});
	if (run.status !== 0) throw new Error(run.stderr.toString());
	return run.stdout;
}

const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END_HEADER = 0x06054b50;

function offsetOf(zip: Buffer, signature: number, number: number): number {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt32LE(signature);
	let at = -1;
	for (let left = number; left >= 0; left -= 1) at = zip.indexOf(bytes, at + 1);
	if (at === -1) throw new Error('There is no such header');
	return at;
}

export interface Lie {
	readonly encrypted?: boolean;
	readonly method?: number;
	readonly size?: number;
	readonly crc32?: number;
}

/** A copy in which the list states something else of one entry (PKWARE APPNOTE 4.3.12). */
export function lieAbout(zip: Buffer, number: number, lie: Lie): Buffer {
	const changed = Buffer.from(zip);
	const at = offsetOf(changed, CENTRAL_HEADER, number);
	if (lie.encrypted) changed.writeUInt16LE(changed.readUInt16LE(at + 8) | 1, at + 8);
	if (lie.method !== undefined) changed.writeUInt16LE(lie.method, at + 10);
	if (lie.crc32 !== undefined) changed.writeUInt32LE(lie.crc32, at + 16);
	if (lie.size !== undefined) changed.writeUInt32LE(lie.size, at + 24);
	return changed;
}

/** A copy in which one byte of an entry's packed content is another. */
export function damage(zip: Buffer, number: number, offset = 5): Buffer {
	const changed = Buffer.from(zip);
	const at = offsetOf(changed, LOCAL_HEADER, number);
	const content = at + 30 + changed.readUInt16LE(at + 26) + changed.readUInt16LE(at + 28);
	changed[content + offset] = (changed[content + offset] ?? 0) ^ 0xff;
	return changed;
}

/** A copy whose end states another number of entries. */
export function countEntries(zip: Buffer, count: number): Buffer {
	const changed = Buffer.from(zip);
	const at = offsetOf(changed, END_HEADER, 0);
	changed.writeUInt16LE(count, at + 8);
	changed.writeUInt16LE(count, at + 10);
	return changed;
}
