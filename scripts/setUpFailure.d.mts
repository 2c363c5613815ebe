/** What stopped a command, in words for the person who typed it: printed without a stack, status 1. */
export class SetUpFailure extends Error {}

/** Whether what npm printed says that it could not reach the registry. */
export function isNetworkFailure(output: string): boolean;

/** `what` is the step as a noun phrase ("Installing n8n"), `output` everything npm printed. */
export function explainNpmFailure(what: string, output: string): SetUpFailure;
