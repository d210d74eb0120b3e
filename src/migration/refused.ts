/** The move would mix what does not belong together. What is on the cluster was not changed. */
export class MigrationRefused extends Error {
  override readonly name = 'MigrationRefused';

  /** @param reason a sentence without its end. */
  constructor(reason: string) {
    super(`${reason}. Nothing was moved. docs/scaling.md says how to begin anew.`);
  }
}
