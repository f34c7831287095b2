import { endOf, type Edge, type Layer, layers } from "./edges.ts";
import { counted, grouped } from "./figures.ts";
import { type Kind, kinds } from "./kinds.ts";
import { html, type Html } from "./markup.ts";
import { boxWidth, columns, gateAt, type Layout, layoutOf, type Line, type Strip, width } from "./topology-layout.ts";

/** Characters that fit between a line's arrow and the peer it leads to. */
const room = 26;

/**
 * Who called whom, as a picture: callers left, the called right, each kind of peer on a strip of its own. A line
 * passes the proxies as dots and stops where it was refused. Each leads to its calls in the list of edges.
 */
export function topology(edges: readonly Edge[]): Html {
  const layout = layoutOf(edges);
  const { height, strips, lines } = layout;
  return html`<svg class="topology" viewBox="0 0 ${width} ${height}" role="group" aria-labelledby="topology-title">
    <title id="topology-title">
      Who called whom: ${counted(edges.length, "kind")} of call between ${counted(strips.length, "kind")} of peer. The
      list below says the same.
    </title>
    ${heads()} ${regions(layout)} ${gates(height)}
    <g data-roving>${lines.map(line)}</g>
    ${strips.map((strip) => [box(strip, "caller"), box(strip, "server")])}
  </svg>`;
}

function heads(): Html {
  return html`<g class="head" aria-hidden="true">
    <text x="${columns.caller}" y="24">who calls</text>
    <text x="${columns.end}" y="24">what came of it</text>
    <text x="${columns.server + boxWidth}" y="24" text-anchor="end">who is called</text>
  </g>`;
}

function regions({ mesh, networks }: Layout): Html {
  const left = columns.caller - 12;
  return html`<g class="regions" aria-hidden="true">
    ${
      mesh &&
      html`<rect
          class="mesh"
          x="${left}"
          y="${mesh.y - 10}"
          width="${width - 4 - left}"
          height="${mesh.height + 20}"
          rx="10"
        />
        <text x="${columns.curve + 16}" y="${mesh.y + 6}">in the mesh</text>`
    }
    ${networks.map(
      ({ name, y, height }) =>
        html`<path class="network" d="M${columns.network + 18} ${y}h-4v${height}h4" />
          <text transform="translate(${columns.network + 8} ${y + height / 2})rotate(-90)" text-anchor="middle"
            >${name}</text
          >`,
    )}
  </g>`;
}

/** The words above each layer, in two lines. */
const gateNames: Readonly<Record<Layer, readonly [string, string]>> = {
  "client's proxy": ["client's", "proxy"],
  node: ["the", "node"],
  "server's proxy": ["server's", "proxy"],
  host: ["the host", "itself"],
};

function gates(height: number): Html {
  return html`<g class="head" aria-hidden="true" text-anchor="middle">
    ${layers.map((layer) => {
      const [x, [first, second]] = [gateAt[layer], gateNames[layer]];
      return html`<path class="gate" d="M${x} 46V${height - 8}" />
        <text x="${x}" y="24">${first}</text>
        <text x="${x}" y="38">${second}</text>`;
    })}
  </g>`;
}

function line({ edge, index, from, to, stop }: Line): Html {
  const { way, count } = edge;
  const x = columns.caller + boxWidth;
  const [start, bend] = [columns.gates, (x + columns.gates) / 2];
  const curve = `M${x} ${round(from)}C${bend} ${round(from)} ${bend} ${round(to)} ${start} ${round(to)}`;
  const end = stop ?? columns.arrow;
  const words = endOf(edge).length > room ? `${endOf(edge).slice(0, room - 1)}…` : endOf(edge);
  const said = `${grouped(count)} ${words}: ${sentence(edge)}`;
  return html`<a class="edge ${way} f-${edge.from} t-${edge.to}" href="#e-${index}" aria-label="${said}">
    <title>${said}</title>
    <path class="hit" d="${curve}H${columns.server}" />
    <path class="way w${weight(count)}" d="${curve}H${end}" />
    ${tunnel(edge, to, end)} ${dots(edge, to, end)} ${tip(edge, to, end)}
    <text class="count" x="${columns.count}" y="${round(to + 4)}" text-anchor="end">${grouped(count)}</text>
    <text x="${columns.end}" y="${round(to + 4)}">${words}</text>
  </a>`;
}

/** Between two proxies mutual TLS is drawn as a tunnel. */
function tunnel({ way }: Edge, y: number, end: number): Html | false {
  const [from, to] = [gateAt["client's proxy"], Math.min(gateAt["server's proxy"], end)];
  return way === "mtls" && html`<path class="tunnel" d="M${from} ${round(y)}H${to}" />`;
}

/** The proxies on the way of the line, of peers that have one. */
function dots({ from, to }: Edge, y: number, end: number): Html[] {
  const proxies: [Kind, Layer][] = [
    [from, "client's proxy"],
    [to, "server's proxy"],
  ];
  const passed = proxies.filter(([kind, layer]) => kinds[kind].meshed && gateAt[layer] < end);
  return passed.map(([, layer]) => html`<circle cx="${gateAt[layer]}" cy="${round(y)}" r="3" />`);
}

/** An arrow, a bar where it is refused, a cross where it was not expected to end so. */
function tip({ way }: Edge, at: number, end: number): Html {
  const y = round(at);
  if (way === "unexpected") return html`<path class="tip" d="M${end - 4} ${y - 4}l8 8m0 -8l-8 8" />`;
  if (way === "refused") return html`<path class="tip" d="M${end} ${y - 7}v14" />`;
  return html`<path class="tip" d="M${end - 7} ${y - 4}l7 4l-7 4" />`;
}

function box({ kind, y, height, calls, called }: Strip, role: "caller" | "server"): Html | false {
  const count = role === "caller" ? calls : called;
  const x = columns[role];
  const { name, meshed } = kinds[kind];
  const middle = y + height / 2;
  const words = role === "caller" ? `sent ${counted(count, "request")}` : `called ${counted(count, "time")}`;
  return (
    count > 0 &&
    html`<g class="peer ${role} k-${kind}${meshed && " meshed"}">
      <rect x="${x}" y="${y}" width="${boxWidth}" height="${height}" rx="6" />
      <text class="name" x="${x + 11}" y="${round(middle - 3)}">${name}</text>
      <text class="sub" x="${x + 11}" y="${round(middle + 14)}">${words}</text>
    </g>`
  );
}

/** `mesh pod to VMI with sidecar, 2 checks`, and who refused it why. */
function sentence(edge: Edge): string {
  const { from, to, checks, layer } = edge;
  const refused = layer ? `, refused by the ${layer}: ${endOf(edge)}` : "";
  return `${kinds[from].name} to ${kinds[to].name}, ${counted(checks.size, "check")}${refused}`;
}

/** Thickness in four steps, a tenfold count each. */
function weight(count: number): number {
  return Math.min(4, 1 + Math.floor(Math.log10(Math.max(1, count))));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
