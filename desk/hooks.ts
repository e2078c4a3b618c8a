import { defineApp } from './app.ts'

/** desk itself, as the first app of every site: users, roles, and the methods that every desk answers. */
export default defineApp({ name: 'desk', title: 'Desk' })
