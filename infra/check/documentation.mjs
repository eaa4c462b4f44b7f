import { documented } from '../document.mjs'

/** The README's configuration table is what the services really read. */
export async function documentationHolds() {
  const { text, wanted } = await documented()
  return text === wanted ? [] : ['The configuration table in README.md is out of date: npm run document']
}
