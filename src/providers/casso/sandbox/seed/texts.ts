/** What people and banks write: as typed, as mangled on the way, and nothing at all. `#` becomes a number. */
export const CREDIT_TEXTS = [
  'CHUYEN TIEN DON HANG #',
  'Nguyễn Thị Ánh thanh toán đơn hàng #/2025',
  'MBVCB.#.TT HOA DON.CT tu 0071000123456',
  'Trả tiền cà phê bàn #, cảm ơn quán',
  'IBFT # "chuyen khoan" <nhanh> & gon',
  '',
] as const;

export const DEBIT_TEXTS = [
  'PHI DICH VU SMS BANKING THANG #',
  'Thanh toán tiền điện mã KH #',
  'TRA LUONG NV #',
] as const;

/** Name, account number, bank number, bank name; the last is hidden by the bank. */
export const COUNTERPARTIES = [
  ['NGUYEN THI ANH', '0011004455667', '970436', 'Vietcombank'],
  ['TRAN VAN CUONG', '19020001112223', '970407', 'Techcombank'],
  ['CONG TY CP DIEN LUC', '113000045678', '970415', 'VietinBank'],
  ['Lê Hoàng Yến', '0353888999', '970422', 'MBBank'],
  ['', '', '', ''],
] as const;
