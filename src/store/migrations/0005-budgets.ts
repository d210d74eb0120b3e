/** Owned by src/store/sqlite-budgets.ts. Times are milliseconds since the epoch. */
export default `
  CREATE TABLE budgets (
    key TEXT NOT NULL PRIMARY KEY,
    revision INTEGER NOT NULL,
    value TEXT NOT NULL,
    written_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
`;
