import { z } from "zod";
import { environmentError } from "../errors.ts";

/**
 * Reads what an addon answered as JSON. `subject` begins the sentence of the environment error that is thrown, with the
 * answer, if it is not as `schema` says: `Kiali's answer`.
 */
export function parseAnswer<T>(schema: z.ZodType<T>, text: string, subject: string): T {
  const evidence = text.slice(0, 500);
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch (cause) {
    throw environmentError(`${subject} is no JSON.`, { cause, evidence });
  }
  const result = schema.safeParse(answer);
  if (result.success) return result.data;
  throw environmentError(`${subject} is not as its API says: ${z.prettifyError(result.error)}`, { evidence });
}
