interface Component {
	/** As the service computed it. */
	readonly hash: string;
	readonly encoding?: string;
}

/** A report as ParER's schema has it (WSResponseVersamento). */
export function parerReport(
	components: readonly Component[],
	{ outcome = 'POSITIVO' }: { outcome?: string } = {},
): Buffer {
	const written = components.map(
		({ hash, encoding = 'hexBinary' }, index) =>
			`<Allegato><ChiaveDoc>${index}</ChiaveDoc><Componenti><Componente><URN>urn:${index}</URN>` +
			`<Hash>${hash}</Hash><AlgoritmoHash>SHA-256</AlgoritmoHash><Encoding>${encoding}</Encoding>` +
			`<HashVersato>${'0'.repeat(64)}</HashVersato></Componente></Componenti></Allegato>`,
	);
	return Buffer.from(
		'<?xml version="1.0" encoding="UTF-8"?><RapportoVersamento><Versione>1.5</Versione>' +
			'<URNRapportoVersamento>urn:rdv:1</URNRapportoVersamento>' +
			'<DataRapportoVersamento>2026-04-01T10:00:00Z</DataRapportoVersamento>' +
			`<EsitoGenerale><CodiceEsito>${outcome}</CodiceEsito></EsitoGenerale>` +
			`<SIP><UnitaDocumentaria>${written.join('')}</UnitaDocumentaria></SIP></RapportoVersamento>`,
	);
}

/** The service's answer to a submission, in which each component has an outcome of its own. */
export function parerAnswer(
	components: ReadonlyArray<Component & { readonly outcome: string }>,
	{ outcome = 'POSITIVO', document = 'POSITIVO' }: { outcome?: string; document?: string } = {},
): Buffer {
	const written = components.map(
		(component) =>
			`<Componente><Hash>${component.hash}</Hash><EsitoComponente><CodiceEsito>${component.outcome}</CodiceEsito></EsitoComponente></Componente>`,
	);
	return Buffer.from(
		'<EsitoVersamento><URNSIP>urn:sip:1</URNSIP><DataVersamento>2026-04-01T10:00:00Z</DataVersamento>' +
			`<EsitoGenerale><CodiceEsito>${outcome}</CodiceEsito></EsitoGenerale>` +
			'<EsitoChiamataWS><VersioneWSCorretta>POSITIVO</VersioneWSCorretta><CredenzialiOperatore>POSITIVO</CredenzialiOperatore>' +
			'<FileAttesiRicevuti>POSITIVO</FileAttesiRicevuti></EsitoChiamataWS><EsitoXSD><CodiceEsito>POSITIVO</CodiceEsito></EsitoXSD>' +
			`<UnitaDocumentaria><DocumentoPrincipale><ChiaveDoc>1</ChiaveDoc><EsitoDocumento><CodiceEsito>${document}</CodiceEsito>` +
			`<VerificaTipoDocumento>POSITIVO</VerificaTipoDocumento></EsitoDocumento><Componenti>${written.join('')}</Componenti>` +
			'</DocumentoPrincipale></UnitaDocumentaria></EsitoVersamento>',
	);
}
