import type { Owner } from './imapProcess.ts';

/** The two files `master` reads: imapd.conf and cyrus.conf. */
export function configureCyrus(options: {
	folder: string;
	owner: Owner;
	programs: string;
	imapPort: number;
	startTlsPort: number;
}): Record<string, string> {
	const { folder, owner, programs, imapPort, startTlsPort } = options;
	const configuration = `${folder}/imapd.conf`;
	const command = (program: string) => `${programs}/${program} -C ${configuration}`;
	return {
		// defaultdomain must not be the users': their names would be cut down to the part before the @.
		'imapd.conf': `
configdirectory: ${folder}/conf
partition-default: ${folder}/spool
defaultpartition: default
proc_path: ${folder}/conf/proc
mboxname_lockpath: ${folder}/conf/lock
cyrus_user: ${owner.user}
cyrus_group: ${owner.group}
servername: localhost
admins: cyrus
virtdomains: userid
defaultdomain: local.invalid
unixhierarchysep: yes
altnamespace: yes
allowplaintext: no
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: ${folder}/sasl/sasldb2
sasl_mech_list: PLAIN LOGIN
failedloginpause: 0
tls_server_cert: ${folder}/cert.pem
tls_server_key: ${folder}/key.pem
tls_sessions_db_path: ${folder}/conf/tls_sessions.db
quotawarnkb: 0
imapidlepoll: 1
idlesocket: ${folder}/sock/idle
autocreate_quota: 1048576
autocreate_inbox_folders: Inviata|Bozze|Cestino|Archivio
autocreate_subscribe_folders: Inviata|Bozze|Cestino|Archivio
xlist-sent: Inviata
xlist-drafts: Bozze
xlist-trash: Cestino
xlist-archive: Archivio
syslog_prefix: cyrus
statuscache: yes
sieveusehomedir: no
sievedir: ${folder}/sieve
lmtpsocket: ${folder}/sock/lmtp
`,
		// The event happens first when all ports are listened on.
		'cyrus.conf': `
START {
  recover cmd="${command('ctl_cyrusdb')} -r"
}
SERVICES {
  imap cmd="${command('imapd')}" listen="127.0.0.1:${startTlsPort}" prefork=0
  imaps cmd="${command('imapd')} -s" listen="127.0.0.1:${imapPort}" prefork=0
}
EVENTS {
  ready cmd="/bin/echo cyrus is ready" period=1440
}
DAEMON {
  idled cmd="${command('idled')}"
}
`,
	};
}
