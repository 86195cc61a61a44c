{
success: false,
status_code: 112,
message: 'Transaction Failed',
transaction_id: '07f967a5d1a40eed1840',
transaction_ref: 'Ymdns5454fh',
debitor_account: 'Ymdns4343fh',
reference_number: 'Ymdns5454fh'
}
