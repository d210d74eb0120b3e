/**
 * Owned by src/events/sqlite*.ts. AUTOINCREMENT: a position is never given twice, also after everything was trimmed.
 * `event` is the whole event as JSON; the columns beside it are only what rows are looked up by. The index by bank
 * account holds the position too, as every index does. Times are milliseconds since the epoch.
 */
export default `
  CREATE TABLE events (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    provider TEXT NOT NULL,
    key TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    bank_account_number TEXT,
    event TEXT NOT NULL,
    UNIQUE (provider, key)
  ) STRICT;
  CREATE INDEX events_by_bank_account ON events (bank_account_number) WHERE bank_account_number IS NOT NULL;

  CREATE TABLE event_log (
    epoch TEXT NOT NULL,
    trimmed_to INTEGER NOT NULL
  ) STRICT;
  INSERT INTO event_log (epoch, trimmed_to) VALUES (lower(hex(randomblob(8))), 0);

  CREATE TABLE reconciliation (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    baseline INTEGER NOT NULL,
    settled INTEGER NOT NULL,
    settled_at INTEGER NOT NULL
  ) STRICT;
`;
