/** Of node-forge its ASN.1 reader alone: ciphers, TLS and the rest would be loaded when n8n starts, and used by nobody. */
declare module 'node-forge/lib/asn1.js' {
	import forge = require('node-forge');
	import asn1 = forge.asn1;
	export = asn1;
}
