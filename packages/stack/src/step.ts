/** Something that takes a moment, under a name; whoever gives one decides how it is shown. */
export type Step = <T>(title: string, work: () => Promise<T>, describe?: (result: T) => string) => Promise<T>

export const silently: Step = (_title, work) => work()
