/** fuzz · target: a parser of what comes from outside, and its promise. */

export interface Target {
  readonly name: string;
  /** How often it comes, beside the others. */
  readonly weight: number;
  readonly corpus: readonly Buffer[];
  /** What was read; throws for what is not. */
  read(input: Uint8Array): unknown;
  /** The codes of the contract with which it may refuse. */
  readonly codes: readonly string[];
  /** What is wrong with what was read; `undefined` for nothing. */
  objection(found: unknown, input: Uint8Array): string | undefined;
}
