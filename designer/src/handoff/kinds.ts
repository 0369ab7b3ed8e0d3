/** The kinds of handoffs: the customer's, a partner's, between teams of one party. */
import { language } from "../shell/words";

export type Kind = "internal" | "partner" | "customer";

const LETTERS: Record<"en" | "fr", Record<Kind, string>> = { en: { internal: "T", partner: "P", customer: "C" }, fr: { internal: "É", partner: "P", customer: "C" } };

/** Beside the colour, for whoever does not tell colours apart: team (équipe), partner, customer. */
export const letterOf = (kind: Kind): string => LETTERS[language.value][kind];
