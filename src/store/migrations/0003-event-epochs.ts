/** Owned by src/events/sqlite-epochs.ts: the epochs after the first, which `event_log` holds, in the order they began. */
export default `
  CREATE TABLE event_epochs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    epoch TEXT NOT NULL UNIQUE,
    begins_after INTEGER NOT NULL
  ) STRICT;
`;
