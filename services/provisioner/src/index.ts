/** Starts the service, and its rule of what is done to a server next, without servers. */
export { nextStep } from './rules/next-step.ts'
export { startProvisioner } from './service.ts'
