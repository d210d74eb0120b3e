/** Owned by src/events/sqlite.ts. */
export default '';
