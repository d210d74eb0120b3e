/** Owned by src/sessions/sqlite.ts. */
export default '';
