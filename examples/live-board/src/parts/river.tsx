/** The mark: two waves of the river. */
export const River = () => (
  <svg className="river" viewBox="0 0 32 32" aria-hidden="true">
    <path d="M3 12c4-4 9-4 13 0s9 4 13 0" />
    <path d="M3 21c4-4 9-4 13 0s9 4 13 0" />
  </svg>
);
