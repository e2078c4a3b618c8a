// Generated from sales_order_item.json by the build: edit that file instead.

/** The fields of Sales Order Item. */
export interface SalesOrderItemFields {
  item_name: string | null
  qty: number
  rate: number
  amount: number
}
