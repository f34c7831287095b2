/** Begins the names of errors that belong to no check; a number follows. */
export const strayPrefix = "vmesh/unhandled-error-";

/** Ends the name of what broke around the tests of a file. */
export const aroundEnding = "#around";

/** Whether a case is no check but there only because something broke outside of them. */
export function isIncident(id: string): boolean {
  return id.startsWith(strayPrefix) || id.endsWith(aroundEnding);
}
