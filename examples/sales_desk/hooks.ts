import { defineApp } from '@f-chat/desk'
import { seedDemo } from './demo/seed.ts'

/** A small trading house: customers, orders, employees, teams. */
export default defineApp({ name: 'sales_desk', title: 'Sales Desk', seed_demo: seedDemo })
