/** A control call that cannot be done: an unknown account, no webhook. Malformed input is a ZodError instead. */
export class ControlRefused extends Error {
  override readonly name = 'ControlRefused';
}

/** @throws ControlRefused when there is no such thing. */
export function known<T>(value: T | undefined, otherwise: string): T {
  if (value === undefined) throw new ControlRefused(otherwise);
  return value;
}
