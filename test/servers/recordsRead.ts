/** docs/ARCHITECTURE.md, Records. */
export const RECORDS = 'n8n PEC (do not delete)';
