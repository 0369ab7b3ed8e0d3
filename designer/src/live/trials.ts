/** A trial as the server tells it, and what one asks of it. */
import { get, post, remove } from "../shell/api";

export interface Trial { trialKey: string; name: string; draftKey: string | null; createdBy: string; creationTime: string; expiryTime: string; url: string }
export interface ProcessIn { processDefinitionKey: string; processDefinitionId: string; name: string | null; version: number; resourceName: string; formKey: string | null; starter: "host" | "partner" | "customer" | ""; messages: string[]; signals: string[] }
export interface CaseIn { caseKey: string; caseNumber: string; title: string | null; state: string; revision: number }
export interface Member { username: string; name: string; side: string; kind: "host" | "partner" | "customer"; partyName: string | null; isStandIn: boolean; openTasks: number }
export interface Guest { linkKey: string; name: string; address: string; side: string | null; partyName: string | null }
export interface Answered { variables?: Record<string, unknown>; error?: string; says?: string }
export interface JobIn { jobKey: string; type: string; elementId: string; elementName: string | null; state: string; caseKey: string; errorMessage: string | null; headers: Record<string, string>; variables: Record<string, unknown>; sample: Answered | null; proposal: Record<string, unknown> }
export interface MailIn { notificationKey: string; kind: string; toName: string | null; toAddress: string; subject: string | null; text: string | null; linkKey: string | null; creationTime: string; url: string }
export interface InFull extends Trial { now: string; base: string; processes: ProcessIn[]; cases: CaseIn[]; cast: Member[]; guests: Guest[]; jobs: JobIn[]; mails: MailIn[] }
export interface Kept { passed: boolean; told: string; fileName: string; scenario: Record<string, unknown> }

const TRIALS = "/passerelle/v1/trials";
export const list = async (): Promise<Trial[]> => (await get<{ items: Trial[] }>(TRIALS)).items;
export const begin = (files: { name: string; content: string }[], name?: string): Promise<Trial> => post(TRIALS, { files, name });
export const ofDraft = (draftKey: string): Promise<Trial> => post(TRIALS, { draftKey });
/** The page of a trial, as the workbench's router knows it. */
export const pageOf = (trial: Trial): string => trial.url.replace(/^\/workbench/, "");
export const read = (key: string): Promise<InFull> => get(`${TRIALS}/${key}`);
export const drop = (key: string): Promise<void> => remove(`${TRIALS}/${key}`);
export const at = (key: string, what: string): string => `${TRIALS}/${key}/${what}`;
export type Who = { username: string; processDefinitionId?: string } | { linkKey: string };
export const wayIn = (key: string, who: Who, onPhone = false): Promise<{ url: string; qrCode: string | null }> => post(at(key, "acting"), { ...who, onPhone });
