/** Groups of lines in a GitHub log, which are folded until a reader opens them. */
export interface Groups {
  /** From here on there may be a group with this title. */
  begin(title: string): void;
  /** Opens the group, if there may be one and it is not open. */
  open(): void;
  /** Closes the group for a line that must not be folded away. */
  close(): void;
  /** There is no group any more. */
  end(): void;
  /** A line that GitHub does not take for a command. */
  harmless(line: string): string;
}

/** A group is opened by its first line, so that there is none without. Without `write` there are no groups. */
export function newGroups(write: ((line: string) => void) | undefined): Groups {
  let title: string | undefined;
  let opened = false;
  const close = () => {
    if (opened) write?.("::endgroup::\n");
    opened = false;
  };
  return {
    begin(next) {
      close();
      title = next;
    },
    open() {
      if (opened || title === undefined) return;
      write?.(`::group::${title}\n`);
      opened = true;
    },
    close,
    end() {
      close();
      title = undefined;
    },
    // The runner looks for its old commands in the middle of a line, too.
    harmless: (line) => (write === undefined ? line : line.replaceAll("##[", "## [")),
  };
}
