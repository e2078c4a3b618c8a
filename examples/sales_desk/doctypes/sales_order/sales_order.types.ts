// Generated from sales_order.json by the build: edit that file instead.

import type { SalesOrderItemFields } from '../sales_order_item/sales_order_item.types.ts'

/** The fields of Sales Order. */
export interface SalesOrderFields {
  customer: string | null
  status: 'Draft' | 'Confirmed' | 'To Deliver' | 'Delivered' | 'Invoiced' | 'Cancelled' | null
  order_date: string | null
  delivery_date: string | null
  items: SalesOrderItemFields[]
  grand_total: number
  remarks: string | null
}
