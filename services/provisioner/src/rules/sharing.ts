export const sharingModes = ['never', 'by-email'] as const
/** Whether customers with one e-mail address share a user of the panel. */
export type Sharing = (typeof sharingModes)[number]
