import { type ServiceName, type Stack, serviceNames } from '@spawnpoint/stack'

/** Stops the other services, once their schemas and streams are there: what is not measured is to cost nothing. */
export async function leaveOnly(wanted: readonly ServiceName[], { services }: Stack): Promise<void> {
  const others = serviceNames.filter((name) => !wanted.includes(name))
  await Promise.all(others.map((name) => services[name].stop()))
}
