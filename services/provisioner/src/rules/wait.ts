/** What a server waits for: a stable name, and a sentence that a person can act on. */
export type Wait = { class: string; message: string }
