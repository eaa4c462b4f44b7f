import type { Customer } from '@spawnpoint/contracts'
import { asciiEmail } from '@spawnpoint/service-kit'
import type { Panel } from '../panel-types/panel.ts'
import type { PanelUser } from '../panel-types/resources.ts'
import { isSameEmail } from '../rules/customer-key.ts'
import { usernameOf } from '../rules/panel-user.ts'
import type { PanelClient } from './panel-client.ts'
import { page, panelUser, userAttributes } from './resources.ts'

/** `bodyOf`: how the panel wants a new user. */
export function userCalls({ call, find }: PanelClient, bodyOf: (customer: Customer) => object = newUser) {
  async function findByEmail(email: string): Promise<PanelUser | null> {
    // The filter finds parts of an address and takes a comma for "or".
    const filter = encodeURIComponent(email.split(',')[0] ?? email)
    for (let number = 1; ; number += 1) {
      const { items, pages } = await call(
        `/users?filter[email]=${filter}&per_page=100&page=${number}`,
        page(userAttributes),
        { urgency: 'paid' },
      )
      const user = items.find((item) => isSameEmail(item.email, email))
      if (user) return user
      if (number >= pages) return null
    }
  }

  return {
    async findUser({ id, email }) {
      if (id !== null) {
        const user = await find(`/users/external/${encodeURIComponent(id)}`, panelUser, { urgency: 'paid' })
        // The panel compares without case and accents: then it is another customer's.
        if (user?.external_id === id) return user
      }
      for (const written of new Set([asciiEmail(email), email])) {
        const found = await findByEmail(written)
        if (found !== null) return found
      }
      return null
    },
    makeUser: (customer) =>
      call('/users', panelUser, { method: 'POST', body: bodyOf(customer), urgency: 'paid' }),
  } satisfies Partial<Panel>
}

/**
 * The panel's rule is Laravel's `email`, which takes letters of any script on both sides of the `@` (egulias/EmailValidator,
 * RFC 6531). Its database compares without accents, though, where müller.example and muller.example are two domains: it is
 * given the domain in ASCII, as mail servers use it.
 */
function newUser(customer: Customer) {
  // The panel takes a name of which nothing can be seen for none.
  const name = /[^\s\p{C}]/u.test(customer.name) ? customer.name : ''
  const [first, ...rest] = name.trim().split(/\s+/)
  return {
    email: asciiEmail(customer.email),
    username: usernameOf(customer),
    first_name: first || customer.email,
    // The panel wants both names.
    last_name: rest.join(' ') || '-',
    ...(customer.id === null ? {} : { external_id: customer.id }),
  }
}
