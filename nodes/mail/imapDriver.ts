/** imapflow and what it brings are a third of what the package loads: n8n starts without them, the first connection needs them. */
export { ImapFlow } from 'imapflow';
