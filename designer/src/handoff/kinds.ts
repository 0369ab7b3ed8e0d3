/** The kinds of handoffs: the customer's, a partner's, between teams of one party. */
export type Kind = "internal" | "partner" | "customer";

/** Beside the colour, for whoever does not tell colours apart: team, partner, customer. */
export const LETTERS: Record<Kind, string> = { internal: "T", partner: "P", customer: "C" };
