/** For who only looks: no gateway has started on that cluster yet. */
export class StreamMissing extends Error {
  override readonly name = 'StreamMissing';

  constructor(stream: string) {
    super(`there is no JetStream stream ${stream} yet: mekong start makes it`);
  }
}
