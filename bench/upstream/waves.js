/**
 * Counts a credential's calls, and the waves in which they came: a call that began after another had been answered
 * stands one wave behind it. Waves times the upstream's delay is what a client waits for at least.
 */
export function createWaves() {
  let counts = new Map();
  return {
    /** @returns to be called when the call has been answered. */
    begin(credential) {
      const state = counts.get(credential) ?? { calls: 0, waves: 0, answered: 0 };
      counts.set(credential, state);
      const wave = state.answered + 1;
      state.calls += 1;
      state.waves = Math.max(state.waves, wave);
      return () => {
        state.answered = Math.max(state.answered, wave);
      };
    },
    /** @returns `{ calls, waves }` of the credential, and forgets all. */
    take(credential) {
      const { calls, waves } = counts.get(credential) ?? { calls: 0, waves: 0 };
      counts = new Map();
      return { calls, waves };
    },
  };
}
