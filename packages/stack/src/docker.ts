import { join } from 'node:path'
import { repositoryRoot } from './repository.ts'
import { runTool } from './run-tool.ts'

/** An engine and compose, not just the client: that is often installed with nothing behind it. */
export async function dockerAnswers(): Promise<boolean> {
  try {
    await runTool('docker', ['info'], { timeoutMs: 2_000 })
    await runTool('docker', ['compose', 'version'], { timeoutMs: 2_000 })
    return true
  } catch {
    return false
  }
}

export type ContainerServer = AsyncDisposable & { port: number }

/** Brings a service of `servers.compose.yaml` up, on a loopback port that Docker chooses. Its volume stays when it stops. */
export async function startContainer(
  service: 'mysql' | 'nats',
  containerPort: number,
  environment: Record<string, string> = {},
): Promise<ContainerServer> {
  const file = join(repositoryRoot, 'packages/stack/servers.compose.yaml')
  const compose = (...args: string[]) =>
    runTool('docker', ['compose', '--file', file, ...args], { env: { ...process.env, ...environment } })
  try {
    await compose('up', '--detach', '--wait', service)
    const address = await compose('port', service, String(containerPort))
    const port = Number(address.trim().split(':').at(-1))
    return { port, [Symbol.asyncDispose]: async () => void (await compose('stop', service)) }
  } catch (cause) {
    throw new Error(`docker compose could not start ${service}`, { cause })
  }
}
