/**
 * Owned by src/aside/sqlite.ts. The position is the order in which the rows came; `size` is the length of `sealed`, and is in
 * the index so that the sum of a provider is read without the rows. Times are milliseconds since the epoch.
 */
export default `
  CREATE TABLE aside (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    provider TEXT NOT NULL,
    scheme TEXT NOT NULL,
    reason TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    size INTEGER NOT NULL,
    sealed TEXT NOT NULL
  ) STRICT;
  CREATE INDEX aside_by_size ON aside (provider, size);
`;
