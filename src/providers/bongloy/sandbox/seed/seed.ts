import { SandboxState } from '../state.ts';
import { seedMain } from './main.ts';
import { seedOthers } from './others.ts';
import { seedSamples } from './samples.ts';

/** The whole demo data set, the same at every start but for its times. `now` is ms since the epoch. */
export function seedState(now: number): SandboxState {
  const state = new SandboxState();
  seedSamples(state);
  seedOthers(state, now);
  seedMain(state, now);
  return state;
}
