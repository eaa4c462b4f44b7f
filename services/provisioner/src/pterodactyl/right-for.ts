/** The right that the panel wants of a key for a call, in the words of its page of keys: `read on allocations`. */
export function rightFor(call: string): string {
  const [method = '', path = ''] = call.split(' ')
  const [, resource = '', , within = ''] = path.replace(/\?.*$/, '').split('/')
  const what = within === 'allocations' || within === 'eggs' ? within : resource
  return `${method === 'GET' ? 'read' : 'write'} on ${what}`
}
