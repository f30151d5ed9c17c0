type Method = (...parameters: never[]) => Promise<unknown>;

/** The same controls, whose every method is refused once the emulator closes. */
export function whileOpen<Controls extends { readonly [Name in keyof Controls]: Method }>(
  controls: Controls,
  closing: AbortSignal,
): Controls {
  const guarded = Object.entries<Method>(controls).map(([name, method]) => [
    name,
    async (...parameters: never[]) => {
      requireOpen(closing);
      return method(...parameters);
    },
  ]);
  return Object.freeze(Object.fromEntries(guarded) as Controls);
}

/** @throws Error when the emulator is closed or closing. */
export function requireOpen(closing: AbortSignal): void {
  if (closing.aborted) throw new Error('The emulator is closed; start another one with startEmulator()');
}
