import { documentOf, ValidationError } from '@f-chat/desk'
import type { SalesOrderFields } from './sales_order.types.ts'

const cents = (amount: number): number => Math.round(amount * 100) / 100

/** An order: its amounts follow from quantity and rate. */
export default class SalesOrder extends documentOf<SalesOrderFields>() {
  override validate(): void {
    if (this.order_date && this.delivery_date && this.delivery_date < this.order_date) {
      throw new ValidationError('The delivery date lies before the order date.')
    }
    for (const item of this.items) {
      if (item.qty <= 0)
        throw new ValidationError(`${item.item_name ?? 'Item'}: the quantity must be above 0.`)
      item.amount = cents(item.qty * item.rate)
    }
    this.grand_total = cents(this.items.reduce((sum, item) => sum + item.amount, 0))
  }
}
