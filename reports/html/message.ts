import { html, type Html } from "./markup.ts";
import { prose } from "./prose.ts";

/** One error of a chain of causes. */
export interface Link {
  sentence: string;
  /** What was seen last, of a wait that ended. */
  last?: string | undefined;
  /** Verbatim: the output of a command, an answer of the API. */
  evidence?: string | undefined;
  /** What to do about it. */
  mend?: string | undefined;
}

/**
 * The errors in a message as `describeError` writes them, the outermost first. A cause whose words stand in the error
 * before it already is left out.
 */
export function chainOf(message: string): Link[] {
  const links = message.split(/\n?^Caused by: /m).map(linkOf);
  return links.filter(({ sentence, evidence }, index) => {
    const before = links[index - 1];
    if (index === 0 || before === undefined || evidence !== undefined) return true;
    return !`${before.sentence} ${before.last ?? ""}`.includes(sentence);
  });
}

function linkOf(text: string): Link {
  const lines = text.split("\n");
  const quoted = lines.filter((line) => line.startsWith("  | ")).map((line) => line.slice(4));
  const mend = lines.find((line) => line.startsWith("To mend it: "))?.slice(12);
  const words = lines.filter((line) => !line.startsWith("  | ") && !line.startsWith("To mend it: ")).join("\n");
  // As `lib/wait.ts` writes it.
  const wait = /^(.*?)\. (?:Last of \d+ observations|Observed): (.*)$/s.exec(words);
  return {
    sentence: wait?.[1] === undefined ? words : `${wait[1]}.`,
    last: wait?.[2],
    evidence: quoted.length > 0 ? quoted.join("\n") : undefined,
    mend,
  };
}

/** The chain as a list, each error below what it caused. */
export function chain(message: string): Html {
  return html`<ol class="chain">
    ${chainOf(message).map(
      ({ sentence, last, evidence, mend }, index) =>
        html`<li>
          ${index > 0 && html`<span class="term">Caused by</span> `}<span class="sentence">${prose(sentence)}</span>${
            last !== undefined && html`<p><span class="term">Last seen</span> ${prose(last)}</p>`
          }${evidence !== undefined && html`<pre tabindex="0">${evidence}</pre>`}${
            mend !== undefined && html`<p class="mend"><span class="term">To mend it</span> ${prose(mend)}</p>`
          }
        </li>`,
    )}
  </ol>`;
}
