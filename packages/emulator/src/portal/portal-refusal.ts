/** Something that the portal does not do, with the page that says so. */
export class PortalRefusal extends Error {
  readonly status: number;
  /** What the audit log says. */
  readonly detail: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, problem: string, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(problem);
    this.status = status;
    this.detail = detail;
    this.headers = headers;
  }
}
