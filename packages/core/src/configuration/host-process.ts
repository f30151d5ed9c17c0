/** The part of Node's `process` that core uses. Other runtimes have some of it or none. */
export interface HostProcess {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly getBuiltinModule?: (id: string) => unknown;
}

/** Looks `process` up when it is needed, so that core also loads where there is none. */
export function hostProcess(): HostProcess | undefined {
  return (globalThis as unknown as { process?: HostProcess }).process;
}
