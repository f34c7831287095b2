import { xmlLine, xmlText } from "./xml-text.ts";

/** An element with either text or children, or neither. */
export interface XmlElement {
  name: string;
  attributes?: Readonly<Record<string, string>>;
  text?: string;
  children?: readonly XmlElement[];
}

/**
 * The document as text, a line for each element. Attributes become one line each, and what XML 1.0 has no place for is
 * left out. Why not a library: xmlbuilder2 4.0.3 writes the text `&lt;` as it is, which a reader takes for `<`, and its
 * document object model of 10,000 test cases takes twice the time and memory, after every check anew.
 */
export function xmlDocument(root: XmlElement): string {
  const lines = ['<?xml version="1.0" encoding="UTF-8"?>'];
  write(root, "", lines);
  return `${lines.join("\n")}\n`;
}

function write({ name, attributes = {}, text = "", children = [] }: XmlElement, indent: string, lines: string[]): void {
  const pairs = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(xmlLine(value, Infinity))}"`);
  const start = `${indent}<${name}${pairs.join("")}`;
  if (children.length > 0) {
    lines.push(`${start}>`);
    for (const child of children) write(child, `${indent}  `, lines);
    lines.push(`${indent}</${name}>`);
  } else {
    const content = escaped(xmlText(text));
    lines.push(content === "" ? `${start}/>` : `${start}>${content}</${name}>`);
  }
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** `>` is among them for the sake of `]]>`, which text may not hold. */
function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
