/**
 * The shapes of the PEC domain, as they leave the nodes (docs/OUTPUT.md is the contract).
 * A field that does not apply is absent, never null. Times ending in `At` are ISO 8601 in UTC.
 */

export type * from './messageTypes';
export type * from './purgeTypes';
export type * from './sendingTypes';
