import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { closeToOthers, writePrivateFile } from './private-files.ts'

/** The secret in `file`, made on first use and readable by its owner only. */
export function keptSecret(file: string): string {
  if (existsSync(file)) closeToOthers(file, 0o600)
  else writePrivateFile(file, randomBytes(24).toString('base64url'))
  return readFileSync(file, 'utf8').trim()
}
